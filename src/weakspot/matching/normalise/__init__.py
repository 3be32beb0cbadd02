"""Normalisation: what desktop software is, from the name, publisher and version that an inventory gives.

In: text from the Windows uninstall registry, macOS bundles and package managers. Out: a ``Product`` (CPE identities,
the version to compare, the names in Microsoft's own advisories) or None. The catalogue is data (``catalogue/*.yaml``,
and a folder of the user's own with the same format: docs/normalisation.md); what it does not hold may still be guessed
from name and publisher together, with less confidence.

Invariants: a name is a product's name only as a whole; where a publisher is given it must agree; bounded work for any
text.
"""

from __future__ import annotations

import functools
from pathlib import Path

from weakspot.matching.normalise.catalogue_index import Catalogue, Product
from weakspot.matching.normalise.guess import CONFIDENCE, METHOD, guesses
from weakspot.matching.normalise.rules import Rule, read_file

__all__ = ["METHOD", "Catalogue", "Product", "Rule", "catalogue", "identify", "platform_of_type", "use_folder"]

_PLATFORMS = {"windows_program": "windows", "winget": "windows", "chocolatey": "windows", "macos_app": "macos"}
_BUILT_IN = Path(__file__).parent / "catalogue"
_folder: Path | None = None


def use_folder(folder: Path | None) -> None:
    """Take the user's own rules from this folder too (None: no longer). Raises InputError for a rule that is wrong.

    To be called by what starts a process, before anything is judged; what was judged before stays until it is rebuilt.
    """
    global _folder
    _own_rules(folder)  # a wrong rule is told here, not when the first program is asked about
    _folder = folder
    catalogue.cache_clear()
    identify.cache_clear()


@functools.cache
def catalogue() -> Catalogue:
    """The rules in force: the built-in ones, then the user's, which win."""
    built_in = [rule for path in sorted(_BUILT_IN.glob("*.yaml")) for rule in read_file(path)]
    return Catalogue([*built_in, *_own_rules(_folder)])


@functools.lru_cache(maxsize=65_536)
def identify(name: str, publisher: str, version: str, software_type: str) -> Product | None:
    """What a program is; None when it has no product code and none can be guessed safely."""
    platform = platform_of_type(software_type)
    found = catalogue().find(name, publisher, version, platform)
    if found is not None:
        return found
    guessed = guesses(name, publisher, version)
    if not guessed:
        return None
    return Product(
        identities=tuple(guessed),
        version=version.strip(),
        microsoft=(),
        edition="",
        method=METHOD,
        confidence=CONFIDENCE,
    )


def platform_of_type(software_type: str) -> str:
    """windows, macos, or empty where the type does not tell."""
    return _PLATFORMS.get(software_type, "")


def _own_rules(folder: Path | None) -> list[Rule]:
    if folder is None or not folder.is_dir():
        return []
    return [rule for path in sorted(folder.glob("*.yaml")) for rule in read_file(path)]
