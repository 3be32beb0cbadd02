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


def test_a_profile_is_written_judges_a_device_and_is_changed(visit: Visit, server: ServerProcess) -> None:
    """spec/features.md 17.1: "Wizard: name, scope, configurations, groups/tags, review, submit"; "Device page: Baseline
    compliance tab"."""
    device = Device(server, "judged-1")
    device.report(("harmless", "1.0"), settings={SETTING: "no"})
    page = visit.page
    visit.open("/baselines?open=new", "Security baselines")
    page.get_by_role("textbox", name="Name", exact=True).fill("Own servers")
    visit.press("Next")
    visit.press("Next")
    visit.flyout.get_by_role("checkbox", name=CHECK).check()
    visit.choose(f"Expected of: {CHECK}", "Equals")
    page.get_by_role("textbox", name=f"Value of: {CHECK}").fill("no")
    visit.expect_accessible()
    for name in ("Next", "Next", "Make the profile"):
        visit.press(name)
    expect(visit.flyout.get_by_role("heading", name="Own servers")).to_be_visible()
    visit.tab("Settings")
    expect(visit.row(CHECK, visit.flyout)).to_contain_text("Own")
    visit.tab("Devices")
    expect(visit.row("judged-1", visit.flyout)).to_contain_text("Compliant")
    visit.expect_accessible()
    visit.press("Change")
    page.get_by_role("textbox", name="Name", exact=True).fill("Own hosts")
    for name in ("Next", "Next", "Next", "Next", "Save"):
        visit.press(name)
    expect(visit.flyout.get_by_role("heading", name="Own hosts")).to_be_visible()
    visit.open(f"/devices/{device.id}?tab=baselines", "judged-1")
    expect(page.get_by_role("heading", name="Own hosts")).to_be_visible()
    expect(visit.row(CHECK)).to_contain_text("Compliant")
    visit.expect_accessible()


def test_a_device_is_left_out_of_a_setting_on_the_page_of_the_profiles(visit: Visit, server: ServerProcess) -> None:
    """spec/features.md 17.1: "Exceptions tab: create"; "Covered pairs are not assessed"."""
    device = Device(server, "exempt-1")
    device.report(("harmless", "1.0"), settings={SETTING: "yes"})
    page = visit.page
    visit.open("/baselines?tab=exceptions", "Security baselines")
    expect(page.get_by_text("No device is left out of a setting.")).to_be_visible()
    page.get_by_role("button", name="New exception").click()
    visit.choose("Setting", CHECK)
    page.get_by_label("Global: all current and future devices").check()
    visit.press("Next")
    page.get_by_label("Risk accepted").check()
    page.get_by_label("Justification context").fill("It is thrown away at night")
    visit.expect_accessible()
    for name in ("Next", "Next", "Submit"):
        visit.press(name)
    expect(visit.flyout.get_by_role("link", name="Open it")).to_be_visible()
    visit.open("/baselines?tab=exceptions", "Security baselines")
    visit.row(CHECK).get_by_role("link", name=CHECK).click()
    expect(visit.flyout).to_contain_text("It is thrown away at night")
    visit.expect_accessible()
    visit.press("Cancel exception")
    expect(visit.flyout).to_contain_text("Cancelled")
