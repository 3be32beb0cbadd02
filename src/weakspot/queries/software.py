"""The Software inventory page: list, flyout, and the devices of one software."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import msgspec
import numpy as np

from weakspot import exceptions, inventory, scoring
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import Software
from weakspot.queries import devices as device_pages
from weakspot.queries import usage
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.columns import Ids, Mask, Numbers, SoftwareColumns, arranged, search_form
from weakspot.queries.contracts import (
    DeviceRow,
    Page,
    SoftwareDetail,
    SoftwareRow,
    SoftwareTag,
    SoftwareVersionRow,
)
from weakspot.queries.lens import Lens, cut, ids_of
from weakspot.queries.rows import is_assessed, looked_up_as, software_rows
from weakspot.queries.software_tags import Tagger
from weakspot.runtime.errors import NotFound

SHAPE = ListShape(
    filters={
        "type": None,
        "weak": ("yes", "no", "any"),
        "assessed": ("yes", "no", "any"),
        "tag": get_args(SoftwareTag),
    },
    sorts=("name", "vendor", "weaknesses", "exposed_devices", "installed_devices", "impact"),
    default_sort="-impact",
)
VERSIONS_SHOWN = 200
"""Versions in one flyout, most installed first; ``versions_total`` tells how many there are."""


EXACT_IMPACTS = 100
EXACT_COUNTS = 1_000
"""Up to so many weak software, the numbers to sort by are those of the moment."""


class _Costly(msgspec.Struct, frozen=True):
    """A number of each weak software that takes long to make for thousands of them."""

    name: str
    exact_up_to: int
    exact: Callable[[Sequence[int]], Mapping[int, float]]
    remembered: Callable[[], dict[int, float]]


class _Listed(msgspec.Struct, frozen=True):
    """Software that is installed in the scope, by ascending id, with its numbers of devices."""

    ids: Ids
    installed: Ids
    exposed: Ids


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[SoftwareRow]:
    """Software that is installed on some device in scope; that which costs the most score first."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    listed = _Listed(*lens.view.software_counts(scope))
    columns = lens.memory.software_columns(read, listed.ids)
    here = np.isin(listed.ids, columns.ids, assume_unique=True)
    listed = _Listed(listed.ids[here], listed.installed[here], listed.exposed[here])
    kept = _passing(lens, listed, columns, query)
    listed = _Listed(listed.ids[kept], listed.installed[kept], listed.exposed[kept])
    values = _sort_values(lens, listed, columns, query.sort.removeprefix("-"))
    ordered = listed.ids[arranged(values, descending=query.sort.startswith("-"), upto=query.end)]
    return cut(
        ordered, query, shape=SHAPE, noun="Software", rows=lambda ids: _in_order(software_rows(lens, ids), query)
    )


def _in_order(rows: list[SoftwareRow], query: ListQuery) -> list[SoftwareRow]:
    """The rows of one page by the numbers that they show, where the page was chosen by older or estimated ones."""
    if query.sort.removeprefix("-") == "impact":
        rows.sort(key=lambda row: row.impact, reverse=query.sort.startswith("-"))
    if query.sort.removeprefix("-") == "weaknesses":
        known = [row for row in rows if row.weaknesses is not None]
        known.sort(key=lambda row: row.weaknesses or 0, reverse=query.sort.startswith("-"))
        rows = known + [row for row in rows if row.weaknesses is None]
    return rows


def detail(read: ReadContext, scope: Scope, public_id: str) -> SoftwareDetail:
    """The flyout of one software. Raises NotFound."""
    lens = Lens(read, scope)
    software = find(lens, public_id)
    here = [one for one in lens.view.versions_of_software(software.id).tolist() if lens.is_version_here(one)]
    counts = {one: len(lens.view.devices_of_version(one, scope)) for one in here}
    shown = sorted(here, key=lambda one: (-counts[one], one))[:VERSIONS_SHOWN]
    versions = inventory.software_versions(read.conn, shown)
    reasons = lens.memory.not_assessed(read)
    weak = {one: len(lens.exceptions.applying(lens.view, [one], lens.counted)) for one in versions}
    newest_first = sorted(versions.values(), key=lambda one: (one.version_key, one.id), reverse=True)
    tagger = Tagger(lens)
    return SoftwareDetail(
        software=software_rows(lens, [software.id], is_exact=True)[0],
        versions=[
            SoftwareVersionRow(
                version=one.version,
                platform=one.platform,
                architecture=one.architecture,
                source_name=one.source_name,
                source_version=one.source_version,
                looked_up_as=looked_up_as(one),
                installed_devices=counts[one.id],
                weaknesses=weak[one.id] if weak[one.id] or one.id not in reasons else None,
                not_assessed_reason=reasons.get(one.id),
                support_ends_on=tagger.ends_on(one.id),
                tags=tagger.of_versions([one.id]),
            )
            for one in newest_first
        ],
        versions_total=len(here),
        usage=usage.insight(lens, [software.id]),
    )


