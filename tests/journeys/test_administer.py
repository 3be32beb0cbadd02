"""What administrators do: people and roles, several devices at once, merging, uploads, VEX files, intakes."""

from __future__ import annotations

import json

from playwright.sync_api import Browser, expect

from tests.journeys.world import EXCUSED, Device, Visit
from tests.support.server import ServerProcess
from weakspot.remediation.vex import FLEET

CLOSED = "http://127.0.0.1:9"
"""Nothing answers there."""


def test_a_new_role_says_what_a_new_person_may_do(visit: Visit, browser: Browser) -> None:
    page = visit.page
    visit.open("/settings?tab=roles&open=new-role", "Settings")
    page.get_by_role("textbox", name="Name", exact=True).fill("Help desk")
    page.get_by_role("checkbox", name="Active remediation: exceptions").check()
    visit.expect_accessible()
    visit.press("Make the role")
    expect(visit.row("Help desk")).to_contain_text("Active remediation: exceptions")
    visit.tab("People")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Grace")
    visit.choose("Role", "Help desk")
    visit.press("Add")
    visit.row("Grace").get_by_role("link").click()
    visit.press("Make a sign-in link")
    link = visit.flyout.get_by_role("textbox", name="Link").input_value()
    visit.expect_accessible()

    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    theirs = context.new_page()
    theirs.goto(link)
    expect(theirs.get_by_role("button", name="Account of Grace")).to_be_visible()
    theirs.get_by_role("navigation", name="Areas").get_by_role("link", name="Settings").click()
    expect(theirs.get_by_role("tab", name="Remediation and exceptions")).to_be_visible()
    expect(theirs.get_by_role("tab", name="Roles")).to_have_count(0)
    context.close()


def test_several_devices_are_tagged_at_once(visit: Visit, server: ServerProcess) -> None:
    for name in ("shelf-1", "shelf-2"):
        Device(server, name).report(("harmless", "1.0"))
    page = visit.page
    visit.open("/devices?search=shelf-", "Devices")
    page.get_by_role("checkbox", name="Choose all on this page").check()
    expect(page.get_by_text("2 devices chosen")).to_be_visible()
    visit.expect_accessible()
    page.get_by_role("button", name="Manage devices").click()
    page.get_by_label("Give these tags").fill("store room\nspare (old), left")
    visit.press("Save tags")
    expect(visit.flyout.get_by_text("Saved for 2 devices.")).to_be_visible()
    visit.expect_accessible()
    visit.press("Done with these devices")
    for name in ("shelf-1", "shelf-2"):
        expect(visit.row(name)).to_contain_text("store room")


def test_a_device_is_merged_into_another_and_comes_back(visit: Visit, server: ServerProcess) -> None:
    for name in ("twin-old", "twin-new"):
        Device(server, name).report(("harmless", "1.0"))
    page = visit.page
    visit.open("/devices?search=twin-old", "Devices")
    visit.row("twin-old").get_by_role("link", name="twin-old").click()
    visit.expect_heading("twin-old")
    page.get_by_role("button", name="Manage device").click()
    page.get_by_label("Find the other device").fill("twin-")
    option = page.get_by_role("option", name="twin-new")
    expect(option).to_be_attached()
    visit.choose("It is the same as", option.inner_text())
    page.get_by_label("Why they are the same").fill("Its mainboard was changed")
    visit.press("Merge")
    visit.expect_heading("twin-new")
    # The page that is left may have asked once more for the device that is gone.
    visit.complaints[:] = [one for one in visit.complaints if "404" not in one]
    undo = page.get_by_role("button", name="Undo the merge")
    expect(undo).to_be_visible()
    visit.expect_accessible()
    undo.click()
    expect(undo).to_have_count(0)
    visit.open("/devices?search=twin-", "Devices")
    expect(visit.row("twin-old")).to_be_visible()


def test_an_inventory_makes_a_device(visit: Visit) -> None:
    page = visit.page
    table = b"name,version\nlibexample,1.0\nother,2.0\n"
    visit.open("/devices", "Devices")
    page.get_by_role("button", name="Upload an inventory").click()
    visit.flyout.locator("input[type=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": table}
    )
    page.get_by_label("Name of the device").fill("press-1")
    visit.press("Upload")
    visit.flyout.get_by_role("link", name="press-1").click()
    visit.expect_heading("press-1")


