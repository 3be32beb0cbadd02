"""What people set: device groups, tags, the value of a device; and that every page can be used by everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.world import Device, Visit
from tests.support.server import ServerProcess

PAGES = {
    "/recommendations": "Recommendations",
    "/plan?actions=3&secure_score=90": "Plan",
    "/remediation": "Remediation",
    "/remediation?tab=exceptions": "Remediation",
    "/remediation?tab=mitigations": "Remediation",
    "/weaknesses?tab=ssvc": "Weaknesses",
    "/timeline": "Event timeline",
    "/history": "History",
    "/history?since=2026-01-01": "History",
    "/software": "Software inventory",
    "/certificates": "Certificates",
    "/devices?tab=changes": "Devices",
    "/devices?tab=feed": "Devices",
    "/detections": "Detections",
    "/detections?tab=intakes": "Detections",
    "/detections?tab=pulls&open=new": "Detections",
    "/intelligence?tab=own": "Intelligence",
    "/intelligence?tab=vex": "Intelligence",
    "/corrections": "Corrections",
    "/corrections?tab=feedback": "Corrections",
    "/settings": "Settings",
    "/settings?open=new": "Settings",
    "/settings?tab=tags": "Settings",
    "/settings?tab=context": "Settings",
    "/settings?tab=identity": "Settings",
    "/settings?tab=scans&open=new": "Settings",
    "/settings?tab=notifications&open=new-channel": "Settings",
    "/settings?tab=trackers&open=new": "Settings",
    "/settings?tab=remediation": "Settings",
    "/settings?tab=enrolment": "Settings",
    "/settings?tab=people&open=new": "Settings",
    "/settings?tab=tokens&open=new": "Settings",
    "/checks": "Configuration",
    "/baselines": "Security baselines",
    "/baselines?open=new": "Security baselines",
    "/vulnerable-devices": "Vulnerable devices",
    "/vulnerable-devices?tab=devices&severity=Critical": "Vulnerable devices",
    "/nothing-here": "There is no such page",
}


def test_a_group_takes_the_devices_of_its_rule(visit: Visit, server: ServerProcess) -> None:
    Device(server, "kiosk-1").report(("harmless", "1.0"))
    page = visit.page
    visit.open("/settings?open=new", "Settings")
    page.get_by_role("textbox", name="Name", exact=True).fill("Kiosks")
    name = visit.flyout.get_by_role("group", name="Device name")
    name.get_by_role("combobox").select_option(label="starts with")
    name.get_by_role("textbox").fill("kiosk-")
    visit.press("Show matching devices")
    expect(visit.row("kiosk-1", visit.flyout)).to_be_visible()
    visit.press("Make the group")
    expect(visit.row("Kiosks")).to_contain_text("Device name starts with kiosk-")
    visit.open("/devices?search=kiosk", "Devices")
    expect(visit.row("kiosk-1")).to_contain_text("Kiosks")


def test_a_device_is_tagged_valued_and_excluded(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "desk-1")
    device.report(("harmless", "1.0"))
    page = visit.page
    visit.open(f"/devices/{device.id}", "desk-1")
    page.get_by_role("button", name="Manage device").click()
    page.get_by_label("New tag").fill("rack 3, left (old)")
    visit.press("Add")
    expect(visit.flyout.get_by_role("button", name="Remove rack 3, left (old)")).to_be_visible()
    page.get_by_label("Device value").select_option("High")
    visit.press("Save")
    expect(visit.flyout.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("textbox", name="Reason").fill("Not ours any more")
    visit.expect_accessible()
    visit.press("Exclude the device")
    expect(visit.flyout.get_by_text("Excluded: Not ours any more")).to_be_visible()
    visit.press("Count it again")
    visit.open("/settings?tab=tags", "Settings")
    visit.row("rack 3, left (old)").get_by_role("link").click()
    visit.expect_heading("Devices")
    expect(visit.row("desk-1")).to_be_visible()


IN_THE_DARK = ("/history", "/settings?open=new", "/remediation")
SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_page_is_accessible(visit: Visit, web01: Device, shard: int) -> None:
    for address in list(PAGES)[shard::SHARDS]:
        visit.open(address, PAGES[address])
        visit.expect_accessible()


def test_pages_are_accessible_in_the_dark(visit: Visit, web01: Device) -> None:
    visit.page.emulate_media(color_scheme="dark")
    for address in IN_THE_DARK:
        visit.open(address, PAGES[address])
        visit.expect_accessible()
