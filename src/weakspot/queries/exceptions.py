"""The Exceptions tab: the list, one exception with its devices, and what a request for one means."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
from pyroaring import BitMap

from weakspot import exceptions, intel, inventory, recommendations
from weakspot.access.contracts import Scope
from weakspot.exceptions import ExceptionScope, KeptException, NewException
from weakspot.exceptions.contracts import Justification, ScopeKind, Status, SubjectKind
from weakspot.queries import checks
from weakspot.queries import devices as device_pages
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import natural, search_form
from weakspot.queries.contracts import DeviceRow, Page, SoftwareReference
from weakspot.queries.lens import Lens, find_device, ids_of
from weakspot.queries.recommendations import Reader
from weakspot.queries.rows import iso, reference
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import InvalidField, NotFound

CONFIGURATION = "configuration"
"""Of the filter by subject: recommendations about a setting."""
SHAPE = ListShape(
    filters={
        "justification": get_args(Justification),
        "type": get_args(ScopeKind),
        "status": get_args(Status),
        "subject": (*get_args(SubjectKind), CONFIGURATION),
    },
    sorts=("subject", "status", "created_at", "expires_at"),
    default_sort="-created_at",
)
GROUPS_SHAPE = ListShape(filters={}, sorts=("name", "is_active"), default_sort="name")
_SHOWN = 1_000


class NamedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A device group that the caller may see. is_active: the exception still holds for it."""

    id: int
    name: str
    is_active: bool


class ExceptionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One exception. ``devices``: counted ones that it reaches, of those that the caller may see, while it holds.

    created_by, decided_by and ended_by are names of people; groups, tags and software are what its scope names.
    """

    id: int
    subject_kind: SubjectKind
    subject: str
    title: str
    type: ScopeKind
    justification: Justification
    context: str
    status: Status
    is_score_reducing: bool
    created_by: str
    created_at: str
    decided_by: str | None
    decided_at: str | None
    note: str
    since: str | None
    expires_at: str
    ended_at: str | None
    ended_by: str | None
    groups: list[NamedGroup]
    tags: list[str]
    software: list[SoftwareReference]
    devices: int | None


class AskedScope(msgspec.Struct, frozen=True, kw_only=True):
    """A scope in public words. is_all_groups: every device group of now that the caller may see, without later ones."""

    kind: Literal["global", "device_group", "tag", "device", "software"]
    group_ids: tuple[int, ...] = ()
    is_all_groups: bool = False
    tags: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    software: tuple[str, ...] = ()


class AskedException(msgspec.Struct, frozen=True, kw_only=True):
    """A request in public words."""

    subject_kind: SubjectKind
    subject: str
    scope: AskedScope
    justification: Justification
    context: str
    until_at: Micros


class OfferedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A device group in the form. is_offered: no exception of this subject is open for it (spec/features.md 9.2)."""

    id: int
    name: str
    is_offered: bool


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[ExceptionRow]:
    """Exceptions that reach something in the scope, past ones included; newest first."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    rows = [row(lens, kept, status) for kept, status in exceptions.listed(read.conn, read.now) if _is_seen(scope, kept)]
    keys = {
        "subject": lambda one: natural(one.title),
        "status": lambda one: get_args(Status).index(one.status),
        "created_at": lambda one: one.created_at,
        "expires_at": lambda one: one.expires_at,
    }
    return paged(
        [one for one in rows if _passes(one, query)],
        query,
        shape=SHAPE,
        noun="Exceptions",
        key=keys[query.sort.removeprefix("-")],
        tie=lambda one: one.id,
        rows=lambda chosen: chosen,
    )


def detail(read: ReadContext, scope: Scope, exception_id: int) -> ExceptionRow:
    """One of them. Raises NotFound."""
    lens = Lens(read, scope)
    kept = _seen(lens, exception_id)
    return row(lens, kept, exceptions.status(read.conn, kept, read.now))


def devices(read: ReadContext, scope: Scope, exception_id: int, query: ListQuery) -> Page[DeviceRow]:
    """Devices in scope that an exception in force reaches; none when it is not. Raises NotFound."""
    lens = Lens(read, scope)
    kept = _seen(lens, exception_id)
    return device_pages.page_of(lens, ids_of(lens.exceptions.reach.get(kept.id, BitMap()) & lens.counted), query)


def groups(read: ReadContext, scope: Scope, exception_id: int, query: ListQuery) -> Page[NamedGroup]:
    """Device groups that it names, of those in the scope (spec/features.md 9.4); none for a scope of another type.

    Raises NotFound.
    """
    query = GROUPS_SHAPE.check(query)
    lens = Lens(read, scope)
    text = query.search.casefold().strip()
    named = [one for one in _named(lens, _seen(lens, exception_id)) if text in one.name.casefold()]
    return paged(
        named,
        query,
        shape=GROUPS_SHAPE,
        noun="Device groups",
        key=lambda one: natural(one.name) if query.sort.removeprefix("-") == "name" else one.is_active,
        tie=lambda one: (natural(one.name), one.id),
        rows=lambda chosen: chosen,
    )


def offered_groups(read: ReadContext, scope: Scope, subject_kind: SubjectKind, subject: str) -> list[OfferedGroup]:
    """Device groups for the form: those of the scope, and which of them are taken."""
    lens = Lens(read, scope)
    taken: frozenset[int] = frozenset()
    if subject:
        taken = exceptions.taken_groups(read.conn, subject_kind, _subject(lens, subject_kind, subject), read.now)
    return [
        OfferedGroup(id=one.id, name=one.name, is_offered=one.id not in taken)
        for one in inventory.groups(read.conn)
        if scope.includes(one.id)
    ]


def resolve(read: ReadContext, scope: Scope, asked: AskedException) -> NewException:
    """What a request means, with ids instead of names. Raises NotFound, InvalidField."""
    lens = Lens(read, scope)
    given = asked.scope
    group_ids = given.group_ids
    if given.is_all_groups:
        if given.kind != "device_group" or group_ids:
            raise InvalidField("All groups are asked for without naming any, with scope device_group.", field="scope")
        group_ids = tuple(one.id for one in inventory.groups(read.conn) if scope.includes(one.id))
    known = {one.id for one in inventory.groups(read.conn)}
    if unknown := set(group_ids) - known:
        raise InvalidField(f"There is no device group {min(unknown)}.", field="scope")
    return NewException(
        subject_kind=asked.subject_kind,
        subject=_subject(lens, asked.subject_kind, asked.subject),
        scope=ExceptionScope(
            kind=given.kind,
            group_ids=tuple(sorted(set(group_ids))),
            tags=tuple(sorted({one.strip() for one in given.tags})),
            device_ids=tuple(sorted({find_device(lens, one).id for one in given.devices[:10_001]})),
            software_ids=tuple(sorted({_software(lens, one) for one in given.software[:101]})),
            within_group_ids=None if scope.group_ids is None else tuple(sorted(scope.group_ids)),
        ),
        justification=asked.justification,
        context=asked.context.strip(),
        until_at=asked.until_at,
    )


def row(lens: Lens, kept: KeptException, status: Status) -> ExceptionRow:
    """An exception as the API writes it."""
    scope = kept.scope
    reached = lens.exceptions.reach.get(kept.id)
    software = lens.memory.software(lens.read, scope.software_ids)
    return ExceptionRow(
        id=kept.id,
        subject_kind=kept.subject_kind,
        subject=kept.subject,
        title=_title(lens, kept),
        type=scope.kind,
        justification=kept.justification,
        context=kept.context,
        status=status,
        is_score_reducing=kept.is_reducing,
        created_by=_person(kept.requested_by) or "",
        created_at=to_iso(kept.requested_at),
        decided_by=_person(kept.decided_by),
        decided_at=iso(kept.decided_at),
        note=kept.note,
        since=iso(kept.since),
        expires_at=to_iso(kept.until_at),
        ended_at=iso(kept.ended_at),
        ended_by=_person(kept.ended_by),
        groups=_named(lens, kept)[:_SHOWN],
        tags=list(scope.tags),
        software=[reference(software[one]) for one in scope.software_ids if one in software],
        devices=None if reached is None else len(reached & lens.counted),
    )


def _named(lens: Lens, kept: KeptException) -> list[NamedGroup]:
    return [
        NamedGroup(id=one, name=lens.group_names.get(one, ""), is_active=one in kept.group_ids)
        for one in kept.scope.group_ids
        if lens.scope.includes(one)
    ]


def _person(author: str | None) -> str | None:
    return None if author is None else author.split(":", 2)[-1]


def _title(lens: Lens, kept: KeptException) -> str:
    if kept.subject_kind == "vulnerability":
        return kept.subject
    if (title := checks.check_title(kept.subject)) is not None:
        return title
    product = recommendations.current(lens.conn, lens.read.fleet).products.get(kept.subject)
    return kept.subject if product is None else product.name


def _seen(lens: Lens, exception_id: int) -> KeptException:
    kept = exceptions.get(lens.conn, exception_id)
    if not _is_seen(lens.scope, kept):
        raise NotFound(f"There is no exception {exception_id}.")
    return kept


def _is_seen(scope: Scope, kept: KeptException) -> bool:
    """Whether it can reach a device group of the scope."""
    if scope.group_ids is None:
        return True
    reached = kept.scope.group_ids if kept.scope.kind == "device_group" else kept.scope.within_group_ids
    return reached is None or not scope.group_ids.isdisjoint(reached)


def _subject(lens: Lens, kind: SubjectKind, text: str) -> str:
    """The one way to write a subject that is there."""
    if kind == "vulnerability":
        found = intel.find(lens.conn, text[:120])
        facts = {} if found is None else intel.facts(lens.conn, [found])
        if found is None or found not in facts:
            raise NotFound(f"No weakness is known as {text[:80]!r}; check the spelling.")
        return facts[found].name
    if recommendations.check_of(text) is not None:
        return checks.existing(text)
    return Reader(lens).one(text).id


def _software(lens: Lens, public_id: str) -> int:
    found = inventory.software_id_of(lens.conn, public_id)
    if found is None:
        raise NotFound(f"There is no software {public_id[:80]!r}; its id is vendor-_-product.")
    return found


def _passes(one: ExceptionRow, query: ListQuery) -> bool:
    subjects: set[str] = {one.subject_kind}
    if recommendations.check_of(one.subject) is not None:
        subjects.add(CONFIGURATION)
    has: dict[str, set[str]] = {
        "justification": {one.justification},
        "type": {one.type},
        "status": {one.status},
        "subject": subjects,
    }
    text = search_form(query.search)
    return all(has[name].intersection(values) for name, values in query.filters.items()) and (
        not text or text in search_form(f"{one.title} {one.subject} {one.context} {one.created_by}")
    )
