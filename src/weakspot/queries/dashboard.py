"""The first page: score, its history, where the exposure lies, and what is worst."""

from __future__ import annotations

import numpy as np

from weakspot import scoring
from weakspot.access.contracts import Scope
from weakspot.queries import devices, knowledge, software, weaknesses
from weakspot.queries.base import ListQuery, ReadContext
from weakspot.queries.contracts import Dashboard, ExposureDistribution, ScorePoint
from weakspot.queries.lens import Lens, ids_of
from weakspot.queries.rows import score_point
from weakspot.vocabulary.severity import ORDER

TOP_WEAKNESSES = 10
TOP_SOFTWARE = 5
TOP_DEVICES = 5
TREND_POINTS = 500


def show(read: ReadContext, scope: Scope) -> Dashboard:
    """Everything over the devices of the scope."""
    lens = Lens(read, scope)
    exposed = lens.weaknesses
    columns = lens.vulnerability_columns(exposed)
    at = columns.positions(exposed)
    score = scoring.organisation_score(lens.view, scope, excepted=lens.excepted)
    weak = ListQuery(filters={"weak": ("yes",)}, page_size=TOP_SOFTWARE)
    return Dashboard(
        exposure_score=score,
        exposure_score_detected=scoring.organisation_score(lens.view, scope),
        exposure_level=scoring.exposure_level(score),
        trend=_trend(lens),
        distribution=_distribution(lens),
        devices=len(lens.counted),
        weaknesses=len(exposed),
        critical_weaknesses=int(np.count_nonzero(columns.severity[at] == ORDER["Critical"])),
        known_exploited_weaknesses=int(np.count_nonzero(columns.is_known_exploited[at])),
        top_weaknesses=weaknesses.page(read, scope, ListQuery(page_size=TOP_WEAKNESSES)).items,
        top_software=software.page(read, scope, weak).items,
        top_devices=devices.page_of(lens, ids_of(lens.counted), ListQuery(page_size=TOP_DEVICES)).items,
        knowledge=knowledge.state(read),
    )


def _trend(lens: Lens) -> list[ScorePoint]:
    """History of the organisation's score, or of the group's where the scope is one group.

    Scores of several groups cannot be put together afterwards (weights depend on the number of devices), so a scope of
    several groups has no history.
    """
    groups = lens.scope.group_ids
    if groups is None:
        points = scoring.history(lens.conn, "organisation", 0, until=lens.now, limit=TREND_POINTS)
    elif len(groups) == 1:
        points = scoring.history(lens.conn, "group", next(iter(groups)), until=lens.now, limit=TREND_POINTS)
    else:
        return []
    return [shown for one in points if (shown := score_point(one)) is not None]


def _distribution(lens: Lens) -> ExposureDistribution:
    """Devices per level; ``none`` are those of the scope's groups that do not count now."""
    hazards = lens.active_hazards(ids_of(lens.counted))
    medium, high = scoring.hazard_at(scoring.LOW_BELOW), scoring.hazard_at(scoring.HIGH_FROM)
    return ExposureDistribution(
        high=int(np.count_nonzero(hazards >= high)),
        medium=int(np.count_nonzero((hazards >= medium) & (hazards < high))),
        low=int(np.count_nonzero(hazards < medium)),
        none=len(lens.devices_in_scope()) - len(hazards),
    )
