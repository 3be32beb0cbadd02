"""weakspot.vocabulary.program_names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.vocabulary.program_names import BareName, bare, clean, product_name, words


@pytest.mark.parametrize(
    ("name", "version", "text", "found"),
    [
        ("Mozilla Firefox 115.0.2 (x64 en-US)", "115.0.2", "mozilla firefox", "115.0.2"),
        ("Mozilla Firefox (x64 de)", "110.0", "mozilla firefox", ""),
        ("7-Zip 19.00 (x64 edition)", "19.00.00.0", "7-zip", "19.00"),
        ("Microsoft .NET Runtime - 6.0.6 (x64)", "48.27.42327", "microsoft .net runtime", "6.0.6"),
        ("Python 3.10.6 (64-bit)", "3.10.6150.0", "python", "3.10.6"),
        ("Microsoft 365 - en-us", "16.0.1.2", "microsoft 365", ""),
        ("Microsoft Visual Studio Code (User)", "1.70.1", "microsoft visual studio code", ""),
        ("Java(TM) SE Development Kit 17.0.2 (64-bit)", "17.0.2.0", "java se development kit", "17.0.2"),
        ("PuTTY release 0.76 (64-bit)", "0.76.0.0", "putty", "0.76"),
        ("OpenSSL 1.1.1k (64-bit)", "", "openssl", "1.1.1k"),
        ("Go Programming Language amd64 go1.18.3", "1.18.3", "go programming language", "1.18.3"),
        ("Oracle VM VirtualBox 7.0.4", "7.0.4", "oracle vm virtualbox", "7.0.4"),
        ("Node.js", "16.16.0", "node.js", ""),
        ("Intel® Driver & Support Assistant", "26.2", "intel driver & support assistant", ""),
        ("Google Chrome.app", "1.0", "google chrome", ""),
        ("calibre 64bit", "6.2.1", "calibre", ""),
    ],
)
def test_decorations_at_the_end_are_taken_off(name: str, version: str, text: str, found: str) -> None:
    assert bare(name, version) == BareName(text, found)


@pytest.mark.parametrize(
    "name",
    [
        "PowerShell Universal", "DataGrip (EAP)", "Visual Studio Community 2022", "Mozilla Firefox Language Pack",
        "Acrobat Reader DC MUI", "Notepad++ Plugin Manager", "Java 8 Update 202", "php-checks", "MATLAB Runtime",
    ],
)  # fmt: skip
def test_words_that_make_another_thing_of_it_stay(name: str) -> None:
    assert bare(name, "").text == name.lower()


@pytest.mark.parametrize(
    ("name", "version", "product"),
    [
        ("GIMP 2.10.34", "2.10.34", "GIMP"),
        ("7-Zip 24.09 (x64)", "24.09", "7-Zip"),
        ("Mozilla Firefox (x64 en-US)", "115.0", "Mozilla Firefox"),
        ("Java(TM) SE Development Kit 17.0.2 (64-bit)", "17.0.2.0", "Java SE Development Kit"),
        ("Visual Studio Community 2022", "17.4", "Visual Studio Community 2022"),
        ("64-bit", "1.0", "64-bit"),
        ("İstanbul 1.2", "1.2", "i̇stanbul"),  # one letter that is two in lower case
        ("", "1.0", ""),
    ],
)
def test_all_versions_of_a_product_share_its_name(name: str, version: str, product: str) -> None:
    assert product_name(name, version) == product


def test_a_name_that_is_nothing_but_decoration_stays() -> None:
    assert bare("64-bit", "").text == "64-bit"
    assert bare("", "").text == ""


def test_publishers_are_taken_apart_into_words() -> None:
    assert {"wireshark", "developer"} <= set(words("The Wireshark developer community, https://www.wireshark.org"))
    assert {"org", "mozilla", "firefox"} <= set(words("org.mozilla.firefox"))


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_is_answered_with_clean_text(name: str, version: str) -> None:
    found = bare(name, version)
    assert found.text == found.text.strip()
    assert len(found.text) <= 4 * 200
    assert clean(clean(name)) == clean(name) or not name.isascii()


def test_hostile_names_take_no_time() -> None:
    started = time.process_time()
    for unit in ("1.", "(x64)", "-", "a1.", " v", "(1.1 ", "\u202e", "- x64 "):
        bare(unit * 100_000, unit * 100_000)
    assert time.process_time() - started < 1.0
