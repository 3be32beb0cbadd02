"""What happens elsewhere appears on the open page, without a reload."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.world import LATER, REMOTE, WORST, Device, Visit, advisory
from tests.support.server import ServerProcess

VISIBLE_WITHIN_MS = 60_000


def never_reloads(page: Page) -> None:
    """Leave a mark in the page; ``is_same_page`` tells whether it is still there."""
    page.evaluate("window.isSamePage = true")


def is_same_page(page: Page) -> bool:
    """Whether the page has not been loaded again since the mark."""
    return page.evaluate("window.isSamePage === true") is True


def test_an_update_closes_the_weakness_and_stays_in_the_history(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "live01")
    device.report(("examplessl", "3.0.1-1"))
    page = visit.page
    page.goto(f"{server.url}/devices/{device.id}?tab=weaknesses")
    expect(visit.row(WORST)).to_be_visible()
    expect(page.locator("[data-live=live]")).to_be_visible()
    never_reloads(page)
    device.report(("examplessl", "3.0.2-1"))
    expect(visit.row(WORST)).to_have_count(0, timeout=VISIBLE_WITHIN_MS)
    page.get_by_role("button", name="State: Open").click()
    page.get_by_role("menuitemradio", name="Closed").click()
    expect(visit.row(WORST)).to_be_visible()
    visit.tab("Change history")
    expect(visit.row("Updated")).to_contain_text("3.0.2-1")
    assert is_same_page(page)


def test_a_new_device_appears_in_the_list(visit: Visit, server: ServerProcess) -> None:
    visit.go_to("Devices")
    never_reloads(visit.page)
    Device(server, "live02").report(("harmless", "1.0"))
    expect(visit.row("live02")).to_be_visible(timeout=VISIBLE_WITHIN_MS)
    assert is_same_page(visit.page)


def test_a_new_advisory_appears_in_the_list(visit: Visit, server: ServerProcess, mirror: Path) -> None:
    Device(server, "live03").report(("examplelib", "1.0"))
    visit.go_to("Weaknesses")
    expect(visit.row(LATER)).to_have_count(0)
    never_reloads(visit.page)
    dropped = advisory(LATER, "examplelib", "1.1", vector=REMOTE, summary="Found later")
    (mirror / "own" / f"{LATER}.json").write_text(json.dumps(dropped))
    server.sync(mirror, "own")
    expect(visit.row(LATER)).to_be_visible(timeout=VISIBLE_WITHIN_MS)
    assert is_same_page(visit.page)
