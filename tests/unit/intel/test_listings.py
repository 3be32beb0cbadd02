"""weakspot.intel.listings: records are told apart by key, and listings come back as they were packed."""

from __future__ import annotations

import pytest

from weakspot.intel.contracts import (
    AdvisoryRecord,
    EpssDay,
    EvidenceRecord,
    LifecycleRecord,
    Supersedence,
)
from weakspot.intel.listings import Listing, key_of, keys_of, pack_listing, unpack_listing
from weakspot.intel.sources.base import Record


def test_kinds_and_what_they_are_about_make_the_key() -> None:
    records: list[Record] = [
        AdvisoryRecord(record_id="CVE-2024-1111"),
        EvidenceRecord(name="CVE-2024-1111", kind="kit"),
        EvidenceRecord(name="CVE-2024-1111", kind="public"),
        LifecycleRecord(product="debian", cycle="12"),
        Supersedence("KB2", "KB1"),
        Supersedence("KB2", "KB1", "windows"),
    ]
    assert len({key_of(record) for record in records}) == len(records)
    with pytest.raises(TypeError, match="EpssDay"):
        key_of(EpssDay("2026-01-01", "v1"))


def test_a_listing_is_the_same_after_packing() -> None:
    listing: Listing = {"a.json": ("1f", [("advisory", "CVE-2024-1111"), ("evidence", "kit|x")]), "b.json": ("", [])}
    assert unpack_listing(pack_listing(listing)) == listing
    assert keys_of(listing) == {("advisory", "CVE-2024-1111"), ("evidence", "kit|x")}
