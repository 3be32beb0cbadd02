"""The Certificates page: the list, one certificate with its devices, and what the dashboard's card counts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.inventory.certificates import KnownCertificate
from weakspot.inventory.rules import certificates as rules
from weakspot.queries import devices as device_pages
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.certificate_columns import Answers, CertificateColumns, Held, held
from weakspot.queries.certificate_contracts import CertificateRow, CertificateSummary
from weakspot.queries.columns import Ids, Mask, Numbers, arranged
from weakspot.queries.contracts import DeviceRow, Page
from weakspot.queries.lens import Lens, cut, ids_of
from weakspot.queries.rows import iso
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import NotFound

DUE_DAYS = (30, 60, 90)
SHAPE = ListShape(
    filters={
        "status": rules.STATUSES,
        "due": tuple(str(days) for days in DUE_DAYS),
        "risky": ("yes", "no"),
        "self_signed": ("yes", "no", "not_reported"),
        "key_size": ("short", "valid", "not_reported"),
        "signature": ("weak", "valid", "not_reported"),
    },
    sorts=("subject", "issuer", "not_after", "key_bits", "devices"),
    default_sort="not_after",
)
_CODES = {"yes": 1, "short": 1, "weak": 1, "no": 0, "valid": 0, "not_reported": -1}


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[CertificateRow]:
    """Certificates that some counted device in scope has; those that end first come first."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    known = held(read)
    counts = _counts(lens, known)
    chosen: Ids = np.flatnonzero((counts > 0) & _passing(known.columns, query, lens.now))
    values = _sort_values(known.columns, counts, query.sort.removeprefix("-"))[chosen]
    ordered = chosen[arranged(values, descending=query.sort.startswith("-"), upto=query.end)]
    return cut(
        ordered,
        query,
        shape=SHAPE,
        noun="Certificates",
        rows=lambda places: [_row(known.columns.listed[one], int(counts[one]), lens.now) for one in places],
    )


def detail(read: ReadContext, scope: Scope, certificate_id: int) -> CertificateRow:
    """One certificate. Raises NotFound."""
    lens = Lens(read, scope)
    one, devices = _find(lens, held(read), certificate_id)
    return _row(one, len(devices), lens.now)


def devices(read: ReadContext, scope: Scope, certificate_id: int, query: ListQuery) -> Page[DeviceRow]:
    """Counted devices in scope that have it. Raises NotFound."""
    lens = Lens(read, scope)
    _, found = _find(lens, held(read), certificate_id)
    return device_pages.page_of(lens, ids_of(found), query)


def summary(read: ReadContext, scope: Scope) -> CertificateSummary:
    """Counts of the card and of the head of the page (spec/features.md 4, 17.3)."""
    lens = Lens(read, scope)
    known = held(read)
    columns, is_here = known.columns, _counts(lens, known) > 0
    status = columns.statuses(lens.now)

    def count(mask: Mask) -> int:
        return int(np.count_nonzero(mask & is_here))

    in_30, in_60, in_90 = (count(columns.is_due(lens.now, days)) for days in DUE_DAYS)
    return CertificateSummary(
        devices=len(lens.counted),
        devices_reporting=len(known.telling & lens.counted),
        certificates=int(np.count_nonzero(is_here)),
        expired=count(status == rules.STATUSES.index("expired")),
        due_in_30_days=in_30,
        due_in_60_days=in_60,
        due_in_90_days=in_90,
        expiry_not_reported=count(np.isnan(columns.not_after)),
        risky=count(_is_risky(columns, lens.now)),
        short_keys=count(columns.is_short_key == 1),
        weak_signatures=count(columns.is_weak_signature == 1),
        self_signed=count(columns.is_self_signed == 1),
    )


def _counts(lens: Lens, known: Held) -> Ids:
    """Counted devices in scope that have each certificate; worked out once a view and scope."""

    def count() -> Ids:
        counted = lens.counted
        return np.array([one.intersection_cardinality(counted) for one in known.devices], np.int64)

    return lens.view.memo(("queries.certificates", known.revision, lens.scope.group_ids), count)


def _find(lens: Lens, known: Held, certificate_id: int) -> tuple[KnownCertificate, BitMap]:
    place = known.columns.at.get(certificate_id)
    here = BitMap() if place is None else known.devices[place] & lens.counted
    if place is None or not here:
        raise NotFound("There is no such certificate on the devices you may see; open it from the list.")
    return known.columns.listed[place], here


def _passing(columns: CertificateColumns, query: ListQuery, now: Micros) -> Mask:
    kept = columns.texts.containing(query.search.casefold().strip())
    if wanted := query.filters.get("status"):
        kept &= np.isin(columns.statuses(now), [rules.STATUSES.index(one) for one in wanted])
    if due := query.filters.get("due"):
        kept &= columns.is_due(now, max(map(int, due)))
    answers: dict[str, Answers] = {
        "risky": _is_risky(columns, now).astype(np.int8),
        "self_signed": columns.is_self_signed,
        "key_size": columns.is_short_key,
        "signature": columns.is_weak_signature,
    }
    for name, told in answers.items():
        if values := query.filters.get(name):
            kept &= _is_one_of(told, values)
    return kept


def _is_one_of(told: Answers, values: Iterable[str]) -> Mask:
    return np.asarray(np.isin(told, [_CODES[one] for one in values]), np.bool_)


def _is_risky(columns: CertificateColumns, now: Micros) -> Mask:
    """Spec/features.md 17.3; what is not reported is no risk that is known."""
    ends = [rules.STATUSES.index("expired"), rules.STATUSES.index("expiring_soon")]
    answers = (columns.is_short_key, columns.is_weak_signature, columns.is_self_signed)
    risky: Mask = np.isin(columns.statuses(now), ends)
    for told in answers:
        risky |= told == 1
    return risky


def _sort_values(columns: CertificateColumns, counts: Ids, name: str) -> Ids | Numbers:
    match name:
        case "subject":
            return columns.subject_rank
        case "issuer":
            return columns.issuer_rank
        case "key_bits":
            return columns.key_bits
        case "devices":
            return counts
        case _:
            return columns.not_after


def _row(one: KnownCertificate, devices: int, now: Micros) -> CertificateRow:
    return CertificateRow(
        id=one.id,
        sha256=one.sha256,
        subject=one.subject,
        issuer=one.issuer,
        serial=one.serial,
        not_before=iso(one.not_before),
        not_after=iso(one.not_after),
        status=rules.status(one.not_before, one.not_after, now),
        key_type=one.key_type or None,
        key_bits=one.key_bits or None,
        is_short_key=rules.is_short_key(one.key_type, one.key_bits),
        signature=one.signature or None,
        is_weak_signature=rules.is_weak_signature(one.signature),
        is_self_signed=rules.is_self_signed(one.subject, one.issuer),
        devices=devices,
    )
