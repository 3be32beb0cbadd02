"""Own advisories: written by API or laid into a mirror, one source; neither closes what the other says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.intel.conftest import NOW, Knowledge
from weakspot import intel
from weakspot.intel import own
from weakspot.runtime.errors import Conflict, InvalidField, NotFound


def advisory(record_id: str, fixed: str = "2.0", **more: Any) -> bytes:
    affected = {
        "package": {"ecosystem": "PyPI", "name": f"pkg-{record_id.lower()}"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    }
    head = {"id": record_id, "modified": "2026-01-01T00:00:00Z", "summary": f"flaw {record_id}"}
    return json.dumps(head | {"affected": [affected]} | more).encode()


def write(knowledge: Knowledge, document: bytes) -> bool:
    return knowledge.database.write(lambda conn: intel.write_own(conn, document, NOW, "user:1:ada"))[1]


def load(knowledge: Knowledge, mirror: Path | None = None) -> intel.Published:
    with knowledge.database.read() as conn:
        reader = intel.own_reader(conn, mirror)
    return knowledge.load(reader)


def fixed(knowledge: Knowledge, record_id: str) -> list[str | None]:
    return [claim.fixed for claim in knowledge.claims(("PyPI", f"pkg-{record_id.lower()}"))]


def lay(mirror: Path, record_id: str, **more: Any) -> Path:
    path = mirror / "own" / f"{record_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(advisory(record_id, **more))
    return path


def test_what_is_written_is_in_force_and_goes_when_it_is_taken_back(knowledge: Knowledge) -> None:
    assert write(knowledge, advisory("ACME-1"))
    assert load(knowledge).identities == {("PyPI", "pkg-acme-1")}
    assert fixed(knowledge, "ACME-1") == ["2.0"]
    assert not write(knowledge, advisory("ACME-1", "3.0")), "the same id is replaced"
    load(knowledge)
    assert fixed(knowledge, "ACME-1") == ["3.0"]
    knowledge.database.write(lambda conn: intel.remove_own(conn, "ACME-1"))
    load(knowledge)
    assert fixed(knowledge, "ACME-1") == []
    assert knowledge.differences() == []


def test_an_older_date_does_not_keep_a_replacement_out(knowledge: Knowledge) -> None:
    write(knowledge, advisory("ACME-1", modified="2026-05-01T00:00:00Z"))
    load(knowledge)
    write(knowledge, advisory("ACME-1", "9.0", modified="2025-01-01T00:00:00Z"))
    load(knowledge)
    assert fixed(knowledge, "ACME-1") == ["9.0"]


def test_a_run_without_a_mirror_leaves_its_files_in_force(knowledge: Knowledge, tmp_path: Path) -> None:
    lay(tmp_path / "mirror", "ACME-1")
    load(knowledge, tmp_path / "mirror")
    write(knowledge, advisory("ACME-2"))
    load(knowledge)
    assert (fixed(knowledge, "ACME-1"), fixed(knowledge, "ACME-2")) == (["2.0"], ["2.0"])
    version = knowledge.version()
    load(knowledge, tmp_path / "mirror")
    load(knowledge, tmp_path / "elsewhere")
    load(knowledge)
    assert knowledge.version() == version, "nothing new in any of these"
    assert (fixed(knowledge, "ACME-1"), fixed(knowledge, "ACME-2")) == (["2.0"], ["2.0"])


def test_a_file_that_goes_closes_its_own_and_nothing_of_the_other(knowledge: Knowledge, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    lay(mirror, "ACME-1")
    gone = lay(mirror, "ACME-3")
    write(knowledge, advisory("ACME-2"))
    load(knowledge, mirror)
    gone.unlink()
    load(knowledge, mirror)
    assert [fixed(knowledge, f"ACME-{n}") for n in (1, 2, 3)] == [["2.0"], ["2.0"], []]
    assert knowledge.differences() == []


def test_of_the_same_id_in_both_the_newer_counts_and_the_other_comes_back(knowledge: Knowledge, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    lay(mirror, "ACME-1", fixed="1.0", modified="2026-01-01T00:00:00Z")
    load(knowledge, mirror)
    write(knowledge, advisory("ACME-1", "2.0", modified="2026-02-01T00:00:00Z"))
    load(knowledge)
    assert fixed(knowledge, "ACME-1") == ["2.0"]
    knowledge.database.write(lambda conn: intel.remove_own(conn, "ACME-1"))
    load(knowledge)
    load(knowledge, mirror)
    assert fixed(knowledge, "ACME-1") == ["1.0"]
    assert knowledge.differences() == []


def test_a_withdrawn_advisory_claims_nothing_and_stays_visible(knowledge: Knowledge) -> None:
    write(knowledge, advisory("ACME-1"))
    load(knowledge)
    write(knowledge, advisory("ACME-1", withdrawn="2026-03-01T00:00:00Z"))
    load(knowledge)
    assert fixed(knowledge, "ACME-1") == []
    assert knowledge.facts("ACME-1").withdrawn_at is not None


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"{", "is not as its format says"),
        (b"[]", "is not as its format says"),
        (b'{"summary": "x"}', "missing required field `id`"),
        (advisory("ACME 1"), "has no usable id"),
        (advisory("ACME-1", modified=None), "lacks modified"),
        (advisory("ACME-1", modified="yesterday"), "Invalid isoformat"),
        (advisory("ACME-1", summary=""), "says nothing"),
        (advisory("ACME-1", affected=[]), "names no affected versions"),
        (advisory("ACME-1", affected=[{"package": {"ecosystem": "Pypy", "name": "x"}, "versions": ["1"]}]), "Pypy"),
        (advisory("ACME-1", affected=[{"package": {"ecosystem": "cpe", "name": "x"}, "versions": ["1"]}]), "vendor:"),
        (advisory("ACME-1", affected=[{"package": 7}]), "affected[0].package"),
        (advisory("ACME-1", details="x" * own.MAX_BYTES), "at most 524,288 bytes"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(knowledge: Knowledge, document: bytes, told: str) -> None:
    with pytest.raises(InvalidField) as caught:
        write(knowledge, document)
    assert told in f"{caught.value.detail} {caught.value.field}"
    with knowledge.database.read() as conn:
        assert intel.own_advisories(conn) == []
        assert not intel.has_own(conn)


def test_they_are_listed_by_id_a_page_at_a_time(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "PAGE", 2)
    for record_id in ("ACME-2", "ACME-1", "ACME-3"):
        write(knowledge, advisory(record_id))
    with knowledge.database.read() as conn:
        first = intel.own_advisories(conn)
        assert [one.record_id for one in first] == ["ACME-1", "ACME-2"]
        assert (first[0].title, first[0].software) == ("flaw ACME-1", ("PyPI/pkg-acme-1",))
        assert [one.record_id for one in intel.own_advisories(conn, "ACME-2")] == ["ACME-3"]
        assert json.loads(intel.own_advisory(conn, "ACME-3").document) == json.loads(advisory("ACME-3"))


def test_bounds_and_what_is_not_there(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "MAX_ADVISORIES", 1)
    write(knowledge, advisory("ACME-1"))
    with pytest.raises(Conflict):
        write(knowledge, advisory("ACME-2"))
    write(knowledge, advisory("ACME-1", "7"))
    with pytest.raises(NotFound):
        knowledge.database.write(lambda conn: intel.remove_own(conn, "ACME-9"))
    with knowledge.database.read() as conn, pytest.raises(NotFound):
        intel.own_advisory(conn, "ACME-2")
