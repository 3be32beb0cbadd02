from __future__ import annotations

from typing import Any

import pytest

from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import search
from weakspot.runtime.errors import BadQuery


def hits(fleet: SmallFleet, text: str, scope: Any = None) -> list[tuple[str, str]]:
    with fleet.world.read() as read:
        return [(one.kind, one.label) for one in search.search(read, scope or fleet.everything, text)]


def test_finds_devices_software_and_weaknesses(fleet: SmallFleet) -> None:
    assert hits(fleet, "desk") == [("device", "desk")]
    assert hits(fleet, "SSL") == [("software", "libssl3")]
    assert hits(fleet, "cve-2099-0003") == [("weakness", "CVE-2099-0003")]
    assert hits(fleet, "ghsa-aaaa-bbbb-cccc") == [("weakness", "CVE-2099-0001")]
    assert hits(fleet, fleet.mail.public_id) == [("device", "mail-9")]
    assert hits(fleet, "  ") == []
    assert hits(fleet, "no such thing") == []


def test_tells_how_many_devices_are_exposed(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        exposed, unexposed = (
            search.search(read, fleet.everything, name)[0].detail for name in ("CVE-2099-0001", "CVE-2099-0005")
        )
    assert exposed == "Key exchange reads too far (2 devices exposed)"
    assert unexposed == "Of no installed software (no device exposed)"


def test_scope_hides_what_others_have(fleet: SmallFleet) -> None:
    assert hits(fleet, "desk", fleet.only_servers) == []
    assert hits(fleet, fleet.desk.public_id, fleet.only_servers) == []
    assert hits(fleet, "flask", fleet.only_servers) == []
    with fleet.world.read() as read:
        hidden = search.search(read, fleet.only_servers, "CVE-2099-0004")[0]
    assert hidden.detail == "Cookie confusion (no device exposed)"


def test_refuses_long_texts(fleet: SmallFleet) -> None:
    with pytest.raises(BadQuery):
        hits(fleet, "x" * 201)
