"""CPE names (NIST IR 7695): the 2.3 formatted string and the older ``cpe:/`` URI.

Both are read into one struct. Components are unquoted (``\\:`` -> ``:``) and lower case; ``*`` (any) and ``-`` (not
applicable) stay as they are. A name with missing trailing components is completed with ``*``; too many are refused.
"""

from __future__ import annotations

import functools
import re
from urllib.parse import unquote

import msgspec

ANY = "*"
NOT_APPLICABLE = "-"
MAX_LENGTH = 2048

_PREFIX_23 = "cpe:2.3:"
_PREFIX_URI = "cpe:/"
_COMPONENTS = 11
_SPLIT = re.compile(r"(?<!\\):")
_QUOTED = re.compile(r"\\(.)")


class Cpe(msgspec.Struct, frozen=True):
    """One CPE name. ``part`` is ``a`` (application), ``o`` (operating system), ``h`` (hardware) or ``*``."""

    part: str
    vendor: str
    product: str
    version: str = ANY
    update: str = ANY
    edition: str = ANY
    language: str = ANY
    sw_edition: str = ANY
    target_sw: str = ANY
    target_hw: str = ANY
    other: str = ANY

    @property
    def identity(self) -> str:
        """``vendor:product``: the name under which software with a CPE is looked up."""
        return f"{self.vendor}:{self.product}"

    @property
    def full_version(self) -> str:
        """Version with its update (``8`` + ``update202`` -> ``8 update202``); empty where any version is meant."""
        if self.version in (ANY, NOT_APPLICABLE):
            return ""
        return self.version if self.update in (ANY, NOT_APPLICABLE) else f"{self.version} {self.update}"


@functools.lru_cache(maxsize=65_536)
def parse(text: str) -> Cpe:
    """Read a CPE 2.3 formatted string or a CPE 2.2 URI. Raises ValueError with the reason."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a CPE name has at most {MAX_LENGTH} characters, this one {len(text)}")
    if text.startswith(_PREFIX_23):
        raw = [_unquote(component) for component in _SPLIT.split(text[len(_PREFIX_23) :])]
    elif text.startswith(_PREFIX_URI):
        raw = [unquote(component) or ANY for component in text[len(_PREFIX_URI) :].split(":")]
    else:
        raise ValueError(f"not a CPE name: {text[:80]!r}")
    if len(raw) > _COMPONENTS:
        raise ValueError(f"a CPE name has {_COMPONENTS} components, this one {len(raw)}: {text[:80]!r}")
    if len(raw) < 3 or not all(raw[:3]):
        raise ValueError(f"a CPE name needs part, vendor and product: {text[:80]!r}")
    if raw[0] not in ("a", "o", "h", ANY):
        raise ValueError(f"the part of a CPE name is a, o or h: {text[:80]!r}")
    return Cpe(*(component.lower() or ANY for component in raw))


def _unquote(component: str) -> str:
    return _QUOTED.sub(r"\1", component) if "\\" in component else component