def test_exceptions_come_and_go_as_vex(visit: Visit, server: ServerProcess) -> None:
    Device(server, "vex-1").report(("excused", "1.0-1"))
    statement = {
        "vulnerability": {"name": EXCUSED},
        "products": [{"@id": FLEET}],
        "status": "not_affected",
        "justification": "inline_mitigations_already_exist",
        "impact_statement": "A filter stands in front",
    }
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.org/vex/1",
        "author": "Example",
        "timestamp": "2026-01-02T00:00:00Z",
        "version": 1,
        "statements": [statement],
    }
    page = visit.page
    visit.open("/remediation?tab=exceptions", "Remediation")
    page.get_by_role("button", name="Import VEX").click()
    visit.flyout.locator("input[type=file]").set_input_files(
        {"name": "vex.json", "mimeType": "application/json", "buffer": json.dumps(document).encode()}
    )
    visit.expect_accessible()
    visit.press("Upload")
    expect(visit.flyout.get_by_text("1 exception asked for")).to_be_visible()
    visit.press("Close")
    expect(visit.row(EXCUSED)).to_contain_text("Active")
    page.get_by_role("button", name="Export as VEX").click()
    with page.expect_download() as told:
        page.get_by_role("menuitem", name="OpenVEX").click()
    assert EXCUSED in told.value.path().read_text("utf-8")


def test_another_product_is_mapped_and_heard(visit: Visit, server: ServerProcess) -> None:
    Device(server, "watched-1").report(("harmless", "1.0"))
    page = visit.page
    visit.open("/detections?tab=intakes&open=new", "Detections")
    page.get_by_role("textbox", name="Name", exact=True).fill("acme-edr")
    page.get_by_role("textbox", name="Product", exact=True).fill("Acme EDR")
    page.get_by_role("textbox", name="Id of the event").fill("key")
    page.get_by_role("textbox", name="Title", exact=True).fill("what.text")
    page.get_by_role("textbox", name="Device: names").fill("where")
    visit.expect_accessible()
    visit.press("Save")
    expect(visit.row("Acme EDR")).to_contain_text("/api/v1/detections/acme-edr")
    event = {"key": "1", "what": {"text": "Somebody was here"}, "where": "watched-1"}
    server.admin("POST", "/api/v1/detections/acme-edr", [event])
    visit.tab("Detections")
    expect(visit.row("Somebody was here")).to_contain_text("watched-1")


def test_a_product_that_is_asked_for_alerts_is_connected_and_tried(visit: Visit) -> None:
    page = visit.page
    visit.open("/detections?tab=pulls&open=new", "Detections")
    visit.flyout.get_by_label("Client secret").fill("s")
    for name, value in {"Name": "Contoso", "Tenant": "t", "Client id": "c", "Url": CLOSED, "Login url": CLOSED}.items():
        visit.flyout.get_by_role("textbox", name=name, exact=True).fill(value)
    visit.press("Connect")
    visit.row("Contoso").get_by_role("link", name="Contoso").click()
    visit.press("Ask once now")
    expect(visit.flyout.get_by_role("group").filter(has_text="did not answer").first).to_be_visible()
    visit.expect_accessible()
    visit.press("Forget Contoso")
    visit.press("Really forget Contoso?")
    expect(page.get_by_text("No product is asked for alerts")).to_be_visible()


def test_a_token_is_made_listed_and_revoked(visit: Visit) -> None:
    visit.open("/settings?tab=tokens&open=new", "Settings")
    visit.flyout.get_by_label("Name").fill("Reporting")
    visit.press("Make the token")
    expect(visit.flyout.get_by_text("Reporting works until")).to_be_visible()
    visit.press("Close")
    expect(visit.row("Reporting")).to_contain_text("All of Reader")
    visit.row("Reporting").get_by_role("button", name="Revoke Reporting").click()
    visit.row("Reporting").get_by_role("button", name="Really revoke Reporting?").click()
    expect(visit.row("Reporting")).to_contain_text("Revoked")
    visit.expect_accessible()


def test_the_sensor_page_and_the_feed_tell_of_a_device(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "fed-1")
    device.report(("harmless", "1.0"))
    device.report(("harmless", "2.0"))
    visit.open(f"/devices/{device.id}?tab=troubles", "fed-1")
    expect(visit.page.get_by_text("Nothing is wrong with its sensor")).to_be_visible()
    visit.expect_accessible()
    visit.open("/devices?tab=feed&change=updated", "Devices")
    expect(visit.row("fed-1")).to_contain_text("2.0")
    visit.expect_accessible()
