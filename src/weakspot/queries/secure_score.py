"""The secure score of a scope: points, by category, and how they came about over time (spec/features.md 5.5)."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
from pyroaring import BitMap

from weakspot import inventory, scoring
from weakspot.access.contracts import Scope
from weakspot.posture import Category
from weakspot.queries.base import ReadContext
from weakspot.queries.checks import CheckReader
from weakspot.queries.lens import Lens
from weakspot.queries.periods import stretch
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import NotFound
from weakspot.scoring import SecurePoints

Kind = Literal["organisation", "group"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_POINTS = 2_000


class SecureScoreCategory(msgspec.Struct, frozen=True, kw_only=True):
    """Points of one category. Categories of which nothing is assessed have a maximum of 0."""

    category: Category
    points: float
    points_detected: float
    maximum: float
    checks: int
    """Checks that are assessed on some device."""


class SecureScorePointRow(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the history; it holds until the next."""

    at: str
    points: float
    maximum: float


class SecureScore(msgspec.Struct, frozen=True, kw_only=True):
    """Secure score of the scope; higher is better. points of maximum; percent null where nothing is assessed.

    points_detected: where devices under score-reducing exceptions count as what they are.
    """

    points: float
    points_detected: float
    maximum: float
    percent: float | None
    categories: list[SecureScoreCategory]
    devices: int
    assessed_devices: int
    """Devices that some check is assessed on."""
    checks: int
    assessed_checks: int
    trend: list[SecureScorePointRow]
    """Of the last 30 days; empty where the scope is several groups, whose points cannot be put together afterwards."""


class SecureScoreSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Secure score of the organisation or a group over time."""

    kind: Kind
    subject: str
    points: list[SecureScorePointRow]


def show(read: ReadContext, scope: Scope) -> SecureScore:
    """Over the devices of the scope that count."""
    lens = Lens(read, scope)
    reader = CheckReader(lens)
    found = scoring.secure_score(reader.states, lens.counted, reader.excepted)
    whole = scoring.secure_total(found)
    assessed = {
        one: state for one, state in reader.states.items() if state.is_enabled and state.assessed & lens.counted
    }
    checks = [state.check.category for state in assessed.values()]
    devices = BitMap.union(BitMap(), *(state.assessed for state in assessed.values())) & lens.counted
    return SecureScore(
        points=whole.points,
        points_detected=whole.detected,
        maximum=whole.maximum,
        percent=100 * whole.points / whole.maximum if whole.maximum else None,
        categories=[_category(one, found.get(one, SecurePoints()), checks.count(one)) for one in get_args(Category)],
        devices=len(lens.counted),
        assessed_devices=len(devices),
        checks=sum(state.is_enabled for state in reader.states.values()),
        assessed_checks=len(assessed),
        trend=_trend(lens),
    )


def history(
    read: ReadContext, scope: Scope, kind: Kind, subject: str, period: str, since: str | None = None,
    until: str | None = None,
) -> SecureScoreSeries:  # fmt: skip
    """A series of points. subject: a group's id; since and until: days, instead of a period.

    Raises NotFound for what the scope does not show, BadQuery for a wrong day.
    """
    lens = Lens(read, scope)
    number = _subject(lens, kind, subject)
    between = stretch(lens.now, period, since, until)
    return SecureScoreSeries(kind=kind, subject=subject, points=_points(lens, kind, number, between))


def _category(category: Category, points: SecurePoints, checks: int) -> SecureScoreCategory:
    return SecureScoreCategory(
        category=category, points=points.points, points_detected=points.detected, maximum=points.maximum, checks=checks
    )


def _trend(lens: Lens) -> list[SecureScorePointRow]:
    groups, between = lens.scope.group_ids, stretch(lens.now, "30d")
    if groups is None:
        return _points(lens, "organisation", 0, between)
    return _points(lens, "group", next(iter(groups)), between) if len(groups) == 1 else []


def _points(lens: Lens, kind: Kind, subject: int, between: tuple[Micros, Micros]) -> list[SecureScorePointRow]:
    since, until = between
    found = scoring.secure_history(lens.conn, kind, subject, since=since, until=until, limit=MOST_POINTS)
    return [SecureScorePointRow(at=to_iso(one.at), points=one.points, maximum=one.maximum) for one in found]


def _subject(lens: Lens, kind: Kind, subject: str) -> int:
    if kind == "group":
        group = int(subject) if subject.isascii() and subject.isdigit() and len(subject) < 16 else -1
        if group not in {one.id for one in inventory.groups(lens.conn)} or not lens.scope.includes(group):
            raise NotFound("There is no such device group among those that you may see.")
        return group
    if lens.scope.group_ids is not None:
        raise NotFound("The organisation's history is for who sees all device groups; ask for one of yours.")
    return 0
