"""Columns of every certificate of the fleet, and the devices that have each: followed, not read for every page.

One ``Held`` belongs to one fleet index. It is brought up to the request's snapshot by reading again just the devices
whose certificates changed; work and memory go by distinct certificates (docs/ARCHITECTURE.md, "The idea").
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.fleet import Fleet
from weakspot.inventory import certificates
from weakspot.inventory.certificates import Holdings, KnownCertificate
from weakspot.inventory.rules import certificates as rules
from weakspot.queries.base import ReadContext
from weakspot.queries.columns import Ids, Mask, Numbers, TextColumn, natural, ranks
from weakspot.runtime.clock import DAY, Micros

Answers = npt.NDArray[np.int8]
"""1: yes, 0: no, -1: not reported."""


class CertificateColumns:
    """What lists of certificates are filtered and sorted by, in the order in which they became known."""

    def __init__(self, listed: Sequence[KnownCertificate] = ()) -> None:
        self.listed = list(listed)
        self.at = {one.id: place for place, one in enumerate(self.listed)}
        self.not_before = _numbers([one.not_before for one in listed])
        self.not_after = _numbers([one.not_after for one in listed])
        self.key_bits = _numbers([one.key_bits or None for one in listed])
        keys = {(one.key_type, one.key_bits) for one in listed}
        is_short = {key: rules.is_short_key(*key) for key in keys}
        is_weak = {one: rules.is_weak_signature(one) for one in {one.signature for one in listed}}
        self.is_short_key = _answers([is_short[one.key_type, one.key_bits] for one in listed])
        self.is_weak_signature = _answers([is_weak[one.signature] for one in listed])
        self.is_self_signed = _answers([rules.is_self_signed(one.subject, one.issuer) for one in listed])

    def extended(self, fresh: Sequence[KnownCertificate]) -> CertificateColumns:
        """With certificates that are not in it yet."""
        added, made = CertificateColumns(fresh), CertificateColumns()
        made.listed = self.listed + added.listed
        made.at = self.at | {one.id: place for place, one in enumerate(fresh, len(self.listed))}
        for name in ("not_before", "not_after", "key_bits", "is_short_key", "is_weak_signature", "is_self_signed"):
            setattr(made, name, np.concatenate((getattr(self, name), getattr(added, name))))
        return made

    def statuses(self, now: Micros) -> npt.NDArray[np.int8]:
        """Place of each one's status in ``rules.STATUSES``, as ``rules.status`` has it."""
        soon = now + rules.EXPIRING_DAYS * DAY
        found = np.full(len(self.listed), rules.STATUSES.index("current"), np.int8)
        found[self.not_after <= soon] = rules.STATUSES.index("expiring_soon")
        found[self.not_after < now] = rules.STATUSES.index("expired")
        found[np.isnan(self.not_after)] = rules.STATUSES.index("not_reported")
        found[self.not_before > now] = rules.STATUSES.index("future_dated")
        return found

    def is_due(self, now: Micros, days: int) -> Mask:
        """Those that are not over yet and end within so many days."""
        return np.asarray((self.not_after >= now) & (self.not_after <= now + days * DAY), np.bool_)

    @cached_property
    def texts(self) -> TextColumn:
        """What a search looks through."""
        return TextColumn(
            f"{one.subject}\n{one.issuer}\n{one.serial}\n{one.sha256}".casefold() for one in self.listed
        )  # fmt: skip

    @cached_property
    def subject_rank(self) -> Ids:
        """Place by subject, numbers in it as numbers."""
        return ranks([natural(one.subject) for one in self.listed])

    @cached_property
    def issuer_rank(self) -> Ids:
        """Place by issuer."""
        return ranks([natural(one.issuer) for one in self.listed])


class Held:
    """Certificates with the devices that have them, as of one ``revision``. Never changed: ``followed`` makes another.

    telling: devices that tell their certificates at all. devices: by place in the columns; empty where none has it now.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.telling = BitMap()
        self.columns = CertificateColumns()
        self.devices: list[BitMap] = []

    def followed(self, conn: Connection, revision: int) -> Held:
        """As of a later revision."""
        changed = certificates.devices_changed(conn, self.revision)
        made = Held()
        made.revision = revision
        made.telling = self.telling | changed
        made.devices = [one - changed if one.intersect(changed) else one for one in self.devices]
        at, fresh = dict(self.columns.at), list[KnownCertificate]()
        for holdings in certificates.holdings(conn, self.revision):
            for certificate in _unknown(conn, holdings, at):
                at[certificate.id] = len(made.devices)
                made.devices.append(BitMap())
                fresh.append(certificate)
            for certificate_id, devices in _by_certificate(holdings):
                if certificate_id in at:
                    made.devices[at[certificate_id]] = made.devices[at[certificate_id]] | devices
        made.columns = self.columns.extended(fresh) if fresh else self.columns
        return made


class _Followed:
    """The newest ``Held`` of one fleet index."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = Held()

    def current(self, read: ReadContext) -> Held:
        """Of the request's snapshot or later."""
        with self._lock:
            revision = certificates.revision(read.conn)
            if revision > self._held.revision:
                self._held = self._held.followed(read.conn, revision)
            return self._held


_followed: weakref.WeakKeyDictionary[Fleet, _Followed] = weakref.WeakKeyDictionary()
_followed_lock = threading.Lock()


def held(read: ReadContext) -> Held:
    """Certificates of the fleet now. It goes away with the fleet index."""
    with _followed_lock:
        found = _followed.setdefault(read.fleet, _Followed())
    return found.current(read)


def _unknown(conn: Connection, holdings: Holdings, at: Mapping[int, int]) -> list[KnownCertificate]:
    ids = np.unique(holdings.certificates).tolist()
    return certificates.certificates(conn, [one for one in ids if one not in at])


def _by_certificate(holdings: Holdings) -> Iterator[tuple[int, BitMap]]:
    order = np.argsort(holdings.certificates, kind="stable")
    owned, device = holdings.certificates[order], holdings.devices[order]
    starts = np.flatnonzero(np.diff(owned, prepend=np.uint32(0)))  # ids are from 1 up
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(owned)], strict=False):
        yield int(owned[start]), BitMap(device[start:end].tolist())


def _numbers(values: Sequence[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _answers(values: Sequence[bool | None]) -> Answers:
    return np.array([-1 if value is None else int(value) for value in values], np.int8)