def devices(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[DeviceRow]:
    """Devices in scope that have the software, exposed by it or not. Raises NotFound."""
    lens = Lens(read, scope)
    software = find(lens, public_id)
    return device_pages.page_of(lens, ids_of(lens.view.devices_of_software(software.id, scope)), query)


def find(lens: Lens, public_id: str) -> Software:
    """Software that is installed in the scope. Raises NotFound, whether it is nowhere or just elsewhere."""
    found = inventory.software_id_of(lens.conn, public_id[:2_100])
    if found is None or not lens.view.devices_of_software(found, lens.scope):
        raise NotFound("There is no such software on the devices you may see; its id is vendor-_-product.")
    return lens.memory.software(lens.read, [found])[found]


def _passing(lens: Lens, listed: _Listed, columns: SoftwareColumns, query: ListQuery) -> Mask:
    at = columns.positions(listed.ids)
    kept = np.ones(len(listed.ids), np.bool_)
    weak = set(query.filters.get("weak") or ("any",))
    if "any" not in weak and len(weak) == 1:
        kept &= (listed.exposed > 0) == (weak == {"yes"})
    if types := set(query.filters.get("type") or ()):
        kept &= np.fromiter((columns.types[one] in types for one in at.tolist()), np.bool_, len(at))
    if text := search_form(query.search):
        kept &= columns.haystack.containing(text)[at]
    if tags := query.filters.get("tag"):
        kept &= np.isin(listed.ids, Tagger(lens).tagged(tags))
    assessed = set(query.filters.get("assessed") or ("any",))
    if "any" not in assessed and len(assessed) == 1:
        kept &= _assessed(lens, listed) == (assessed == {"yes"})
    return kept


def _assessed(lens: Lens, listed: _Listed) -> Mask:
    """Whether anything can be said about the software as it is installed in the scope."""
    software_of = lens.view.software.whole()
    silent = np.fromiter(lens.memory.not_assessed(lens.read), np.int64)
    extent = int(max(listed.ids.max(initial=0), software_of.max(initial=0))) + 1
    versions = np.bincount(software_of, minlength=extent)[listed.ids]
    silent_versions = np.bincount(software_of[silent[silent < len(software_of)]], minlength=extent)[listed.ids]
    found: Mask = (silent_versions < versions) | (listed.exposed > 0)
    mixed = np.flatnonzero((silent_versions > 0) & found & (listed.exposed == 0))
    found[mixed] = [is_assessed(lens, one) for one in listed.ids[mixed].tolist()]
    return found


def _sort_values(lens: Lens, listed: _Listed, columns: SoftwareColumns, sort: str) -> Ids | Numbers:
    at = columns.positions(listed.ids)
    match sort:
        case "name":
            return columns.name_rank[at]
        case "vendor":
            return columns.vendor_rank[at]
        case "exposed_devices":
            return listed.exposed
        case "installed_devices":
            return listed.installed
        case "weaknesses":
            return _weaknesses(lens, listed)
        case _:
            return _impacts(lens, listed)


def _impacts(lens: Lens, listed: _Listed) -> Numbers:
    """Impacts: exact in a small fleet, else about, and at most half a minute old; what is shown is always exact."""

    def exact(ids: Sequence[int]) -> dict[int, float]:
        return scoring.software_impacts(lens.view, ids, lens.scope, excepted=lens.excepted)

    def estimated() -> dict[int, float]:
        return scoring.impact_estimates(lens.view, lens.scope, excepted=lens.excepted)

    return _costly(lens, listed, _Costly("impact", EXACT_IMPACTS, exact, estimated))


def _weaknesses(lens: Lens, listed: _Listed) -> Numbers:
    """Numbers of weaknesses, in a large fleet at most half a minute old; NaN where nothing can be said."""

    def exact(ids: Sequence[int]) -> dict[int, float]:
        return {one: len(lens.weaknesses_of_software(one)) for one in ids}

    def all_weak() -> dict[int, float]:
        ids, _, exposed = lens.view.software_counts(lens.scope)
        return exact(ids[exposed > 0].tolist())

    values = _costly(lens, listed, _Costly("weaknesses", EXACT_COUNTS, exact, all_weak))
    return np.where(_assessed(lens, listed), values, np.nan)


def _costly(lens: Lens, listed: _Listed, costly: _Costly) -> Numbers:
    weak = np.flatnonzero(listed.exposed)
    ids = listed.ids[weak].tolist()
    if len(ids) <= costly.exact_up_to:
        known = costly.exact(ids)
    else:
        decided = str(exceptions.stamp(lens.conn))
        known = lens.memory.ordering(lens.read, costly.name, lens.scope, costly.remembered, while_as=decided).values
        fresh = [one for one in ids if one not in known][: costly.exact_up_to]  # exposed since
        known = {**known, **costly.exact(fresh)} if fresh else known
    values = np.zeros(len(listed.ids))
    values[weak] = [known.get(one, 0.0) for one in ids]
    return values
