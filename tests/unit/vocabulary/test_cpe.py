"""CPE names in both bindings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.vocabulary.cpe import Cpe, parse


def test_quoted_parts_are_unquoted() -> None:
    name = parse(r"cpe:2.3:a:7-zip:7\-zip:19.00:*:*:*:*:*:x64:*")
    assert (name.identity, name.version, name.target_hw) == ("7-zip:7-zip", "19.00", "x64")
    assert parse(r"cpe:2.3:a:acme:a\:b:1.0:*:*:*:*:*:*:*").product == "a:b"


def test_the_uri_binding_is_the_same_name() -> None:
    assert parse("cpe:/a:openbsd:openssh:8.2:p1") == Cpe("a", "openbsd", "openssh", "8.2", "p1")
    assert parse("cpe:/o:acme:x%2fy").product == "x/y"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("cpe:2.3:a:a:b:*:*:*:*:*:*:*:*", ""),
        ("cpe:2.3:a:a:b:-:*:*:*:*:*:*:*", ""),
        ("cpe:2.3:a:oracle:jre:1.8.0:update202:*:*:*:*:*:*", "1.8.0 update202"),
        ("cpe:2.3:a:A:B:1.0", "1.0"),
    ],
)
def test_the_version_includes_its_update(text: str, version: str) -> None:
    assert parse(text).full_version == version


TOO_LONG = "cpe:2.3:a:" + ":".join("x" * 20)


@pytest.mark.parametrize("text", ["", "cpe", "cpe:2.3:a:only", "cpe:2.3:z:a:b", TOO_LONG, "x" * 3000])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="CPE name"):
        parse(text)


@given(st.text(max_size=80).map(lambda tail: "cpe:2.3:" + tail))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text).vendor
    except ValueError as error:
        assert "CPE name" in str(error)  # noqa: PT017 - both outcomes are right
