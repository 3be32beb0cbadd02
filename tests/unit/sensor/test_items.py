from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sensor.support import item
from weakspot_sensor import items, limits

_IDENTITIES = st.lists(st.tuples(*[st.text(max_size=3)] * 6), max_size=8, unique=True)


def test_the_digest_is_the_sum_of_the_hashes() -> None:
    one, two = ("dpkg", "a", "1", "", "a", "1"), ("dpkg", "b", "2", "", "b", "2")
    total = sum(int(hashlib.sha256("\x1f".join(key).encode()).hexdigest(), 16) for key in (one, two))
    assert items.digest([one, two]) == f"{total % 2**256:064x}"
    assert items.digest([]) == "0" * 64


@given(_IDENTITIES)
def test_the_digest_does_not_depend_on_the_order(keys: list[items.Identity]) -> None:
    assert items.digest(keys) == items.digest(reversed(keys))
    assert keys == [] or items.digest(keys) != items.digest(keys[1:])


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")),
)
def test_a_difference_applied_gives_the_target(before: dict[str, str], after: dict[str, str]) -> None:
    old = items.merge(item(name, "1", path=path) for name, path in before.items())
    new = items.merge(item(name, "1", path=path) for name, path in after.items())
    assert items.apply(old, *items.difference(old, new)) == new


def test_equal_items_are_joined() -> None:
    one = item("a", path="/x", vendor="", installed_at=200.0)
    two = item("a", path="/a", vendor="Maker", installed_at=100.0)
    one["owned_by"] = "dpkg:a"
    (joined,) = items.merge([one, two]).values()
    assert joined["paths"] == ["/a", "/x"]
    assert (joined["vendor"], joined["installed_at"]) == ("Maker", "1970-01-01T00:01:40.000000Z")
    assert joined["owned_by"] == "", "the copy without an owner has to be judged by itself"
    assert one["paths"] == ["/x"], "what was joined is left as it was"


def test_copies_that_all_have_owners_stay_owned() -> None:
    one, two = item("a", path="/x"), item("a", path="/a")
    one["owned_by"], two["owned_by"] = "dpkg:z", "dpkg:b"
    assert next(iter(items.merge([one, two]).values()))["owned_by"] == "dpkg:b"


def test_paths_are_bounded() -> None:
    (joined,) = items.merge(item("a", path=f"/{number}") for number in range(50)).values()
    assert len(joined["paths"]) == limits.PATHS_PER_ITEM


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.characters(categories=["Cs", "Cc"])))
def test_text_is_always_fit_for_a_report(value: object) -> None:
    found = items.text(value)
    assert len(found) <= limits.TEXT_CHARACTERS
    assert "\x1f" not in found
    assert found.encode("utf-8").decode("utf-8") == found


def test_text_is_cut() -> None:
    assert items.text("x" * 5000) == "x" * limits.TEXT_CHARACTERS
    assert items.short("x" * 5000) == "x" * limits.SHORT_CHARACTERS


def test_a_package_without_an_own_source_is_its_own() -> None:
    assert items.identity(item("a", "2"))[4:] == ("a", "2")


@pytest.mark.parametrize("seconds", [1e30, float("nan"), float("inf"), -1e30])
def test_impossible_times_are_empty(seconds: float) -> None:
    assert items.instant(seconds) == ""
    assert item("a", installed_at=seconds)["installed_at"] is None
