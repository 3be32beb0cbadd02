"""From what is weak to what is done about it: requests, exceptions, corrections, detections, the plan."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.world import ATTACKED, DISPUTED, EXCUSED, MARKUP, Device, Visit
from tests.support.server import ServerProcess


def test_a_request_follows_the_devices_until_they_show_the_fix(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "act01")
    device.report(("fixable", "1.0-1"))
    page = visit.page
    visit.go_to("Recommendations")
    visit.row("fixable").get_by_role("link", name="fixable").first.click()
    expect(visit.flyout).to_contain_text("2.0-1")
    visit.expect_accessible()
    visit.tab("Exposed devices")
    expect(visit.row("act01", visit.flyout)).to_be_visible()
    visit.press("Request remediation")
    visit.press("Next")
    page.get_by_label("Notes").fill(MARKUP)
    visit.press("Next")
    expect(visit.flyout).to_contain_text(MARKUP)
    visit.expect_accessible()
    visit.press("Submit")
    visit.flyout.get_by_role("link", name="Open it").click()
    visit.expect_heading("Remediation")
    expect(visit.flyout).to_contain_text("0 / 1")
    expect(visit.flyout.locator("img, b")).to_have_count(0)
    visit.expect_accessible()
    device.report(("fixable", "2.0-1"))
    expect(visit.flyout).to_contain_text("1 / 1")
    expect(visit.flyout).to_contain_text("System confirmation")


def test_an_exception_is_asked_for_seen_and_ended(visit: Visit, server: ServerProcess) -> None:
    Device(server, "act02").report(("excused", "1.0-1"))
    page = visit.page
    visit.open(f"/weaknesses?open={EXCUSED}", "Weaknesses")
    visit.press("Exception options")
    page.get_by_label("Global: all current and future devices").check()
    visit.press("Next")
    page.get_by_label("Alternate mitigation").check()
    expect(visit.flyout.get_by_role("button", name="Next", exact=True)).to_have_attribute("aria-disabled", "true")
    page.get_by_label("Justification context").fill("A filter stands in front")
    visit.press("Next")
    visit.press("Next")
    visit.expect_accessible()
    visit.press("Submit")
    visit.flyout.get_by_role("link", name="Open it").click()
    visit.expect_heading("Remediation")
    expect(visit.flyout).to_contain_text("A filter stands in front")
    visit.expect_accessible()
    visit.open("/weaknesses?exposed=any&search=excused", "Weaknesses")
    visit.open(f"/weaknesses?open={EXCUSED}&view=devices", "Weaknesses")
    expect(visit.flyout).to_contain_text("No device in your scope is exposed")
    visit.open("/remediation?tab=exceptions", "Remediation")
    visit.row(EXCUSED).get_by_role("link").first.click()
    visit.press("Cancel exception")
    expect(visit.flyout).to_contain_text("Cancelled")
    visit.open(f"/weaknesses?open={EXCUSED}&view=devices", "Weaknesses")
    expect(visit.row("act02", visit.flyout)).to_be_visible()


def test_a_reported_inaccuracy_counts_once_it_is_approved(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "act03")
    device.report(("disputed", "1.0-1"))
    page = visit.page
    visit.open(f"/devices/{device.id}?tab=weaknesses", "act03")
    page.get_by_role("button", name=f"Why am I seeing this? {DISPUTED}").click()
    visit.press("Report inaccuracy")
    expect(visit.flyout).to_contain_text("Advisories name it disputed in Debian:12.")
    visit.choose("What is true instead", "The software is not affected")
    page.get_by_label("Every version").check()
    page.get_by_role("textbox", name="Reason").fill("The part is not built in")
    visit.expect_accessible()
    visit.press("Report")
    visit.flyout.get_by_role("link", name="Review the reports").click()
    visit.expect_heading("Corrections")
    visit.row(DISPUTED).get_by_role("link", name=DISPUTED).click()
    visit.expect_accessible()
    visit.press("Approve")
    expect(visit.flyout).to_contain_text("In force")
    visit.open(f"/devices/{device.id}?tab=weaknesses", "act03")
    expect(page.get_by_text("No findings")).to_be_visible()


def test_a_detection_marks_the_weakness_and_the_device(visit: Visit, server: ServerProcess) -> None:
    device = Device(server, "act04")
    device.report(("attacked", "1.0-1"))
    event = {"id": "one", "title": f"Attack {MARKUP}", "severity": "High", "device": {"id": device.id}}
    taken = server.admin("POST", "/api/v1/detections/generic", {**event, "vulnerabilities": [ATTACKED]})
    assert (taken.status, taken.json["correlated"]) == (200, 1), taken.body
    visit.open(f"/weaknesses?search={ATTACKED}", "Weaknesses")
    expect(visit.row(ATTACKED).get_by_role("img", name="Associated active detection")).to_be_visible()
    visit.open("/detections", "Detections")
    visit.row("Attack").get_by_role("link", name="Attack").click()
    expect(visit.flyout.get_by_text(MARKUP).first).to_be_visible()
    expect(visit.flyout.get_by_role("link", name=ATTACKED)).to_be_visible()
    visit.expect_accessible()
    visit.choose("Status", "Resolved")
    visit.press("Save")
    expect(visit.flyout.get_by_role("definition").filter(has_text="Resolved")).to_be_visible()
    visit.open(f"/weaknesses?search={ATTACKED}", "Weaknesses")
    expect(visit.row(ATTACKED)).to_be_visible()
    expect(visit.row(ATTACKED).get_by_role("img", name="Associated active detection")).to_have_count(0)


def test_a_plan_for_a_goal_can_be_shared(visit: Visit, web01: Device) -> None:
    page = visit.page
    visit.open("/plan", "Plan")
    expect(visit.row("examplessl")).to_be_visible()
    visit.expect_accessible()
    page.get_by_label("Reach an exposure score").check()
    page.get_by_role("textbox", name="Exposure score", exact=True).fill("0")
    page.get_by_role("button", name="Make the plan").click()
    expect(page).to_have_url(page.url.split("/plan")[0] + "/plan?score=0")
    expect(page.get_by_text("The goal cannot be reached")).to_be_visible()  # one weakness has no fix
    visit.row("examplessl").get_by_role("link", name="examplessl").click()
    visit.expect_heading("Recommendations")
    expect(visit.flyout).to_contain_text("3.0.2-1")


def test_a_mitigation_is_stated_with_evidence_listed_and_taken_back(visit: Visit, server: ServerProcess) -> None:
    Device(server, "guard-1").report(("guarded", "1.0-1"))
    page = visit.page
    visit.open("/recommendations?search=guarded", "Recommendations")
    visit.row("guarded").get_by_role("link", name="Update guarded").click()
    visit.tab("Alternate mitigations")
    expect(visit.flyout).to_contain_text("Let nobody in until the update is there.")
    visit.press("Say that it is applied")
    page.get_by_role("textbox", name="How it is known").fill("Change 4711")
    visit.expect_accessible()
    visit.press("Save")
    expect(visit.flyout).to_contain_text("Applied on 1 of 1 exposed device")
    visit.expect_accessible()
    visit.open("/remediation?tab=mitigations", "Remediation")
    expect(visit.row("Change 4711")).to_contain_text("Applied")
    visit.expect_accessible()
    visit.row("Change 4711").get_by_role("link", name="Update guarded").click()
    visit.flyout.get_by_role("button", name="Take back the statement").click()
    visit.flyout.get_by_role("button", name="Really take back the statement").click()
    expect(visit.flyout).to_contain_text("Applied on 0 of 1 exposed device")


def test_what_is_wrong_with_a_software_is_reported_and_decided(visit: Visit, web01: Device) -> None:
    page = visit.page
    visit.open("/software?search=harmless", "Software inventory")
    visit.row("harmless").get_by_role("link", name="harmless").click()
    visit.flyout.get_by_role("button", name="Something else is wrong").click()
    visit.choose("What is wrong", "Not installed on any device")
    page.get_by_role("textbox", name="In your words").fill("It went with the old image")
    visit.expect_accessible()
    visit.press("Send")
    expect(visit.flyout.get_by_text("Thank you.")).to_be_visible()
    visit.open("/corrections?tab=feedback", "Corrections")
    expect(visit.row("It went with the old image")).to_contain_text("Open")
    visit.row("It went with the old image").get_by_role("button", name="Done").click()
    expect(visit.row("It went with the old image").get_by_role("button")).to_have_count(0)
    visit.expect_accessible()


def test_an_activity_is_completed_by_hand_only_when_asked_twice(visit: Visit, server: ServerProcess) -> None:
    """spec/features.md 7.3: "user marks complete"."""
    Device(server, "hand-1").report(("excused", "1.0-1"))
    visit.open("/recommendations?search=excused", "Recommendations")
    visit.row("excused").get_by_role("link", name="Update excused").click()
    visit.press("Request remediation")
    for name in ("Next", "Next", "Submit"):
        visit.press(name)
    visit.flyout.get_by_role("link", name="Open it").click()
    visit.expect_heading("Remediation")
    visit.press("Mark as completed Update excused to 2.0-1")
    asked = visit.flyout.get_by_role("button", name="Really mark as completed Update excused to 2.0-1?")
    expect(asked).to_be_visible()
    expect(visit.flyout).to_contain_text("Active since")
    visit.expect_accessible()
    asked.click()
    expect(visit.flyout).to_contain_text("Completed since")
    expect(visit.flyout.get_by_role("button", name="Mark as completed")).to_have_count(0)


def test_an_inaccuracy_of_a_recommendation_waits_for_review(visit: Visit, server: ServerProcess) -> None:
    """spec/features.md 6.8: "From recommendation (three-dot menu), CVE and software flyouts"."""
    Device(server, "wrong-1").report(("fixable", "1.0-1"))
    page = visit.page
    visit.open("/recommendations?search=fixable", "Recommendations")
    visit.row("fixable").get_by_role("link", name="Update fixable").click()
    visit.press("Report inaccuracy")
    expect(visit.flyout.get_by_role("link", name="fixable")).to_be_visible()
    visit.choose("What is wrong", "The number of devices is wrong")
    page.get_by_role("textbox", name="In your words").fill("It is two")
    visit.expect_accessible()
    visit.press("Send")
    expect(visit.flyout).to_contain_text("An administrator sees it")
    visit.open("/corrections?tab=feedback", "Corrections")
    expect(visit.row("It is two")).to_be_visible()
