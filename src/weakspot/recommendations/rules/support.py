"""Which line of releases a version is of, and how long that is supported (spec/features.md 16)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from weakspot.intel.contracts import LifecycleRecord
from weakspot.recommendations.contracts import Support, Tag
from weakspot.vocabulary.versions import key

UPCOMING_DAYS = 183
"""Six months ahead, an end of support is announced."""

Identity = tuple[str, str]
_PURL_ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm", "gem": "RubyGems", "maven": "Maven", "golang": "Go",
                    "cargo": "crates.io", "nuget": "NuGet", "composer": "Packagist", "hex": "Hex",
                    "pub": "Pub"}  # fmt: skip


def by_identity(records: Iterable[LifecycleRecord]) -> dict[Identity, list[LifecycleRecord]]:
    """Lines of releases under each identity by which software is looked up."""
    found: dict[Identity, list[LifecycleRecord]] = {}
    for record in records:
        for identity in {one for text in record.identifiers if (one := _identity(text)) is not None}:
            found.setdefault(identity, []).append(record)
    return found


def support_of(version: str, records: Sequence[LifecycleRecord]) -> Support | None:
    """The line that a version is of, among all lines of its product; None where none fits."""
    fitting = [one for one in records if version == one.cycle or version.startswith(f"{one.cycle}.")]
    if not fitting:
        return None
    mine = max(fitting, key=lambda one: len(one.cycle))
    product = [one for one in records if one.product == mine.product]
    ends = [_end(one) for one in product]
    running = [one for one in product if not one.is_ended and one.latest]
    newest = max(running, key=lambda one: (one.released_on or "", key("generic", one.cycle)), default=None)
    dates = [end for end in ends if end is not None]
    return Support(
        cycle=mine.cycle,
        is_ended=mine.is_ended,
        ends_on=_end(mine),
        is_product_ended=all(one.is_ended for one in product),
        product_ends_on=max(dates) if len(dates) == len(product) else None,
        upgrade_to=None if newest is None or newest is mine else newest.latest,
    )


def is_over(support: Support, today: str) -> bool:
    """Whether the version's line is out of support."""
    return support.is_ended or (support.ends_on is not None and support.ends_on <= today)


def is_product_over(support: Support, today: str) -> bool:
    """Whether no line of the product is supported any more."""
    return support.is_product_ended or (support.product_ends_on is not None and support.product_ends_on <= today)


def tags(supports: Sequence[Support], today: str) -> list[Tag]:
    """Tags of a product with these installed versions; the end of all versions stands for that of some."""
    soon = (datetime.date.fromisoformat(today) + datetime.timedelta(days=UPCOMING_DAYS)).isoformat()
    if any(is_product_over(one, today) for one in supports):
        return ["eos_software"]
    found: list[Tag] = []
    if any(is_over(one, today) for one in supports):
        found.append("eos_versions")
    if any(is_product_over(one, soon) for one in supports):
        found.append("upcoming_eos_software")
    elif any(is_over(one, soon) and not is_over(one, today) for one in supports):
        found.append("upcoming_eos_versions")
    return found


def find(identities: Iterable[Identity], known: Mapping[Identity, list[LifecycleRecord]]) -> list[LifecycleRecord]:
    """Lines of the first identity that is known."""
    return next((known[one] for one in identities if one in known), [])


def _end(record: LifecycleRecord) -> str | None:
    return record.security_ends_on or record.support_ends_on


def _identity(text: str) -> Identity | None:
    if text.startswith("pkg:"):
        kind, _, rest = text[4:].partition("/")
        name = rest.partition("?")[0].partition("@")[0]
        return (_PURL_ECOSYSTEMS[kind], name) if kind in _PURL_ECOSYSTEMS and name else None
    parts = text.removeprefix("cpe:2.3:").removeprefix("cpe:/").split(":")
    is_application = len(parts) > 2 and parts[0] == "a" and text.startswith("cpe:")
    return ("cpe", f"{parts[1]}:{parts[2]}".lower()) if is_application else None
