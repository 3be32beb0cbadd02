"""From the list to the reason for a weakness, and on to the device."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.world import MARKUP, UNFIXED, WORST, Device, Visit
from tests.support.server import ServerProcess, running, sensor_command


def read_why(visit: Visit, name: str, device: str) -> None:
    """From the open list of weaknesses to the explanation of one on a device, and to the device's page."""
    page = visit.page
    visit.row(name).get_by_role("link", name=name).click()
    expect(visit.flyout.get_by_role("heading", level=2, name=name)).to_be_visible()
    visit.tab("Sources")
    expect(visit.flyout.get_by_text(name).first).to_be_visible()
    visit.tab("Exposed devices")
    visit.flyout.get_by_role("button", name=f"Why am I seeing this? {device}").click()
    steps = visit.flyout.get_by_role("listitem")
    expect(steps.filter(has_text="Report").first).to_be_visible()
    assert steps.count() >= 5
    visit.expect_accessible()
    visit.flyout.get_by_role("link", name=device, exact=True).click()
    visit.expect_heading(device)
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")


def test_the_worst_weakness_is_explained_down_to_the_device(visit: Visit, web01: Device) -> None:
    page = visit.page
    assert visit.address() == "/"  # the token has left the address
    visit.expect_accessible()
    visit.go_to("Weaknesses")
    worst = page.get_by_role("row").nth(1)
    expect(worst).to_contain_text("Critical")
    visit.expect_accessible()
    read_why(visit, WORST, "web01")
    assert visit.address() == f"/devices/{web01.id}"
    visit.expect_accessible()
    visit.tab("Discovered weaknesses")
    expect(visit.row(WORST)).to_contain_text("3.0.2-1")
    expect(visit.row(UNFIXED)).to_contain_text("No fix known")
    visit.expect_accessible()
    page.get_by_role("button", name=f"Why am I seeing this? {WORST}").click()
    expect(visit.flyout).to_contain_text("examplessl")
    expect(visit.flyout).to_contain_text("3.0.1-1")


def test_what_others_wrote_is_text(visit: Visit, web01: Device) -> None:
    page = visit.page
    page.goto(f"{page.url}weaknesses?open={WORST}")
    expect(visit.flyout.get_by_text(MARKUP)).to_be_visible()
    link = visit.flyout.get_by_role("link", name="https://example.org/advisory")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert visit.flyout.locator("a[href^=javascript]").count() == 0
    assert visit.flyout.locator("img, b").count() == 0
    assert page.title() == "Weaknesses - Weakspot"


def test_software_leads_to_its_weaknesses_and_devices(visit: Visit, web01: Device) -> None:
    visit.go_to("Software inventory")
    expect(visit.row("harmless")).to_be_visible()
    visit.row("examplessl").get_by_role("link", name="examplessl").click()
    expect(visit.flyout).to_contain_text("3.0.1-1")
    visit.expect_accessible()
    visit.tab("Discovered weaknesses")
    expect(visit.row(WORST, visit.flyout)).to_be_visible()
    visit.tab("Installed devices")
    expect(visit.row("web01", visit.flyout)).to_be_visible()


def test_the_intelligence_page_tells_the_age_of_every_feed(visit: Visit) -> None:
    visit.go_to("Intelligence")
    expect(visit.row("Own advisories")).to_contain_text("Read")
    visit.expect_accessible()


@pytest.mark.real_data
@pytest.mark.full
def test_this_machine_is_explained_from_real_advisories(page: Page, axe: str, tmp_path: Path, real_data: Path) -> None:
    with running(tmp_path / "weakspot") as server:
        outcomes = server.sync(debian_alone(real_data, tmp_path / "mirror"), "osv", "kev")
        assert {outcome["status"] for outcome in outcomes} == {"succeeded"}, outcomes
        report_this_machine(server, tmp_path / "sensor")
        worst = server.get("/api/v1/weaknesses?page_size=1")["items"][0]["name"]
        device = server.get("/api/v1/devices")["items"][0]["name"]
        visit = Visit(page, axe)
        visit.sign_in(server.sign_in_url())
        visit.go_to("Weaknesses")
        read_why(visit, worst, device)
        assert visit.complaints == []


def debian_alone(real_data: Path, folder: Path) -> Path:
    """A mirror of what this machine needs: loading everything takes minutes."""
    (folder / "osv").mkdir(parents=True)
    (folder / "osv" / "Debian").symlink_to(real_data / "osv" / "Debian")
    (folder / "kev").symlink_to(real_data / "kev")
    return folder


def report_this_machine(server: ServerProcess, state: Path) -> None:
    """Enrol this machine with the real sensor and send one full report."""
    token = server.enrolment_token().encode()
    for arguments in (["enrol", "--server", server.url, "--token", "-"], ["once"]):
        command = [*sensor_command(), *arguments, "--state", str(state)]
        subprocess.run(command, input=token, check=True, capture_output=True, timeout=120)
