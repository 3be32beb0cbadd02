"""Three devices in two groups, with software and weaknesses that only one of the groups has."""

from __future__ import annotations

from tests.support.world import (
    EVERYTHING,
    Scope,
    World,
    advisory,
    debian,
    dpkg,
    known_exploited,
    pypi,
    python_package,
)
from weakspot.runtime.clock import DAY

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
MEDIUM = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L"


class SmallFleet:
    """web and mail are in the group Servers, desk is in Office.

    CVE-2099-0001 openssl, critical, known exploited, on web and desk; 0002 openssl without a fix, on all
    three; 0003 exim, on mail alone; 0004 flask (PyPI), on desk alone; 0005 nobody has.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        now = world.clock.at
        self.servers = world.group("Servers")
        self.office = world.group("Office")
        self.everything = EVERYTHING
        self.only_servers = Scope(frozenset({self.servers}))
        self.only_office = Scope(frozenset({self.office}))
        self.nobody = Scope(frozenset())
        self.web = world.enrol("web-10", group=self.servers)
        self.mail = world.enrol("mail-9", group=self.servers)
        self.desk = world.enrol("desk", group=self.office, value="High")
        world.know(
            "osv",
            advisory(
                "CVE-2099-0001",
                debian("openssl", fixed="3.0.15-1"),
                cvss=CRITICAL,
                title="Key exchange reads too far",
                aliases=("GHSA-aaaa-bbbb-cccc",),
                published_at=now - 9 * DAY,
                modified_at=now - 2 * DAY,
                url="https://advisories.example/1",
            ),
            advisory("CVE-2099-0002", debian("openssl"), cvss=MEDIUM, title="Timing leak", published_at=now - 5 * DAY),
            advisory("CVE-2099-0003", debian("exim4", fixed="4.97-1"), cvss=MEDIUM, title="Header injection"),
            advisory("CVE-2099-0004", pypi("flask", fixed="3.0.0"), title="Cookie confusion"),
            advisory("CVE-2099-0005", debian("nginx", fixed="1.24-1"), title="Of no installed software"),
        )
        world.know("kev", known_exploited("CVE-2099-0001", "2026-09-01"))
        world.epss("2026-09-20", CVE_2099_0001=0.9, CVE_2099_0002=0.01, CVE_2099_0003=0.2)
        world.report(
            self.web,
            dpkg("libssl3", "3.0.11-1", source="openssl"),
            dpkg("bash", "5.2-1", paths=("/bin/bash",), installed_at="2026-01-02T03:04:05Z"),
        )
        world.report(self.mail, dpkg("exim4", "4.96-1"), dpkg("libssl3", "3.0.15-1", source="openssl"))
        world.report(
            self.desk,
            dpkg("libssl3", "3.0.11-1", source="openssl"),
            python_package("Flask", "2.3.0"),
            python_package("leftpad", "1.0", owned_by="dpkg:python3-leftpad"),
        )
