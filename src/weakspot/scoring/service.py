"""Scores of the fleet, their explanation and their history."""

from __future__ import annotations

from collections.abc import Iterable

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet, FleetView
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.runtime.clock import DAY, Micros
from weakspot.scoring import store
from weakspot.scoring.contracts import ORGANISATION, ScorePoint, ScoreTerm, SubjectKind
from weakspot.scoring.excepting import Excepted
from weakspot.scoring.impact import impact_of, score_sums
from weakspot.scoring.replacing import replacement_impact
from weakspot.scoring.rules.hazards import hazard, hazard_terms, raised_hazard
from weakspot.scoring.rules.model import DETECTED_FLOOR, MODEL_VERSION
from weakspot.scoring.rules.scores import device_scores, mean_score

EVERYTHING = Scope(None)
MAX_POINTS = 10_000
SMALLEST_STEP = 1e-6
"""Changes of a score below this are not worth a row."""


def organisation_score(fleet: Fleet | FleetView, scope: Scope, *, excepted: Excepted | None = None) -> float | None:
    """Exposure score 0-100 of the counted devices in scope, weighted by device value; None when there is none.

    excepted: findings that do not count; with those under score-reducing exceptions it is the *active* score
    (spec/features.md 5.1), without them the detected one. The weight of High devices depends on the number of devices
    *in the scope*, so a group's score says nothing about others.
    """
    return excepted.score(scope) if excepted else mean_score(score_sums(_view(fleet), scope))


def software_impact(
    fleet: Fleet | FleetView, software_id: int, scope: Scope, *, excepted: Excepted | None = None
) -> float:
    """Points by which the scope's score falls when no version of the software carries a vulnerability any more. Exact.

    What another software on the same device carries too stays (packages of one source share their vulnerabilities).
    """
    view = _view(fleet)
    if excepted:
        nothing = BitMap()
        coming = dict.fromkeys(view.weak_versions(software_id), nothing)
        return replacement_impact(view, scope, coming, excepted=excepted)
    return versions_impact(view, view.versions[software_id], scope)


def versions_impact(fleet: Fleet | FleetView, software_version_ids: Iterable[int], scope: Scope) -> float:
    """As ``software_impact``, for any set of software versions; 0.0 when nothing changes."""
    view = _view(fleet)
    return impact_of(view, software_version_ids, scope)


def software_impacts(
    fleet: Fleet | FleetView, software_ids: Iterable[int], scope: Scope, *, excepted: Excepted | None = None
) -> dict[int, float]:
    """``software_impact`` of several software, each on its own (they do not add up); kept as long as the view lives."""
    view = _view(fleet)
    known: dict[int, float] = view.memo(("scoring.impacts", scope.group_ids, excepted or None), dict)
    wanted = list(software_ids)
    for software_id in wanted:
        if software_id not in known:
            known[software_id] = software_impact(view, software_id, scope, excepted=excepted)
    return {software_id: known[software_id] for software_id in wanted}


def device_terms(hazards: Iterable[tuple[int, str, int]], *, limit: int = 20) -> list[ScoreTerm]:
    """A device's hazard by vulnerability, largest first; what is beyond ``limit`` is one last term. Adds up exactly.

    hazards: (hazard there, name, id) of each vulnerability on the device.
    """
    parts = sorted(hazards, key=lambda part: (-part[0], part[1]))
    terms = [ScoreTerm(label=name, hazard=size, vulnerability_id=key) for size, name, key in parts[:limit]]
    rest = parts[limit:]
    if rest:
        noun = "weakness" if len(rest) == 1 else "weaknesses"
        terms.append(ScoreTerm(label=f"{len(rest)} further {noun}", hazard=sum(size for size, _, _ in rest)))
    return terms


