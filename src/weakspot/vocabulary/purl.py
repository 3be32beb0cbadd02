"""Package URLs (purl, ECMA-427) and the ecosystems they stand for.

Reading and writing is the ``packageurl`` library's; here is the bound on input, one error, and the way from a purl to
the identity under which advisories name the same package.
"""

from __future__ import annotations

import functools

import msgspec
from packageurl import PackageURL

from weakspot.vocabulary import ecosystems

MAX_LENGTH = 2048

_ECOSYSTEMS = {
    "bitnami": "Bitnami",
    "cargo": "crates.io",
    "composer": "Packagist",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "gem": "RubyGems",
    "githubactions": "GitHub Actions",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "julia": "Julia",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "pub": "Pub",
    "pypi": "PyPI",
    "swift": "SwiftURL",
    "brew": "Homebrew",
}
_SEPARATOR = {"Maven": ":"}


class Purl(msgspec.Struct, frozen=True):
    """A package URL in its parts; what is absent is empty."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: dict[str, str]
    subpath: str


@functools.lru_cache(maxsize=8192)
def parse(text: str) -> Purl:
    """Read a purl. Raises ValueError with the reason."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a package URL has at most {MAX_LENGTH} characters, this one {len(text)}")
    try:
        url = PackageURL.from_string(text)
    except ValueError as error:
        raise ValueError(f"not a package URL: {text[:80]!r} ({error})") from error
    qualifiers = url.qualifiers if isinstance(url.qualifiers, dict) else {}
    return Purl(
        type=url.type,
        namespace=url.namespace or "",
        name=url.name,
        version=url.version or "",
        qualifiers={str(key): str(value) for key, value in qualifiers.items()},
        subpath=url.subpath or "",
    )


def identity(purl: Purl) -> tuple[str, str] | None:
    """(ecosystem, name) as advisories use it for language packages; None for other types.

    Distribution packages (``deb``, ``rpm``, ``apk``) need the release and the source package, which a purl does not
    always carry: the inventory answers for those.
    """
    ecosystem = _ECOSYSTEMS.get(purl.type)
    if ecosystem is None:
        return None
    separator = _SEPARATOR.get(ecosystem, "/")
    name = f"{purl.namespace}{separator}{purl.name}" if purl.namespace else purl.name
    return ecosystem, ecosystems.normalise_name(ecosystem, name)
