from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.inventory.protocols.support import document
from weakspot.inventory import protocols
from weakspot.inventory.protocols import Document
from weakspot.runtime.errors import InputError, TooLarge, WeakspotError


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", "[1,2]", "<a/>", "hello", "\x00\x01", '{"software": 5}'])
def test_what_is_no_inventory_is_said_to_be_none(content: str) -> None:
    with pytest.raises(InputError, match="no inventory that is known here"):
        protocols.recognise(document(content))


def test_readers_have_distinct_names() -> None:
    names = [reader.name for reader in protocols.READERS]
    assert len(set(names)) == len(names) == 14


def test_archives_hold_several_documents() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", "[]")
        archive.writestr("b/c.json", "{}")
    assert [one.name for one in protocols.unpack(packed.getvalue(), "x.zip")] == ["a.json", "b/c.json"]
    with pytest.raises(InputError, match="cannot be read"):
        protocols.unpack(packed.getvalue()[:60], "x.zip")


def test_gzip_is_taken_off_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Document(gzip.compress(b"[]"), "x").json == []
    with pytest.raises(InputError, match="cut off"):
        Document(gzip.compress(b"[" * 5_000)[:-9], "x")
    with pytest.raises(InputError, match="damaged"):
        Document(b"\x1f\x8b" + b"\x00" * 40, "x")
    monkeypatch.setattr("weakspot.inventory.protocols.documents.MAX_BYTES", 1_000)
    with pytest.raises(TooLarge, match="unpacks to more"):
        Document(gzip.compress(b" " * 100_000), "x")
    with pytest.raises(TooLarge, match="split it"):
        Document(b" " * 1_001, "x")


def test_depth_is_bounded() -> None:
    assert document("[" * 200_000).json is None
    assert document("<a>" * 5_000 + "</a>" * 5_000).xml is None


def test_document_types_and_entities_are_refused() -> None:
    assert document('<!DOCTYPE bom [<!ENTITY a "b">]><bom>&a;</bom>').xml is None


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_our_own_errors(data: bytes) -> None:
    try:
        for one in protocols.unpack(data, "x"):
            protocols.read(one)
    except WeakspotError:
        return


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["software", "name", "version", "device", "os", "bomFormat", "components", "purl", "content", "softwares",
             "family", "packages", "windowsKB", "deviceid", "spdxVersion", "@graph", "@context", "type", "kernel",
             "metadata"]
        ),
        inner | st.sampled_from(["CycloneDX", "windows", "spdx", "pkg:deb/a@1", "software_Package"]),
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(_json)
def test_no_json_raises_anything_but_our_own_errors(value: object) -> None:
    try:
        protocols.read(document(value))
    except WeakspotError:
        return
