"""What the journeys meet: advisories, reporting devices, and a visit to the console."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.served import device as described
from tests.support.served import digest, item
from tests.support.server import ServerProcess

MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'


def advisory(name: str, package: str, fixed: str | None, *, vector: str, summary: str) -> dict[str, Any]:
    """An OSV record about one Debian package."""
    events: list[dict[str, str]] = [{"introduced": "0"}]
    if fixed is not None:
        events.append({"fixed": fixed})
    return {
        "schema_version": "1.6.0",
        "id": name,
        "summary": summary,
        "details": f"An invented flaw for tests. {MARKUP}",
        "published": "2026-01-02T00:00:00Z",
        "modified": "2026-01-03T00:00:00Z",
        "severity": [{"type": "CVSS_V3", "score": vector}],
        "affected": [
            {
                "package": {"ecosystem": "Debian:12", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
        "references": [
            {"type": "WEB", "url": "https://example.org/advisory"},
            {"type": "WEB", "url": "javascript:document.title=2"},
        ],
    }


REMOTE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCAL = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
WORST = "CVE-2099-1001"
UNFIXED = "CVE-2099-1002"
MILD = "CVE-2099-1003"
LATER = "CVE-2099-1004"
FIXABLE = "CVE-2099-1011"
EXCUSED = "CVE-2099-1012"
DISPUTED = "CVE-2099-1013"
ATTACKED = "CVE-2099-1014"
GUARDED = "CVE-2099-1015"

ADVISORIES = (
    advisory(WORST, "examplessl", "3.0.2-1", vector=REMOTE, summary="Anyone can read everything"),
    advisory(UNFIXED, "exampled", None, vector=REMOTE, summary="No fix for this one"),
    advisory(MILD, "examplessl", "3.0.2-1", vector=LOCAL, summary="Hard to use"),
    advisory(FIXABLE, "fixable", "2.0-1", vector=REMOTE, summary="Fixed by an update"),
    advisory(EXCUSED, "excused", "2.0-1", vector=REMOTE, summary="Somebody else takes care"),
    advisory(DISPUTED, "disputed", "2.0-1", vector=REMOTE, summary="It is not so"),
    advisory(ATTACKED, "attacked", "2.0-1", vector=REMOTE, summary="Somebody uses it"),
    advisory(GUARDED, "guarded", "2.0-1", vector=REMOTE, summary="It can be kept out"),
)

EXPLOITED = {
    "title": "An invented catalogue",
    "catalogVersion": "2026.01.05",
    "dateReleased": "2026-01-05T00:00:00.0000Z",
    "count": 1,
    "vulnerabilities": [
        {
            "cveID": GUARDED,
            "vendorProject": "Example",
            "product": "guarded",
            "vulnerabilityName": "An invented flaw",
            "dateAdded": "2026-01-05",
            "shortDescription": "An invented flaw for tests.",
            "requiredAction": "Let nobody in until the update is there.",
            "dueDate": "2026-02-05",
            "knownRansomwareCampaignUse": "Unknown",
            "notes": "",
            "cwes": [],
        }
    ],
}
"""What is known to be exploited, as its catalogue says it: with an action that takes the place of the update."""


class Device:
    """A device whose sensor is the test."""

    def __init__(self, server: ServerProcess, name: str) -> None:
        self._server = server
        self._name = name
        self._sequence = 0
        body = {"token": server.enrolment_token(), "device": described(name)}
        enrolled = server.request("POST", "/api/sensor/v1/enrol", body)
        assert enrolled.status == 200, enrolled.body
        self.id = enrolled.json["device_id"]
        self._headers = {"Authorization": f"Bearer {enrolled.json['device_key']}"}

    def report(self, *packages: tuple[str, str], settings: dict[str, str] | None = None) -> None:
        """Send the whole inventory: names and versions of Debian packages, and configuration settings."""
        self._sequence += 1
        items = [item(name, version) for name, version in packages]
        report = {
            "schema": 1,
            "report_id": str(uuid.uuid4()),
            "sequence": self._sequence,
            "kind": "full",
            "observed_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "sensor": {"name": "weakspot-sensor", "version": "0.1.0"},
            "digest": digest(items),
            "device": described(self._name),
            "software": items,
        }
        if settings is not None:
            report["details"] = {"settings": [{"name": name, "value": value} for name, value in settings.items()]}
        answered = self._server.request("POST", "/api/sensor/v1/reports", report, headers=self._headers)
        assert answered.status == 200, answered.body


class Visit:
    """What somebody does in the console, in their own words. ``complaints``: errors of the browser's console."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._axe = axe
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda text: self.complaints.append(text.text) if text.type == "error" else None)

    @property
    def flyout(self) -> Locator:
        """The open panel."""
        return self.page.get_by_role("dialog")

    def sign_in(self, link: str) -> None:
        """Open a sign-in link and wait for the dashboard with its live updates."""
        self.page.goto(link)
        self.expect_heading("Dashboard")
        expect(self.page.locator("[data-live=live]")).to_be_visible()

    def expect_heading(self, title: str) -> None:
        """Wait for a page by its title, also behind an open panel."""
        heading = self.page.get_by_role("heading", level=1, name=title, exact=True, include_hidden=True)
        expect(heading).to_be_visible()

    def go_to(self, area: str) -> None:
        """Choose an area of the navigation."""
        self.page.get_by_role("navigation", name="Areas").get_by_role("link", name=area, exact=True).click()
        self.expect_heading(area)

    def tab(self, name: str) -> None:
        """Choose a tab of the page or panel."""
        self.page.get_by_role("tab", name=name).click()

    def row(self, text: str, within: Locator | None = None) -> Locator:
        """Rows of the open table that hold a text."""
        return (within or self.page.get_by_role("main")).get_by_role("row").filter(has_text=text)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of the open form's list."""
        self.page.get_by_role("combobox", name=label, exact=True).select_option(label=option)

    def press(self, name: str) -> None:
        """Press a button of the open panel."""
        self.flyout.get_by_role("button", name=name, exact=True).click()

    def open(self, address: str, title: str) -> None:
        """Open a page by its address."""
        self.page.goto(re.sub(r"(?<=\d)/.*$", address, self.page.url))
        self.expect_heading(title)

    def expect_accessible(self) -> None:
        """No violation of WCAG 2.1 A and AA on what is open now, once it is loaded."""
        expect(self.page.get_by_label("Loading")).to_have_count(0)
        # Text that still fades in has no contrast yet.
        self.page.evaluate(
            """Promise.allSettled(document.getAnimations()
                 .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime ?? 0))
                 .map((one) => one.finished))"""
        )
        self.page.evaluate(self._axe)
        # Tabster's invisible stops hold the focus inside a panel; they are empty and hidden on purpose.
        # All rules run; what passes is not described, which took four times as long as the rules.
        found = self.page.evaluate(
            """axe.run({ exclude: ["[data-tabster-dummy]"] },
                       { resultTypes: ["violations"],
                         runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] })
                  .then(({ violations }) => violations)"""
        )
        told = [f"{one['id']}: {one['help']} {[node['html'] for node in one['nodes']]}" for one in found]
        assert told == [], "\n".join(told)

    def address(self) -> str:
        """Path and query of the open page."""
        return re.sub(r"^https?://[^/]+", "", self.page.url)
