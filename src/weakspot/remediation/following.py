"""Progress of activities: follows ``changes`` and looks at what the devices of each activity have now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import inventory, matching, posture, recommendations, scoring
from weakspot.fleet import Fleet, FleetView
from weakspot.inventory import identities, settings
from weakspot.recommendations import Catalogue
from weakspot.remediation import service, store
from weakspot.remediation.contracts import Activity
from weakspot.remediation.rules import progress
from weakspot.remediation.rules.progress import Outcome
from weakspot.runtime import changes
from weakspot.runtime.changes import Change
from weakspot.runtime.clock import Clock
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.following import Reaction, Unit
from weakspot.scoring import CheckState

WAIT_SECONDS = 10.0
_WHOLE = frozenset({matching.MATCHES_CHANGED, inventory.DEVICES_LOADED, posture.CHECKS_CHANGED})
_DEVICES = frozenset({inventory.DEVICE_CHANGED, settings.SETTINGS_CHANGED})


class Progress:
    """Remembers the activities between looks; ``reaction`` is what follows."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock
        self._known: dict[int, tuple[int, Activity]] = {}

    @property
    def reaction(self) -> Reaction:
        """To be run by ``Followers``."""
        kinds = _WHOLE | {inventory.DEVICE_CHANGED, settings.SETTINGS_CHANGED, service.CHANGED}
        return Reaction(name="remediation", kinds=kinds, look=self._look, catch_up=self._catch_up)

    def _look(self, conn: Connection, rows: Sequence[Change]) -> Unit | None:
        activities = self._activities(conn)
        if not activities:
            return None
        if not any(row.kind in _WHOLE for row in rows):
            devices = BitMap([row.payload["device_id"] for row in rows if row.kind in _DEVICES])
            made = {row.payload["activity_id"] for row in rows if row.payload.get("what") == "created"}
            activities = [one for one in activities if one.id in made or one.targets.intersect(devices)]
        return self._assessed(conn, activities)

    def _catch_up(self, conn: Connection) -> Unit | None:
        return self._assessed(conn, self._activities(conn))

    def _assessed(self, conn: Connection, activities: Sequence[Activity]) -> Unit | None:
        if not activities:
            return None
        if not self._fleet.wait_for(changes.last_seq(conn), WAIT_SECONDS, scores=False):
            raise Unavailable("The fleet index is behind; progress is looked at again.")
        view = self._fleet.view()
        known = recommendations.current(conn, self._fleet)
        is_any_check = any(recommendations.check_of(one.recommendation_id) for one in activities)
        states = scoring.check_states(view, posture.current(conn)) if is_any_check else {}
        found = [
            (one.id, outcome)
            for one in activities
            if (outcome := progress.assess(one, _left(conn, known, states, view, one))) is not None
        ]
        return _unit(found, self._clock()) if found else None

    def _activities(self, conn: Connection) -> list[Activity]:
        """All of them; only those that changed are read again."""
        revisions = store.revisions(conn)
        stale = [i for i, revision in revisions.items() if i not in self._known or self._known[i][0] != revision]
        fresh = {one.id: (revisions[one.id], one) for one in store.with_ids(conn, stale)}
        self._known = {i: one for i, one in (self._known | fresh).items() if i in revisions}
        return [one for _, one in self._known.values()]


def _left(
    conn: Connection, known: Catalogue, states: Mapping[str, CheckState], view: FleetView, activity: Activity
) -> BitMap:
    check_id = recommendations.check_of(activity.recommendation_id)
    if check_id is None:
        return remaining(known, view, activity)
    # What is no more cannot show anything, as software that went with its device.
    return not_complying(states.get(check_id), activity) - BitMap(identities.ended(conn, activity.targets))


def not_complying(state: CheckState | None, activity: Activity) -> BitMap:
    """Targets that do not show that the setting was changed: those that fail the check, or do not tell the setting.

    state: of the activity's check; None where the check is gone, and nothing can be shown any more.
    """
    if state is None:
        return activity.targets - activity.fixed
    return activity.targets & (state.applicable - state.compliant)


def remaining(known: Catalogue, view: FleetView, activity: Activity) -> BitMap:
    """Targets that do not show the fix, by what is installed on them now.

    For an update, of the product or of what ships it: those with a version of the product that has any of the
    vulnerabilities that the activity was made for (what becomes known later is another matter). For an upgrade: those
    that still have one of the versions that it was made for. For an uninstallation: those that have any of them, or
    another version with weaknesses.
    """
    product = known.products.get(activity.recommendation_id)
    versions = set() if product is None else set(product.versions)
    if activity.remediation_type in ("Update", "OwningApp"):
        versions = {one for one in versions if known.advice[one].open.intersect(activity.vulnerabilities)}
    else:
        gone = set(activity.versions)
        versions = gone | versions if activity.remediation_type == "Uninstall" else gone
    return view.carrying(sorted(versions)) & activity.targets


def _unit(found: list[tuple[int, Outcome]], at: int) -> Unit:
    return lambda conn: service.record_progress(conn, found, at)