def vulnerability_terms(facts: VulnerabilityFacts, *, is_raised: bool = False) -> list[ScoreTerm]:
    """One vulnerability's hazard in readable parts that add up to it exactly.

    is_raised: on a device where an active detection hangs on it.
    """
    terms = hazard_terms(facts)
    if is_raised and (extra := raised_hazard(facts) - hazard(facts)):
        terms.append((f"an active detection hangs on it here: counted as a probability of {DETECTED_FLOOR:.2f}", extra))
    return [ScoreTerm(label=label, hazard=size, vulnerability_id=facts.id) for label, size in terms]


def points_due(
    conn: Connection,
    fleet: Fleet | FleetView,
    at: Micros,
    *,
    excepted: Excepted | None = None,
    devices: bool = False,
) -> list[ScorePoint]:
    """A point for the organisation and every group (and every device) whose score is not its newest point's.

    excepted: findings that do not count, of the same view; ``devices`` is for the daily run: a fleet of a million may
    give a million points.
    """
    view = _view(fleet)
    fresh = _organisation_points(view, at, store.newest_points(conn, "group").keys(), excepted)
    if devices:
        fresh.extend(_device_points(view, at, excepted))
    kinds: tuple[SubjectKind, ...] = ("organisation", "group", "device") if devices else ("organisation", "group")
    newest = {(kind, subject): point for kind in kinds for subject, point in store.newest_points(conn, kind).items()}
    return [point for point in fresh if _is_news(newest.get((point.kind, point.subject_id)), point)]


def record_points(conn: Connection, points: Iterable[ScorePoint]) -> int:
    """Append points. Returns how many."""
    given = list(points)
    store.insert_points(conn, given)
    return len(given)


def history(
    conn: Connection,
    kind: SubjectKind,
    subject_id: int,
    *,
    until: Micros,
    since: Micros | None = None,
    limit: int = MAX_POINTS,
) -> list[ScorePoint]:
    """Points of a subject in ``[since, until)``, oldest first, beginning with the one in force at ``since``.

    since: None means 30 days before ``until``. At most ``limit`` (and MAX_POINTS) of the newest.
    """
    start = until - 30 * DAY if since is None else since
    return store.points(conn, kind, subject_id, start, until, min(limit, MAX_POINTS))


def _organisation_points(
    view: FleetView, at: Micros, recorded_groups: Iterable[int], excepted: Excepted | None
) -> list[ScorePoint]:
    groups = sorted({*view.population.group_ids, *recorded_groups})
    subjects: list[tuple[SubjectKind, int, Scope]] = [(*ORGANISATION, EVERYTHING)]
    subjects += [("group", one, Scope(frozenset([one]))) for one in groups]
    return [
        ScorePoint(
            kind=kind,
            subject_id=subject,
            at=at,
            score=organisation_score(view, scope, excepted=excepted),
            detected_score=organisation_score(view, scope),
            hazard=None,
            model_version=MODEL_VERSION,
        )
        for kind, subject, scope in subjects
    ]


def _device_points(view: FleetView, at: Micros, excepted: Excepted | None) -> list[ScorePoint]:
    ids, detected, _ = view.device_hazards(None, EVERYTHING)
    active = excepted.hazards(ids) if excepted else detected
    columns = (ids, device_scores(active), device_scores(detected), active)
    return [
        ScorePoint(
            kind="device",
            subject_id=device,
            at=at,
            score=score,
            detected_score=as_detected,
            hazard=size,
            model_version=MODEL_VERSION,
        )
        for device, score, as_detected, size in zip(*(one.tolist() for one in columns), strict=True)
    ]


def _is_news(known: ScorePoint | None, point: ScorePoint) -> bool:
    if known is None:
        return point.score is not None
    if (known.score is None) != (point.score is None) or known.model_version != point.model_version:
        return True
    if known.hazard != point.hazard:
        return True
    return any(
        abs((before or 0.0) - (now or 0.0)) >= SMALLEST_STEP
        for before, now in ((known.score, point.score), (known.detected_score, point.detected_score))
    )


def _view(fleet: Fleet | FleetView) -> FleetView:
    return fleet.view() if isinstance(fleet, Fleet) else fleet
