"""Threats: what detection products report of devices, and what it hangs on.

In: events in the formats of ``intakes`` (``read_events``, ``take``), what people say of detections (``decide``), and,
from the use case that knows inventory and matches, the links of each detection (``correlate``, ``hang``).
Out: detections, active links for breach insights, risk levels of devices, and the pairs of device and vulnerability
whose hazard is raised; and ``changes`` rows ``threats.detections`` ``{"detection_ids", "device_ids"}``.

Invariants: what a source sends twice is one detection; a detection counts while it is new or in progress by the newer
word of source and person; a device is never guessed; links are a pure function of detection, inventory, matches and
knowledge, and are made again when one of them changes.
"""

from weakspot.threats.contracts import (
    ActiveLink,
    Decision,
    Detection,
    DeviceHints,
    InstalledProduct,
    Link,
    Mapping,
    Observed,
    Suspect,
)
from weakspot.threats.intakes import ALL as INTAKES
from weakspot.threats.rules import correlate, names_of, risk_level
from weakspot.threats.service import (
    DETECTIONS_CHANGED,
    Read,
    decide,
    hang,
    intake_named,
    put_mapping,
    raising,
    read_events,
    remove_mapping,
    risk_levels,
    take,
    tell,
)
from weakspot.threats.store import active_links, active_of_devices, heads, links_of, mappings, some, unresolved
from weakspot.threats.store import one as detection

__all__ = [
    "DETECTIONS_CHANGED", "INTAKES", "ActiveLink", "Decision", "Detection", "DeviceHints", "InstalledProduct", "Link",
    "Mapping", "Observed", "Read", "Suspect", "active_links", "active_of_devices", "correlate", "decide", "detection",
    "hang", "heads", "intake_named", "links_of", "mappings", "names_of", "put_mapping", "raising", "read_events",
    "remove_mapping", "risk_level", "risk_levels", "some", "take", "tell", "unresolved",
]  # fmt: skip
