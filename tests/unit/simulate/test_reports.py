"""Reports of simulated agents are what the server accepts: digests and differences agree with its own rules."""

from __future__ import annotations

from weakspot.inventory.rules import identity
from weakspot.runtime.clock import SECOND
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Agent, Wire

NOW = 1_790_000_000 * SECOND
WIRE = Wire(Population(3, 50, Catalogue(3, size=2_000)))


def test_the_first_report_is_full_and_its_digest_is_the_servers() -> None:
    report = Agent(WIRE, 4).plan(0, NOW).report
    assert report.kind == "full"
    assert report.digest == identity.digest_of(identity.wire_hash(item) for item in report.software)


def test_a_delta_leads_from_what_was_confirmed_to_what_is_there() -> None:
    agent = Agent(WIRE, 4)
    first = agent.plan(0, NOW)
    agent.confirmed(first)
    delta = agent.plan(60, NOW + SECOND).report
    assert delta.kind == "delta"
    assert delta.added
    assert delta.base_digest == first.report.digest
    added = [identity.wire_hash(item) for item in delta.added]
    removed = [identity.wire_hash(item) for item in delta.removed]
    assert identity.digest_after(first.report.digest, added, removed) == delta.digest
    assert delta.sequence > first.report.sequence


def test_after_a_refusal_everything_is_said() -> None:
    agent = Agent(WIRE, 4)
    agent.confirmed(agent.plan(0, NOW))
    agent.refused()
    assert agent.plan(1, NOW).report.kind == "full"


def test_settings_are_told_in_full_and_then_when_they_change() -> None:
    agent = Agent(WIRE, 4)
    first = agent.plan(0, NOW)
    assert first.report.details is not None
    assert first.report.details.settings == WIRE.settings(4, 0)
    agent.confirmed(first)
    same = agent.plan(0, NOW + SECOND)
    assert same.report.details is None
    assert not same.is_news
    day = next(day for day in range(1, 2_000) if WIRE.settings(4, day) != WIRE.settings(4, 0))
    changed = agent.plan(day, NOW + SECOND).report.details
    assert changed is not None
    assert changed.settings == WIRE.settings(4, day)
    agent.loaded(WIRE.population.installed(4, 0))
    assert agent.plan(0, NOW).report.details is None


def test_a_fleet_may_tell_no_settings() -> None:
    assert Agent(Wire(WIRE.population, tells_settings=False), 4).plan(0, NOW).report.details is None
