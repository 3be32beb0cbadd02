"""Configuration: from a setting that does not comply to the device, and switching a check off."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.world import Device, Visit
from tests.support.server import ServerProcess

CHECK = "Keep root from signing in over SSH"
SETTING = "linux.sshd.permit_root_login"


def test_a_wrong_setting_is_found_mended_and_the_score_follows(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "config-1")
    device.report(("harmless", "1.0"), settings={SETTING: "yes"})
    page = visit.page
    visit.open("/", "Dashboard")
    expect(page.get_by_test_id("secure-score")).to_have_text("0.0 %")
    visit.go_to("Configuration")
    visit.expect_accessible()
    visit.row(CHECK).get_by_role("link", name=CHECK).click()
    expect(visit.flyout).to_contain_text("PermitRootLogin")
    expect(visit.row("Not compliant", visit.flyout)).to_contain_text("yes")
    visit.expect_accessible()
    visit.tab("Exposed devices")
    expect(visit.row("config-1", visit.flyout)).to_be_visible()
    device.report(("harmless", "1.0"), settings={SETTING: "no"})
    expect(visit.flyout.get_by_text("No such device in your scope.")).to_be_visible()
    visit.open(f"/devices/{device.id}?tab=checks&search=root", "config-1")
    expect(visit.row(CHECK)).to_contain_text("Compliant")
    visit.expect_accessible()
    visit.open("/checks?tab=score", "Configuration")
    expect(page.get_by_test_id("secure-score")).to_have_text("100.0 %")
    visit.expect_accessible()


def test_a_check_is_switched_off_with_a_reason(visit: Visit) -> None:
    page = visit.page
    visit.open("/checks?search=telnet", "Configuration")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("textbox", name="Reason").fill("There is no Telnet here")
    visit.press("Switch off for all devices")
    expect(visit.flyout.get_by_text("There is no Telnet here")).to_be_visible()
    visit.press("Close")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Switched off")
