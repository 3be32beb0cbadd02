"""Exports as files: links that work without credentials while their caller may have them (spec/api.md 12.1)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.served import Served, serving
from weakspot.api.defender import export_files
from weakspot.api.defender.errors import ODataError, ResourceNotFound
from weakspot.api.defender.export_files import Link, hours, opened, sealed
from weakspot.runtime.vault import Vault

FILES = "/api/machines/SoftwareVulnerabilitiesExport"
ROWS = "/api/machines/SoftwareVulnerabilitiesByMachine"
LINK = Link(export="x", caller="token:5", group=1, after=3, until=9, at=1_000, expires_at=2_000)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("files")) as served:
        served.load_starter()
        for name in ("one", "two", "three"):
            served.enrol(name).report(("curl", "7.88.1-10"), ("bash", "5.2.15-2"))
        served.settle()
        yield served


def rows_of(served: Served, address: str) -> list[dict[str, object]]:
    answered = served.client.get(address.removeprefix("http://localhost:8484"))
    assert answered.status == 200, answered.body
    assert answered.headers["content-type"] == "application/gzip"
    return [json.loads(line) for line in gzip.decompress(answered.body).splitlines()]


def test_the_files_together_are_the_export(three: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "DEVICES_A_FILE", 2)
    document = three.call("GET", f"{FILES.lower()}?sasValidHours=6").json
    assert document["@odata.context"].endswith("#microsoft.windowsDefenderATP.api.ExportFilesResponse")
    assert len(document["exportFiles"]) == 2
    found = [row for address in document["exportFiles"] for row in rows_of(three, address)]
    assert found == three.call("GET", ROWS).json["value"]
    assert len({row["deviceId"] for row in found}) == 3
    for path in ("SecureConfigurationsAssessmentExport", "BaselineComplianceAssessmentExport"):
        (_, address) = three.call("GET", f"/api/machines/{path}").json["exportFiles"]
        assert rows_of(three, address) == []


def test_a_link_ends_with_its_time_and_with_its_caller(three: Served) -> None:
    token = three.token(name="importer")
    (address,) = three.client.get(FILES, **token).json["exportFiles"]
    path = address.removeprefix("http://localhost:8484")
    assert three.client.get(path).status == 200
    number = next(one["id"] for one in three.call("GET", "/api/v1/admin/api-tokens").json if one["name"] == "importer")
    three.call("DELETE", f"/api/v1/admin/api-tokens/{number}")
    assert three.client.get(path).status == 401, "who has no credentials is told no more"
    (mine,) = three.call("GET", FILES).json["exportFiles"]
    three.clock.forward(3_601)
    assert three.client.get(mine.removeprefix("http://localhost:8484")).status == 401


def test_who_sees_no_devices_gets_no_files_and_strangers_no_links(three: Served) -> None:
    assert three.client.get(FILES, **three.token(groups=[77])).json["exportFiles"] == []
    assert three.client.get(FILES).status == 401
    assert three.client.get("/api/exportFiles/abc").status == 401
    assert three.call("GET", "/api/exportFiles/abc").status == 404


def test_links_are_sealed(tmp_path: Path) -> None:
    vault, other = Vault(tmp_path), Vault(tmp_path / "other")
    (tmp_path / "other").mkdir()
    text = sealed(vault, LINK)
    assert opened(vault, text, 1_999) == LINK
    other.seal({}, "so that it has a key")
    foreign = sealed(other, LINK)
    changed = ("A" if text[0] != "A" else "B") + text[1:]
    for wrong in ("", "abc", "é", changed, text[:-8], foreign, "A" * 2_000):
        with pytest.raises(ResourceNotFound):
            opened(vault, wrong, 1_999)
    with pytest.raises(ResourceNotFound):
        opened(vault, text, 2_000)


@pytest.mark.parametrize(("query", "wanted"), [(b"", 1), (b"sasValidHours=6", 6), (b"$sasvalidhours=2&x=1", 2)])
def test_how_long_links_work(query: bytes, wanted: int) -> None:
    assert hours(query) == wanted


@pytest.mark.parametrize("query", [b"sasValidHours=0", b"sasValidHours=7", b"sasValidHours=x", b"sasValidHours=24"])
def test_how_long_links_cannot_work(query: bytes) -> None:
    with pytest.raises(ODataError):
        hours(query)
