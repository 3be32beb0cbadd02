from __future__ import annotations

import pytest

from weakspot.inventory.contracts import MAX_ITEMS
from weakspot.inventory.protocols.base import MAX_REFUSED, Gathering, printable, stem


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [
        ("", "1", "has no name"),
        (None, "1", "has no name"),
        ("x" * 2_000, "1", "has a name of 2,000 characters; at most 1,024 are read"),
        ("open\u202essl", "1", "has control or direction marks in its name"),
        ("a\x00b", "1", "has control or direction marks in its name"),
        ("a", "1" * 10_000_000, "has a version of 10,000,000 characters; at most 1,024 are read"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(name: str, version: str, reason: str) -> None:
    gathering = Gathering()
    gathering.add("dpkg", name, version)
    assert gathering.items == ()
    (refused,) = gathering.refused
    assert refused.reason == reason
    assert len(refused.name) <= 200
    assert len(refused.version) <= 200


def test_odd_versions_are_kept_as_they_are() -> None:
    gathering = Gathering()
    for version in ("-1", "1\x00", "1\u202e2", ".".join("1" * 400), ""):
        gathering.add("dpkg", "a", version)
    assert len(gathering.items) == 5


def test_marks_around_a_name_and_old_encodings_are_mended() -> None:
    gathering = Gathering()
    gathering.add("macos_app", "\u200eWhatsApp", "1")
    gathering.add("macos_app", "résumé".encode().decode("latin-1"), "1")
    gathering.add("macos_app", "Zażółć".encode().decode("latin-1"), "1")
    assert [item.name for item in gathering.items] == ["WhatsApp", "rÃ©sumÃ©", "Zażółć"]


def test_equal_records_become_one() -> None:
    gathering = Gathering()
    gathering.add("npm", "a", "1", paths=("/x",))
    gathering.add("npm", "a", "1", paths=("/y",))
    assert [item.paths for item in gathering.items] == [("/x", "/y")]
    assert gathering.repeated == 1


def test_items_and_refusals_are_bounded() -> None:
    gathering = Gathering()
    for number in range(MAX_ITEMS + 5):
        gathering.add("npm", f"p{number}", "1")
    assert len(gathering.items) == MAX_ITEMS
    assert len(gathering.refused) == 5
    for _ in range(MAX_REFUSED + 50):
        gathering.refuse("", "", "is no object")
    assert len(gathering.refused) == MAX_REFUSED + 1


def test_names() -> None:
    assert stem("a/b\\host.status.gz") == "host"
    assert stem(".gz") == "unnamed"
    assert printable("plain é \u2066x\x07") == "plain é x"
