"""Long sequences of reports against a model: any mixture of good, repeated, late, foreign and damaged reports over
several devices leaves exactly the state that the accepted ones give, and nothing half done.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.inventory.support import START, Enrolled, Inventory, delta, device, digest, dpkg, full, identity_of
from weakspot import inventory
from weakspot.inventory.contracts import InstalledSoftware, Report
from weakspot.runtime.clock import SECOND
from weakspot.runtime.errors import (
    AccessError,
    DeviceKnown,
    InvalidField,
    ReportSuperseded,
    ResyncRequired,
    WeakspotError,
)

POOL = [dpkg(name, version) for name in "abcd" for version in ("1.0-1", "1.1-1")]
DEVICES = 3

items = st.sets(st.integers(0, len(POOL) - 1), max_size=len(POOL))
damages = st.sampled_from(
    ["digest", "base", "unknown_removed", "listed_twice", "nul", "future", "no_time", "both", "mixed", "key"]
)
actions = st.one_of(
    st.tuples(st.just("full"), items),
    st.tuples(st.just("delta"), st.tuples(items, items)),
    st.tuples(st.just("duplicate"), st.none()),
    st.tuples(st.just("replay"), st.integers(0, 20)),
    st.tuples(st.just("late"), items),
    st.tuples(st.just("foreign"), items),
    st.tuples(st.just("damaged"), st.tuples(damages, items)),
)
steps = st.lists(st.tuples(st.integers(0, DEVICES - 1), st.integers(-50, 50), actions), max_size=25)


class Model:
    """What one device's state must be."""

    def __init__(self, who: Enrolled) -> None:
        self.who = who
        self.installed: dict[tuple[str, ...], int] = {}
        self.ended: list[tuple[tuple[str, ...], int, int]] = []
        self.accepted: list[Report] = []
        self.sequence = 0
        self.at = 0

    @property
    def present(self) -> list[InstalledSoftware]:
        """What is installed."""
        return [item for item in POOL if identity_of(item) in self.installed]

    def accept(self, report: Report, wanted: list[InstalledSoftware], at: int) -> None:
        """A report came into force."""
        self.at = max(at, self.at + 1) if self.accepted else at
        names = {identity_of(item) for item in wanted}
        for gone in sorted(self.installed.keys() - names):
            self.ended.append((gone, self.installed.pop(gone), self.at))
        for name in names:
            self.installed.setdefault(name, self.at)
        self.accepted.append(report)
        self.sequence = report.sequence


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inventory]:
    """One inventory for all examples; each example enrols devices of its own."""
    found = Inventory(tmp_path_factory.mktemp("model"))
    yield found
    found.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_the_state_is_that_of_the_accepted_reports(world: Inventory, steps: list[tuple[int, int, Any]]) -> None:
    models = [Model(world.enrol(device())) for _ in range(DEVICES)]
    for number, skew, (kind, detail) in steps:
        world.now += SECOND
        take(world, models, models[number], kind, detail, world.now + skew)
        for model in models:
            verify(world, model)


def take(world: Inventory, models: list[Model], model: Model, kind: str, detail: Any, at: int) -> None:
    """One step: send something, and expect the model's answer."""
    who, sequence = model.who, model.sequence + 1
    # A sensor's clock ahead by less than five minutes is taken for the server's.
    seen = min(at, world.now)
    if kind == "full":
        wanted = [POOL[i] for i in sorted(detail)]
        report = full(who.described, sequence, wanted, at)
        world.record(who.key, report)
        model.accept(report, wanted, seen)
    elif kind == "delta":
        added, removed = changes_of(model, *detail)
        report = delta(who.described, sequence, model.present, added, removed, at)
        if not model.accepted:
            refuse(world, who.key, report, ResyncRequired)
            return
        wanted = [item for item in POOL if item in added or (item in model.present and item not in removed)]
        world.record(who.key, report)
        model.accept(report, wanted, seen)
    elif kind == "duplicate" and model.accepted:
        before = world.everything()
        answer = world.record(who.key, model.accepted[-1])
        assert (answer.is_duplicate, answer.digest) == (True, digest(model.present))
        assert world.everything() == before
    elif kind == "replay" and len(model.accepted) > 1:
        refuse(world, who.key, model.accepted[detail % (len(model.accepted) - 1)], ReportSuperseded)
    elif kind == "late" and model.accepted:
        late = full(who.described, model.sequence, [POOL[i] for i in detail], at)
        refuse(world, who.key, late, ReportSuperseded)
    elif kind == "foreign":
        other = models[(models.index(model) + 1) % DEVICES]
        report = full(other.who.described, max(sequence, other.sequence + 1), [POOL[i] for i in detail], at)
        refuse(world, who.key, report, DeviceKnown)
    elif kind == "damaged":
        damaged(world, model, *detail, at)


