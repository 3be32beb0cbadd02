"""Whose word counts, what is the same software, and when a source is given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.inventory.contracts import SoftwareVersion
from weakspot.inventory.rules.parts import Heard, describes, is_upload, outlived, rank, union
from weakspot.runtime.clock import DAY

NOW = 1_790_000_000_000_000


def fact(number: int, name: str = "zlib1g", version: str = "1.2", **fields: str) -> SoftwareVersion:
    values = {"type": "dpkg", "architecture": "amd64", "source_name": "", "source_version": "", "module": ""} | fields
    return SoftwareVersion(
        id=number, software_id=1, name=name, version=version, version_key=b"", scheme="dpkg", platform="Debian:12",
        vendor="", owned_by="", **values,
    )  # fmt: skip


def test_what_one_source_says_more_exactly_stands_for_both() -> None:
    facts = {1: fact(1, source_name="zlib", source_version="1.2"), 2: fact(2), 3: fact(3, architecture="")}
    assert union([("glpi", {2}), ("sensor", {1})], facts) == {1}
    assert union([("glpi", {2}), ("osquery", {3})], facts) == {2}
    assert union([("glpi", {2, 3})], facts) == {2, 3}


def test_what_differs_stays_apart() -> None:
    facts = {
        1: fact(1, source_name="zlib"), 2: fact(2, source_name="other"), 3: fact(3, version="1.3"),
        4: fact(4, architecture="i386"),
    }  # fmt: skip
    assert union([("sensor", {1}), ("ssh", {2}), ("glpi", {3}), ("osquery", {4})], facts) == {1, 2, 3, 4}


def test_a_kernel_is_seen_through_the_best_source() -> None:
    facts = {1: fact(1, module="kernel:not_running"), 2: fact(2, module="")}
    assert union([("glpi", {1}), ("sensor", {2})], facts) == {2}
    assert union([("glpi", {2}), ("sensor", {1})], facts) == {1}


def test_a_device_has_one_windows() -> None:
    facts = {1: fact(1, type="windows_os", version="10"), 2: fact(2, type="windows_os", version="11"), 3: fact(3)}
    assert union([("import:csv", {1, 3}), ("osquery", {2})], facts) == {2, 3}


@given(st.lists(st.tuples(st.sampled_from(["sensor", "glpi", "osquery", "sbom:a"]), st.sets(st.integers(0, 9))),
                max_size=4, unique_by=lambda one: one[0]))  # fmt: skip
def test_nothing_is_lost_but_what_another_part_says_better(parts: list[tuple[str, set[int]]]) -> None:
    facts = {i: fact(i, name=f"p{i % 5}", source_name="s" if i >= 5 else "") for i in range(10)}
    found = union(parts, facts)
    every = set().union(*(ids for _, ids in parts))
    assert found <= every
    assert {facts[i].name for i in found} == {facts[i].name for i in every}
    assert found == union(parts[::-1], facts)


def test_a_source_is_given_up_only_while_another_goes_on() -> None:
    old, fresh = NOW - 31 * DAY, NOW - DAY
    assert outlived([Heard("sensor", old), Heard("glpi", fresh)], NOW) == ["sensor"]
    assert outlived([Heard("sensor", old), Heard("glpi", old)], NOW) == []
    assert outlived([Heard("sbom:shop", old), Heard("sensor", fresh)], NOW) == []


def test_ranks() -> None:
    ordered = ["sensor", "ssh", "osquery", "glpi", "import:csv"]
    assert [rank(source) for source in ordered] == [0, 1, 2, 3, 4]
    assert is_upload("sbom:x")
    assert not is_upload("glpi")
    assert not describes("sbom:x")
    assert describes("import:csv")
