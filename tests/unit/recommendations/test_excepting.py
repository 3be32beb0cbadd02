"""What holds after any reports, knowledge and decisions is what is made anew of the same index and database."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.world import World, advisory, debian, dpkg, pypi, python_package
from weakspot import exceptions, recommendations
from weakspot.exceptions import ExceptionScope, NewException
from weakspot.fleet import Fleet
from weakspot.recommendations import InForce
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import Conflict
from weakspot.workflows.scores import active_score_differences

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
SUBJECTS = ("va-_-debian-_-curl", "va-_-pypi-_-requests", "CVE-2099-0001", "CVE-2099-0002", "GHSA-2099-none")
VERSIONS = ("6.0-1", "7.0-1", "8.0-1")


class Deciding(World):
    """Two groups of two devices with curl and requests, of which something is decided, reported or learnt."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        super().__init__(folder)
        self.dice = dice
        self.groups = [self.group("one"), self.group("two")]
        self.mine = [self.enrol(f"d{n}", group=self.groups[n % 2]) for n in range(4)]
        self.learn()
        for device in self.mine:
            self.report(device, dpkg("curl", "7.0-1"), python_package("requests", "2.0"))

    def learn(self) -> None:
        fixed = self.dice.choice(("7.5-1", "8.0-1", "9.0-1"))
        self.know(
            "osv",
            advisory("CVE-2099-0001", debian("curl", fixed=fixed), cvss=HIGH),
            advisory("CVE-2099-0002", debian("curl", fixed="7.5-1"), pypi("requests", fixed="3.0"), cvss=HIGH),
        )

    def tell(self) -> None:
        some = [dpkg("curl", self.dice.choice(VERSIONS)), python_package("requests", self.dice.choice("234") + ".0")]
        self.report(self.dice.choice(self.mine), *self.dice.sample(some, self.dice.randint(0, 2)))

    def grow(self) -> None:
        self.mine.append(self.enrol(f"d{len(self.mine)}", group=self.dice.choice(self.groups)))

    def allow(self, subject: str = "") -> None:
        subject = subject or self.dice.choice(SUBJECTS)
        scope = self.dice.choice(
            (
                ExceptionScope(),
                ExceptionScope(kind="device_group", group_ids=(self.dice.choice(self.groups),)),
                ExceptionScope(kind="device", device_ids=(self.dice.choice(self.mine).id,)),
            )
        )
        new = NewException(
            subject_kind="recommendation" if subject.startswith("va-") else "vulnerability",
            subject=subject,
            scope=scope,
            justification=self.dice.choice(("third_party_control", "alternate_mitigation", "risk_accepted")),
            context="why",
            until_at=self.clock.at + self.dice.randint(3, 15) * DAY,
        )
        try:
            self.database.write(lambda conn: exceptions.request(conn, new, "user:1:test", self.clock.at))
        except Conflict:  # there is one already
            return
        self.catch_up()

    def cancel(self) -> None:
        with self.read() as read:
            kept = exceptions.in_force(read.conn, self.clock.at)
        if kept:
            one = self.dice.choice(kept)
            self.database.write(lambda conn: exceptions.cancel(conn, one.id, "user:1:test", self.clock.at))
            self.catch_up()

    def wait(self) -> None:
        self.clock.forward(days=2)
        self.report(self.mine[0])  # a new view, as any second brings one; nothing has ended yet what is over


def told(found: InForce, extent: int) -> tuple[object, ...]:
    """Everything that is read of what holds."""
    ids = np.arange(1, extent)
    return (
        sorted(found.kept),
        found.reach,
        *((one.devices, one.hazards(ids).tolist()) for one in (found.reducing, found.hidden, found.inapplicable)),
    )


@pytest.mark.parametrize("seed", range(2))
def test_active_is_recomputed(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    world = Deciding(tmp_path, dice)
    steps: list[Callable[[], None]] = [
        *[world.tell] * 3, *[world.allow] * 4, world.cancel, world.learn, world.grow, world.wait,
    ]  # fmt: skip
    for one in SUBJECTS:
        world.allow(one)
    seen: set[str] = set()
    for _ in range(30):
        dice.choice(steps)()
        view, now = world.fleet.view(), world.clock.at
        with world.read() as read:
            followed = recommendations.in_force(read.conn, world.fleet, view, now)
            anew = recommendations.in_force(read.conn, Fleet(), view.successor(), now)
        assert told(followed, view.device_extent) == told(anew, view.device_extent)
        assert active_score_differences(world.database, world.fleet, now) == []
        seen.add(str(followed.reducing.devices))
    assert len(seen) > 1
    world.close()
