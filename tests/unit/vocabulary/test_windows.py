"""weakspot.vocabulary.windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.vocabulary.windows import UpdateSet, product_of, read_update_set, update_number, update_set

X64 = "windows 10 version 21h2 for x64-based systems"
R2 = "windows server 2008 r2 for x64-based systems service pack 1"
SERVER_2003 = "microsoft windows server 2003 x64 edition service pack 2"


@pytest.mark.parametrize(
    ("name", "version", "architecture", "product"),
    [
        ("Windows 10 Version 21H2 for x64-based Systems", "10.0.19044.2364", "", X64),
        ("Microsoft Windows 10 Pro", "10.0.19044 N/A Build 19044", "x64-based PC", X64),
        ("Microsoft Windows 10 Pro", "10.0.10240", "X86-based PC", "windows 10 for 32-bit systems"),
        ("Windows 11 Pro", "10.0.22631.3155", "arm64", "windows 11 version 23h2 for arm64-based systems"),
        ("Windows 11 Version 25H2 for ARM systems", "", "", "windows 11 version 25h2 for arm64-based systems"),
        ("Windows 11 Home 24H2", "", "", "windows 11 version 24h2 for x64-based systems"),
        ("Microsoft Windows Server 2012 R2 Standard", "6.3.9600", "x64", "windows server 2012 r2"),
        ("Windows Server 2022 (Server Core installation)", "", "", "windows server 2022 (server core installation)"),
        ("Windows Server 2019", "", "", "windows server 2019"),
        ("Windows Server Datacenter", "10.0.18363", "x64", "windows server, version 1909 (server core installation)"),
        ("Windows Server 2008 R2 Standard", "6.1.7601", "x64", R2),
        ("Windows Server 2008 Standard", "6.0.6003", "x86", "windows server 2008 for 32-bit systems service pack 2"),
        ("Windows 7 Enterprise", "6.1.7600", "x64", "windows 7 for x64-based systems"),
        ("Microsoft® Windows Vista™ Ultimate", "6.0.6002", "x64", "windows vista x64 edition service pack 2"),
        ("Windows XP Professional Service Pack 3", "5.1.2600", "x86", "microsoft windows xp service pack 3"),
        ("Windows Server 2003 Standard x64 Edition", "5.2.3790 Service Pack 2", "x64", SERVER_2003),
        ("Windows 8.1 Pro", "6.3.9600", "x64", "windows 8.1 for x64-based systems"),
        ("Windows 10 Pro", "10.0.12345", "x64", ""),
        ("Windows", "", "", ""),
        ("Ubuntu", "10.0.19044", "", ""),
    ],
)  # fmt: skip
def test_editions_by_what_devices_say_of_themselves(name: str, version: str, architecture: str, product: str) -> None:
    assert product_of(name, version, architecture) == product


def test_numbers_of_updates() -> None:
    assert [update_number(text) for text in ("KB5021233", " kb5021233", "5021233", "KB1", "Q", "")] == [
        "5021233", "5021233", "5021233", "", "", "",
    ]  # fmt: skip


def test_states_of_updates() -> None:
    found = update_set([("KB5000001", "applied"), ("KB5000002", "unapplied"), ("KB5000003", "pending_restart")])
    assert found == UpdateSet(frozenset({"5000001"}), frozenset({"5000003"}), frozenset({"5000002"}), True)
    assert update_set([("KB5000001", "installed")]).applied == {"5000001"}


def test_updates_that_fix_nothing_are_left_out_but_the_device_has_spoken() -> None:
    found = update_set([("KB890830", "applied"), ("KB2267602", "unapplied")])
    assert (found.applied, found.offered, found.tells_offered) == (frozenset(), frozenset(), True)
    assert found.is_known
    assert not update_set([]).is_known


NUMBERS = st.frozensets(st.integers(10_000, 99_999_999).map(str), max_size=5)


@given(NUMBERS, NUMBERS, NUMBERS, st.booleans())
def test_a_set_is_read_as_it_was_written(
    applied: frozenset[str], pending: frozenset[str], offered: frozenset[str], tells: bool
) -> None:
    whole = UpdateSet(applied, pending, offered, tells or bool(offered))
    assert read_update_set(whole.to_text()) == whole


@given(st.text(max_size=60))
def test_any_text_is_read_as_some_set(text: str) -> None:
    assert all(number.isdigit() for number in read_update_set(text).applied)
    product_of(text, text, text)
