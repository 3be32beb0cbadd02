"""Signing in and out, and what an address holds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.world import MILD, WORST, Device, Visit
from tests.support.server import ServerProcess


def test_a_link_works_once_and_says_how_to_get_another(page: Page, axe: str, server: ServerProcess) -> None:
    link = server.sign_in_url()
    visit = Visit(page, axe)
    visit.sign_in(link)
    page.context.clear_cookies()
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("weakspot link", exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Ask for a new link")
    assert "token" not in page.url
    visit.expect_accessible()
    page.go_back()
    assert "token" not in page.url
    assert link.partition("=")[2] not in server.log


def test_signing_out_ends_the_session_in_every_tab(visit: Visit, server: ServerProcess) -> None:
    other = visit.page.context.new_page()
    other.goto(f"{server.url}/devices")
    expect(other.get_by_role("heading", level=1, name="Devices")).to_be_visible()
    visit.page.get_by_role("button", name="Account of").click()
    visit.page.get_by_role("menuitem", name="Sign out").click()
    for tab in (visit.page, other):
        expect(tab.get_by_text("weakspot link", exact=True)).to_be_visible()
    visit.complaints.clear()  # the browser tells of every refused request


def test_filters_sort_and_panel_are_in_the_address(visit: Visit, web01: Device) -> None:
    page = visit.page
    visit.go_to("Weaknesses")
    page.get_by_role("button", name="Severity: All").click()
    page.get_by_role("menuitemcheckbox", name="Critical").click()
    page.keyboard.press("Escape")
    expect(visit.row(MILD)).to_have_count(0)
    page.get_by_role("button", name="CVSS").click()
    visit.row(WORST).get_by_role("link", name=WORST).click()
    expect(visit.flyout).to_be_visible()
    assert visit.address() == f"/weaknesses?severity=Critical&sort=-cvss_score&open={WORST}"
    page.reload()
    expect(visit.flyout.get_by_role("heading", name=WORST)).to_be_visible()
    page.go_back()
    expect(visit.flyout).to_have_count(0)
    expect(visit.row(WORST)).to_be_visible()
    expect(visit.row(MILD)).to_have_count(0)


def test_a_wrong_address_is_answered_with_what_is_wrong(visit: Visit, server: ServerProcess) -> None:
    page = visit.page
    page.goto(f"{server.url}/weaknesses?severity=Terrible")
    expect(page.get_by_role("main")).to_contain_text("severity")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.goto(f"{server.url}/devices/{'0' * 40}")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.goto(f"{server.url}/no/such/page")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    visit.complaints.clear()  # the browser tells of every refused request


def test_everything_can_be_done_with_the_keyboard(visit: Visit, web01: Device) -> None:
    page = visit.page
    visit.go_to("Weaknesses")
    link = visit.row(WORST).get_by_role("link", name=WORST)
    link.focus()
    page.keyboard.press("ArrowDown")
    expect(link).not_to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(visit.flyout).to_be_visible()
    page.keyboard.press("Escape")
    expect(visit.flyout).to_have_count(0)
    search = page.get_by_role("combobox", name="Search devices, software and weaknesses")
    search.focus()
    page.keyboard.type("web01")
    expect(page.get_by_role("option", name="web01")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    visit.expect_heading("web01")


def test_columns_are_chosen_and_a_list_is_exported(visit: Visit, web01: Device) -> None:
    page = visit.page
    visit.go_to("Weaknesses")
    page.get_by_role("button", name="Customise columns").click()
    page.get_by_role("menuitemcheckbox", name="Title").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="Title")).to_be_visible()
    assert "columns=name,severity" in visit.address()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert WORST in download.value.path().read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(visit: Visit, web01: Device, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit.go_to("Weaknesses")
    expect(visit.row(WORST)).to_be_visible()
    visit.expect_accessible()
