"""Package URLs and the identities they stand for."""

from __future__ import annotations

import pytest

from weakspot.vocabulary.purl import identity, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pkg:pypi/Foo_Bar@1.0", ("PyPI", "foo-bar")),
        ("pkg:npm/%40angular/core@1.0", ("npm", "@angular/core")),
        ("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", ("Maven", "org.apache.logging.log4j:log4j-core")),
        ("pkg:golang/github.com/gin-gonic/gin@v1.6.0", ("Go", "github.com/gin-gonic/gin")),
        ("pkg:cargo/openssl@0.9.0", ("crates.io", "openssl")),
        ("pkg:deb/debian/openssl@3.0?distro=bookworm", None),
    ],
)
def test_language_packages_have_an_identity(text: str, expected: tuple[str, str] | None) -> None:
    assert identity(parse(text)) == expected


def test_parts_are_kept() -> None:
    found = parse("pkg:deb/debian/openssl@3.0.11-1?arch=amd64&distro=bookworm")
    assert (found.version, found.qualifiers) == ("3.0.11-1", {"arch": "amd64", "distro": "bookworm"})


@pytest.mark.parametrize("text", ["", "openssl", "pkg:", "pkg:npm/", "pkg:npm/" + "x" * 3000])
def test_what_is_no_purl_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="package URL"):
        parse(text)
