"""Figures of the plan. ``python -m bench.plan [--devices N ...]``

The synthetic fleet of ``bench.fleet``; an action updates all versions of one software to its newest one.
"""

from __future__ import annotations

import argparse
import time

from pyroaring import BitMap

from bench._lines import emit, progress, timed
from bench.fleet import EVERYTHING, Population
from weakspot.fleet import Fleet, FleetView
from weakspot.recommendations import Action, Goal, make_plan
from weakspot.scoring import organisation_score, replacement_impact

BUDGETS = {100_000: 1.0, 1_000_000: 5.0}


def actions_of(view: FleetView) -> list[Action]:
    """One action for each software with weaknesses."""
    ids, _, exposed = view.software_counts(EVERYTHING)
    actions = []
    for software, count in zip(ids.tolist(), exposed.tolist(), strict=True):
        if count:
            newest = BitMap(view.weaknesses[view.versions[software][-1]])
            weak = view.weak_versions(software)
            replaced = {one: newest for one in weak if view.weaknesses[one] != newest}
            if replaced:
                actions.append(Action(id=str(software), replaced=replaced, hours=2 + count / 50))
    return actions


def run(devices: int) -> None:
    """All figures for one size."""
    progress(f"fleet of {devices:,} devices")
    population = Population(devices)
    fleet = Fleet()
    fleet.build(
        seq=1,
        software=population.software_of,
        facts=population.facts(),
        installations=population.chunks(),
        matches=population.matches,
        hazards=population.hazards,
    )
    actions = actions_of(fleet.view())
    score = organisation_score(fleet, EVERYTHING) or 0.0
    budget = BUDGETS.get(devices)
    goals = {"ten": Goal(actions=10), "hours": Goal(hours=400.0), "score": Goal(score=score - 1.0)}
    for name, goal in goals.items():
        began, cpu = time.perf_counter(), time.thread_time()
        plan = make_plan(fleet.view(), EVERYTHING, actions, goal)
        wall, used = time.perf_counter() - began, time.thread_time() - cpu
        allowed = budget if name == "ten" else None
        emit(f"plan.{name}.cpu", devices, used, "s", budget=allowed)
        emit(f"plan.{name}", devices, wall, "s", budget=allowed, actions=len(actions), steps=len(plan.steps),
             score_before=plan.score_before, score_after=plan.score_after,
             best_possible=plan.best_possible)  # fmt: skip
    largest = max(actions, key=lambda one: one.hours)
    emit("plan.impact", devices,
         timed(lambda: replacement_impact(fleet.view(), EVERYTHING, largest.replaced)), "ms")  # fmt: skip


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--devices", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="sizes")
    for devices in parser.parse_args().devices:
        run(devices)


if __name__ == "__main__":
    main()
