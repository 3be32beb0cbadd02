"""Ranges from CPE applicability (NVD's configurations and the CPE names of CVE records).

A configuration is nodes joined by OR or AND; a node is matches joined by OR. What is *vulnerable* becomes a range of
the identity ``cpe`` / ``vendor:product``. In an AND, matches that are not vulnerable say what the software must run
on: they become ``running_on``, of which one identity must be on the device too. Where several nodes ask for
something, the first of those that name operating systems becomes ``running_on`` (devices report those best), and the
others ``also_running_on``. Negated nodes and hardware say nothing about software and are left out. Target software and
edition narrow the identity (``module``): a plug-in is not the program of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from weakspot.intel.contracts import Range
from weakspot.vocabulary import cpe
from weakspot.vocabulary.ecosystems import CPE

MAX_RUNNING_ON = 50
MAX_CONDITIONS = 8

Conditions = tuple[tuple[str, ...], ...]


class Match(msgspec.Struct, frozen=True):
    """One line of a node: a CPE name and, where its version is ``*``, the versions it stands for."""

    name: cpe.Cpe
    is_vulnerable: bool = True
    start_including: str | None = None
    start_excluding: str | None = None
    end_including: str | None = None
    end_excluding: str | None = None


Node = Sequence[Match]


def from_configuration(nodes: Sequence[Node], *, is_and: bool) -> list[Range]:
    """Ranges of one configuration."""
    vulnerable = [match for node in nodes for match in node if match.is_vulnerable]
    return ranges(vulnerable, _conditions(nodes) if is_and else ())


def ranges(matches: Iterable[Match], conditions: Conditions = ()) -> list[Range]:
    """One range for each span, and one that lists all single versions of an identity."""
    running_on, also = (conditions[0], conditions[1:]) if conditions else (None, ())
    spans: dict[Range, None] = {}
    listed: dict[tuple[str, str], dict[str, None]] = {}
    for match in matches:
        name = match.name
        if name.part == "h" or cpe.ANY in (name.vendor, name.product) or name.version == cpe.NOT_APPLICABLE:
            continue
        identity, module = name.identity, module_of(name)
        if name.full_version:
            listed.setdefault((identity, module), {})[name.full_version] = None
        else:
            spans[_span(match, identity, module, conditions)] = None
    found = list(spans)
    for (identity, module), versions in listed.items():
        found.append(
            Range(
                CPE,
                identity,
                "0",
                None,
                "versions",
                tuple(versions),
                module=module,
                running_on=running_on,
                also_running_on=also,
            )
        )
    return found


def module_of(name: cpe.Cpe) -> str:
    """What narrows a CPE name beyond vendor and product."""
    parts = (("sw_edition", name.sw_edition), ("target_sw", name.target_sw))
    return ";".join(f"{key}={value}" for key, value in parts if value not in (cpe.ANY, cpe.NOT_APPLICABLE))


def _span(match: Match, identity: str, module: str, conditions: Conditions) -> Range:
    start = _bound(match.start_including) or _bound(match.start_excluding) or "0"
    if end := _bound(match.end_excluding):
        kind = "fixed"
    elif end := _bound(match.end_including):
        kind = "last_affected"
    else:
        end, kind = None, "none"
    is_excluded = match.start_including is None and match.start_excluding is not None
    return Range(
        CPE,
        identity,
        start,
        end,
        kind,  # type: ignore[arg-type]
        module=module,
        running_on=conditions[0] if conditions else None,
        is_introduced_excluded=is_excluded,
        also_running_on=conditions[1:],
    )


def _bound(version: str | None) -> str | None:
    """None where a bound is written but bounds nothing (``-``, ``*``)."""
    return None if version in (None, "", cpe.ANY, cpe.NOT_APPLICABLE) else version


def _conditions(nodes: Sequence[Node]) -> Conditions:
    """Each node that asks for something, operating systems first; the same condition counts once."""
    asked = [tuple(_platforms(node)) for node in nodes if not any(match.is_vulnerable for match in node)]
    asked.sort(key=lambda platforms: not any(part == "o" for part, _ in platforms))
    named = (tuple(dict.fromkeys(identity for _, identity in platforms))[:MAX_RUNNING_ON] for platforms in asked)
    return tuple(dict.fromkeys(identities for identities in named if identities))[:MAX_CONDITIONS]


def _platforms(node: Node) -> Iterator[tuple[str, str]]:
    for match in node:
        if match.name.part != "h" and cpe.ANY not in (match.name.vendor, match.name.product):
            yield match.name.part, match.name.identity
