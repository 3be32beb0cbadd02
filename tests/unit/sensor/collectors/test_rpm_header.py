from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sensor.collectors.rpm_fixture import database, header, package
from weakspot_sensor.collectors import rpm_header

GOOD = package("bash", "5", "1", epoch=3, base_names=["a", "b"], dir_names=["/x/", "/y/"], dir_indexes=[1, 0])


def test_texts_and_files() -> None:
    found = rpm_header.texts(GOOD)
    assert (found["NAME"], found["VERSION"], found["EPOCH"]) == ("bash", "5", "3")
    assert rpm_header.owned(GOOD, frozenset(("/y/a", "/x/b", "/x/a"))) == {"/y/a": "bash", "/x/b": "bash"}


def test_unknown_tags_are_skipped_and_wrong_types_refused() -> None:
    assert "NAME" not in rpm_header.texts(header({7777: "x"}))
    with pytest.raises(rpm_header.HeaderError, match="unexpected type"):
        rpm_header.texts(struct.pack(">IIIIII", 1, 4, 1000, 7, 0, 4) + b"abc\0")


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=8))
def test_damaged_headers_are_refused_or_read_never_worse(place: int, damage: bytes) -> None:
    for blob in (GOOD[:place] + damage + GOOD[place + len(damage) :], GOOD[:place]):
        with contextlib.suppress(rpm_header.HeaderError):
            assert all(isinstance(value, str) for value in rpm_header.texts(blob).values())
        assert isinstance(rpm_header.owned(blob, frozenset(("/y/a",))), dict)


def test_blobs_of_a_database(tmp_path: Path) -> None:
    database(tmp_path / "odd ?#name.sqlite", [b"one", b"two"])
    assert list(rpm_header.blobs(str(tmp_path / "odd ?#name.sqlite"))) == [b"one", b"two"]
    (tmp_path / "text").write_text("not a database at all, but long enough to look at")
    with pytest.raises(rpm_header.HeaderError):
        list(rpm_header.blobs(str(tmp_path / "text")))