def changes_of(model: Model, added: set[int], removed: set[int]) -> tuple[list[Any], list[Any]]:
    """Additions (of what may be there already) and removals of what is there."""
    plus = [POOL[i] for i in sorted(added)]
    minus = [item for i, item in enumerate(POOL) if i in removed and item in model.present and item not in plus]
    return plus, minus


def damaged(world: Inventory, model: Model, damage: str, chosen: set[int], at: int) -> None:
    """A report with one thing wrong in it."""
    who, sequence, present = model.who, model.sequence + 1, model.present
    wanted = [POOL[i] for i in sorted(chosen)]
    good = full(who.described, sequence, wanted, at)
    plus = delta(who.described, sequence, present, wanted, [], at)
    absent = [item for item in POOL if item not in present]
    bad: tuple[Report, type[WeakspotError]] | None = {
        "digest": lambda: (msgspec.structs.replace(good, digest="ab" * 32), InvalidField),
        "base": lambda: (msgspec.structs.replace(plus, base_digest="ab" * 32), ResyncRequired),
        "listed_twice": lambda: (msgspec.structs.replace(good, software=(*wanted, POOL[0], POOL[0])), InvalidField),
        "nul": lambda: (full(who.described, sequence, [*wanted, dpkg("x\x00")], at), InvalidField),
        "future": lambda: (full(who.described, sequence, wanted, world.now + 400 * SECOND), InvalidField),
        "no_time": lambda: (msgspec.structs.replace(good, observed_at="2026-99-99T99:99:99Z"), InvalidField),
        "mixed": lambda: (msgspec.structs.replace(good, added=(POOL[0],)), InvalidField),
        "key": lambda: (good, AccessError),
        "unknown_removed": lambda: _removing(model, absent, at),
        "both": lambda: _both(model, at),
    }[damage]()
    if bad is not None:
        refuse(world, "wsd_" + "0" * 43 if damage == "key" else who.key, *bad)


def _removing(model: Model, absent: list[InstalledSoftware], at: int) -> tuple[Report, type[WeakspotError]] | None:
    if not absent or not model.accepted:
        return None
    report = delta(model.who.described, model.sequence + 1, model.present, [], [absent[0]], at)
    return report, InvalidField


def _both(model: Model, at: int) -> tuple[Report, type[WeakspotError]] | None:
    if not model.present:
        return None
    one = model.present[0]
    return delta(model.who.described, model.sequence + 1, model.present, [one], [one], at), InvalidField


def refuse(world: Inventory, key: str, report: Report, error: type[WeakspotError]) -> None:
    """The report is refused, and not one row of the database changes."""
    before = world.everything()
    with pytest.raises(error) as told:
        world.record(key, report)
    assert told.value.detail
    assert world.everything() == before


def verify(world: Inventory, model: Model) -> None:
    """The database says what the model says, and the intervals are in order."""
    device_id = model.who.id
    assert world.installed(device_id) == model.installed
    ended = world.ended(device_id)
    assert sorted(ended) == sorted(model.ended)
    state = world.read(lambda conn: inventory.device_state(conn, device_id))
    if not model.accepted:
        assert state is None
        return
    assert state is not None
    assert (state.digest, state.sequence) == (digest(model.present), model.sequence)
    assert state.report_id == model.accepted[-1].report_id
    spans: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for name, first_seen, removed in ended:
        assert first_seen < removed
        spans.setdefault(name, []).append((first_seen, removed))
    for name, first_seen in model.installed.items():
        spans.setdefault(name, []).append((first_seen, 1 << 62))
    for intervals in spans.values():
        for (_, end), (start, _) in itertools.pairwise(sorted(intervals)):
            assert end <= start
    assert model.at + 100 * SECOND >= START
