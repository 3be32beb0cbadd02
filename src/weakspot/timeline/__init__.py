"""The timeline: what changed the organisation's risk, when, and how many devices it concerned then.

In: ``changes`` (knowledge, matches, devices, decisions, detections), the fleet index. Out: events, each with its
product, vulnerabilities and the devices of every group at the time; and ``changes`` rows ``timeline.events``
``{"event_ids"}``.

Invariants: events are appended and never changed, but for the one of a first load, which gathers its day; the same
change makes the same event once; loading a source for the first time is no storm of events; numbers are kept per device
group, so that every scope sees its own.
"""

from weakspot.timeline.contracts import EXPLOIT_EVENTS, MAIN, TIMELINE_CHANGED, Event, EventType, GroupImpact
from weakspot.timeline.exposure import Exposure, exposed_now, exposure_points, exposures, record_exposure, software_key
from weakspot.timeline.following import Teller
from weakspot.timeline.looking import impacts
from weakspot.timeline.rules import sentence
from weakspot.timeline.store import after, between, last_id, some
from weakspot.timeline.support import end_of_support, tell_end_of_support

__all__ = [
    "EXPLOIT_EVENTS", "MAIN", "TIMELINE_CHANGED", "Event", "EventType", "Exposure", "GroupImpact", "Teller", "after",
    "between", "end_of_support", "exposed_now", "exposure_points", "exposures", "impacts", "last_id", "record_exposure",
    "sentence", "software_key", "some", "tell_end_of_support",
]  # fmt: skip
