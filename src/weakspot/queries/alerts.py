"""The Detections page: what detection products reported, on which device, and what it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from weakspot import intel, inventory, threats
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import Device
from weakspot.queries.alert_rows import DetectionDetail, DetectionDevice, DetectionReason, DetectionRow, IntakeRow
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.columns import search_form
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens
from weakspot.queries.rows import iso, reference
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound
from weakspot.threats import Detection, Link
from weakspot.threats.contracts import DetectionSeverity, LinkReason

SEVERITY_RANK = {word: rank for rank, word in enumerate(get_args(DetectionSeverity))}
SHAPE = ListShape(
    filters={
        "state": ("active", "inactive"),
        "severity": get_args(DetectionSeverity),
        "device": None,
        "weakness": None,
        "placed": ("yes", "no"),
        "correlated": ("yes", "no"),
    },
    sorts=("severity", "created_at", "updated_at"),
    default_sort="-created_at",
)


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[DetectionRow]:
    """Detections on devices of the scope; those without a device only for who sees everything."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    ids = _selected(lens, query)
    start = (query.page - 1) * query.page_size
    chosen = ids[start : start + query.page_size]
    return Page(
        items=rows(lens, chosen),
        total=len(ids),
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        described=SHAPE.describe("Detections", query),
    )


def detail(read: ReadContext, scope: Scope, public_id: str) -> DetectionDetail:
    """One detection. Raises NotFound."""
    lens = Lens(read, scope)
    found = find(lens, public_id)
    known = _Known(lens, [found])
    observed = found.observed
    return DetectionDetail(
        detection=known.row(found),
        description=observed.description,
        rule=observed.rule,
        url=observed.url if observed.url.startswith(("https://", "http://")) else "",
        user=observed.user,
        paths=list(observed.paths),
        programs=list(observed.programs),
        device_names=list(observed.device.names),
        device_addresses=list(observed.device.addresses),
        reasons=[known.reason(one) for one in known.links[found.id]],
        determination=found.determination,
        comment=found.comment,
        decided_by=found.decided_by.split(":", 2)[-1],
        decided_at=iso(found.decided_at),
        resolved_at=iso(found.resolved_at),
    )


def find(lens: Lens, public_id: str) -> Detection:
    """A detection that the scope shows. Raises NotFound, with the same words whether it is not there or not shown."""
    number = public_id.rpartition("_")[2]
    found = (
        threats.detection(lens.conn, int(number))
        if number.isascii() and number.isdigit() and len(number) < 16
        else None
    )
    if found is None or found.public_id != public_id or not _is_shown(lens, found.device_id):
        raise NotFound("There is no such detection among those you may see; open it from the list of detections.")
    return found


def intakes(read: ReadContext, _scope: Scope) -> list[IntakeRow]:
    """All intakes, built-in ones first."""
    built_in = [
        IntakeRow(name=one.name, title=one.title, specification=one.specification, is_own=False)
        for one in threats.INTAKES
    ]
    own = [
        IntakeRow(name=one.name, title=one.product, specification="", is_own=True)
        for one, _, _ in threats.mappings(read.conn)
    ]
    return built_in + own


def rows(lens: Lens, ids: Sequence[int]) -> list[DetectionRow]:
    """Rows in the order asked."""
    found = threats.some(lens.conn, ids)
    known = _Known(lens, [found[one] for one in ids if one in found])
    return [known.row(found[one]) for one in ids if one in found]


def _selected(lens: Lens, query: ListQuery) -> list[int]:
    filters = query.filters
    inside = set(lens.devices_in_scope().tolist()) if lens.scope.group_ids is not None else None
    states = set(filters.get("state") or ("active", "inactive"))
    severities = set(filters.get("severity") or SEVERITY_RANK)
    placed = set(filters.get("placed") or ("yes", "no"))
    devices = _named_devices(lens, filters.get("device"))
    heads = [
        (one, severity, created, updated)
        for one, device, is_active, severity, _, created, updated in threats.heads(lens.conn)
        if (inside is None or device in inside)
        and ("active" if is_active else "inactive") in states
        and severity in severities
        and ("no" if device is None else "yes") in placed
        and (devices is None or device in devices)
    ]
    wanted = _linked(lens, query, [one for one, *_ in heads])
    kept = [head for head in heads if wanted is None or head[0] in wanted]
    keys = {"severity": lambda h: SEVERITY_RANK[h[1]], "created_at": lambda h: h[2], "updated_at": lambda h: h[3]}
    # They come newest first; sorting keeps that order among equals.
    kept.sort(key=keys[query.sort.removeprefix("-")], reverse=query.sort.startswith("-"))
    return [one for one, *_ in kept]


