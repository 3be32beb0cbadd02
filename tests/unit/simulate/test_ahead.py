"""What is planned ahead for a whole fleet is what each of its agents would tell."""

from __future__ import annotations

import msgspec
import pytest

from weakspot.inventory.contracts import Report
from weakspot.runtime.clock import SECOND
from weakspot.simulate.ahead import Rounds
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Agent, Wire

NOW = 1_790_000_000 * SECOND
POPULATION = Population(3, 60, Catalogue(3, size=800), per_device=40)


@pytest.mark.parametrize("tells_settings", [True, False])
@pytest.mark.parametrize("at_once", [7, 1_000])
def test_rounds_are_the_agents_deltas(tells_settings: bool, at_once: int) -> None:
    wire = Wire(POPULATION, tells_settings=tells_settings)
    rounds = Rounds(wire, lambda device: f"key {device}", at_once=at_once)
    agents = [Agent(wire, device) for device in range(POPULATION.devices)]
    for agent in agents:
        agent.loaded(POPULATION.installed(agent.device, 0))
    for day in (20, 40, 60):
        told = {one.device: one for one in rounds.deltas(20, lambda: NOW)}
        for agent in agents:
            planned = agent.plan(day, NOW)
            assert planned.is_news == (agent.device in told)
            if planned.is_news:
                sealed = told[agent.device]
                assert (sealed.key, sealed.kind) == (f"key {agent.device}", "delta")
                assert msgspec.json.decode(sealed.body, type=Report) == planned.report
                agent.confirmed(planned)


def test_a_day_without_changes_has_no_reports() -> None:
    rounds = Rounds(Wire(POPULATION), str, day=5)
    assert list(rounds.deltas(0, lambda: NOW)) == []
