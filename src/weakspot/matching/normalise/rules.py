"""What one rule of the catalogue says, and how a file of them is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from weakspot.matching.normalise.patterns import compile_pattern, is_pattern
from weakspot.runtime.errors import InputError

MAX_FILE_BYTES = 1_000_000
MAX_RULES = 20_000

Platform = Literal["windows", "macos", "linux"]
Name = str
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_IDENTITY = re.compile(r"[^\s:]{1,100}:[^\s:]{1,150}")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Programs that are one product. docs/normalisation.md explains each field."""

    product: str
    """CPE identity, ``vendor:product``."""
    names: tuple[Name, ...]
    """Bare names in lower case, or patterns (``patterns``)."""
    by: tuple[str, ...] = ()
    """Words of which the publisher must have one, where an inventory names a publisher."""
    also: tuple[str, ...] = ()
    """Other identities under which sources speak of the same product."""
    version: str = "reported"
    """``reported``; ``name``: the one in the name, else the reported; ``none``: the product has no version that
    advisories compare; else a template with ``{0}``, ``{1}`` … for the places of the pattern."""
    parts: int = 0
    """Keep that many parts of the version; 0: all."""
    first: tuple[int, int] | None = None
    """Span of the version's first number; another numbering (a build) is not compared."""
    edition: str = ""
    platforms: tuple[Platform, ...] = ()
    """Only there; empty: everywhere."""
    microsoft: tuple[str, ...] = ()
    """Names in Microsoft's own advisories, lower case; ``{0}``, ``{1}`` … are parts of the version, ``{n}`` the number
    in the name."""
    branch: int = 0
    """Parts of the version that name its branch; 0: none. The fixed version of the own branch decides."""
    is_channel: bool = False
    """Fixed builds of another branch say nothing at all."""
    confidence: int = 90


def read_file(path: Path) -> Iterator[Rule]:
    """Rules of one file. Raises InputError with the file and the place of a fault."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"{path.name} is over {MAX_FILE_BYTES} bytes and is not read as a catalogue.")
    try:
        items = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or []  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path.name} is not the YAML that a catalogue needs: {error}.") from error
    if not isinstance(items, list) or len(items) > MAX_RULES:
        raise InputError(f"{path.name} must be a list of at most {MAX_RULES} rules.")
    for number, item in enumerate(items, 1):
        try:
            yield _checked(msgspec.convert(item, Rule))
        except (msgspec.ValidationError, ValueError) as error:
            raise InputError(f"{path.name}, rule {number}: {error}.") from error


def _checked(rule: Rule) -> Rule:
    for identity in (rule.product, *rule.also):
        if not _IDENTITY.fullmatch(identity):
            raise ValueError(f"{identity!r} is not vendor:product")
    for name in rule.names:
        if is_pattern(name):
            compile_pattern(name)
        elif name != " ".join(name.lower().split()):
            raise ValueError(f"the name {name!r} must be in lower case, with single blanks")
    if not 1 <= rule.confidence <= 100:
        raise ValueError("confidence is 1-100")
    if not rule.names:
        raise ValueError("a rule needs a name")
    return rule