def _named_devices(lens: Lens, public_ids: Sequence[str] | None) -> set[int] | None:
    if not public_ids:
        return None
    return {found for one in public_ids if (found := inventory.device_id_of(lens.conn, one[:64])) is not None}


def _linked(lens: Lens, query: ListQuery, ids: Sequence[int]) -> set[int] | None:
    """Those that search and the filters about links let through; None: all."""
    wanted: set[int] | None = None
    if query.search:
        text = search_form(query.search)
        wanted = {key for key, one in threats.some(lens.conn, ids).items() if text in search_form(_searched(one))}
    named, correlated = query.filters.get("weakness"), set(query.filters.get("correlated") or ())
    if named or len(correlated) == 1:
        links = threats.links_of(lens.conn, ids)
        if named:
            about = {found for one in named if (found := intel.find(lens.conn, one)) is not None}
            hit = {one.detection_id for one in links if one.vulnerability_id in about}
            wanted = hit if wanted is None else wanted & hit
        if len(correlated) == 1:
            hit = {one.detection_id for one in links}
            hit = hit if correlated == {"yes"} else set(ids) - hit
            wanted = hit if wanted is None else wanted & hit
    return wanted


def _searched(one: Detection) -> str:
    observed = one.observed
    return " ".join(
        (observed.title, observed.product, observed.rule, *observed.device.names, *observed.vulnerabilities)
    )


def _is_shown(lens: Lens, device_id: int | None) -> bool:
    if lens.scope.group_ids is None:
        return True
    listed = None if device_id is None else lens.device_columns().listed.get(device_id)
    return listed is not None and lens.scope.includes(listed.group_id)


class _Known:
    """Some detections with all that their rows name."""

    def __init__(self, lens: Lens, detections: Sequence[Detection]) -> None:
        self._lens = lens
        self.links: dict[int, list[Link]] = {one.id: [] for one in detections}
        for link in threats.links_of(lens.conn, sorted(self.links)):
            self.links[link.detection_id].append(link)
        linked = [link for some in self.links.values() for link in some]
        ids = sorted({one.vulnerability_id for one in linked if one.vulnerability_id is not None})
        self._names = {one: facts.name for one, facts in intel.facts(lens.conn, ids).items()} if ids else {}
        self._software = lens.memory.software(
            lens.read, sorted({one.software_id for one in linked if one.software_id is not None})
        )
        devices = sorted({one.device_id for one in detections if one.device_id is not None})
        self._devices: dict[int, Device] = {one.id: one for one in inventory.devices(lens.conn, devices)}

    def row(self, one: Detection) -> DetectionRow:
        """A detection as the list shows it."""
        observed = one.observed
        links = self.links[one.id]
        raised = sorted(
            (link for link in links if link.vulnerability_id in self._names), key=lambda link: not link.is_raising
        )
        return DetectionRow(
            id=one.public_id,
            title=observed.title,
            severity=observed.severity,
            status=one.status,
            is_active=one.is_active,
            product=observed.product,
            intake=one.intake,
            category=observed.category,
            device=self._device(one.device_id),
            unresolved_because=one.unresolved_because or None,
            first_at=iso(observed.first_at),
            last_at=iso(observed.last_at),
            created_at=to_iso(one.created_at),
            updated_at=to_iso(one.updated_at),
            times_seen=one.seen,
            techniques=list(observed.techniques),
            named_vulnerabilities=list(observed.vulnerabilities),
            weaknesses=list(
                dict.fromkeys(self._names[link.vulnerability_id] for link in raised if link.vulnerability_id)
            ),
            software=[
                reference(self._software[s]) for link in links if (s := link.software_id) in self._software and s
            ],
            classification=one.classification,
            assigned_to=one.assigned_to,
        )

    def reason(self, link: Link) -> DetectionReason:
        """One link in words."""
        weakness = None if link.vulnerability_id is None else self._names.get(link.vulnerability_id)
        software = None if link.software_id is None else self._software.get(link.software_id)
        named = weakness or ("" if software is None else software.name)
        texts: dict[LinkReason, str] = {
            "vulnerability": f"The detection names {named}, which the device has.",
            "software": f"A path or program of the detection belongs to software of the device: {named}.",
            "technique": f"{named}, which the device has, is known to be used with a technique of the detection.",
        }
        return DetectionReason(
            reason=link.reason,
            weakness=weakness,
            software=None if software is None else reference(software),
            is_raised=link.is_raising,
            text=texts[link.reason],
        )

    def _device(self, device_id: int | None) -> DetectionDevice | None:
        found = None if device_id is None else self._devices.get(device_id)
        if found is None:
            return None
        group = self._lens.group_names.get(found.group_id, "")
        return DetectionDevice(id=found.public_id, name=found.name, group_name=group)
