"""Rules of device identity: same device, re-image, clone."""

from __future__ import annotations

import pytest

from weakspot.inventory.contracts import HardwareId
from weakspot.inventory.rules import recognition
from weakspot.inventory.rules.recognition import CLONE, REIMAGED, SAME_BOARD, SAME_HARDWARE, SAME_INSTALLATION, Rule


def ids(**values: str) -> list[HardwareId]:
    return [HardwareId(kind, value) for kind, value in values.items()]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "told", "rule"),
    [
        (ids(machine_id="m1"), ids(machine_id="m1"), SAME_INSTALLATION),
        (ids(machine_id="m1", product_uuid="u1"), ids(machine_id="M1", product_uuid="U1"), SAME_INSTALLATION),
        # A sensor without the right to read the hardware's ids, before or now.
        (ids(machine_id="m1"), ids(machine_id="m1", product_uuid="u1", serial="s1"), SAME_INSTALLATION),
        (ids(machine_id="m1", product_uuid="u1"), ids(machine_id="m1", product_uuid="u2"), CLONE),
        (ids(machine_id="m1", cloud_instance="i-1"), ids(machine_id="m1", cloud_instance="i-2"), CLONE),
        # A new mainboard in the same case: the serial number of the case speaks for it.
        (
            ids(machine_id="m1", product_uuid="u1", serial="s1"),
            ids(machine_id="m1", product_uuid="u2", serial="s1"),
            SAME_INSTALLATION,
        ),
        (ids(machine_id="m1", product_uuid="u1"), ids(machine_id="m2", product_uuid="u1"), REIMAGED),
        (ids(product_uuid="u1"), ids(machine_id="m2", product_uuid="u1"), SAME_HARDWARE),
        (ids(machine_id="m1", board_serial="b1"), ids(machine_id="m2", board_serial="b1"), SAME_BOARD),
        (ids(mac="02:00:00:00:00:01"), ids(mac="02:00:00:00:00:01"), None),
        (ids(serial="Default string"), ids(serial="Default string"), None),
        (
            ids(product_uuid="00000000-0000-0000-0000-000000000000"),
            ids(product_uuid="00000000-0000-0000-0000-000000000000"),
            None,
        ),
        (ids(machine_id="m1"), ids(machine_id="m2"), None),
    ],
)
def test_which_rule_holds(known: list[HardwareId], told: list[HardwareId], rule: Rule | None) -> None:
    assert recognition.compare(known, told) is rule
    assert recognition.compare(told, known) is rule


def test_the_best_agreement_is_claimed_first_and_clones_claim_nothing() -> None:
    known = {
        1: ids(machine_id="m1"),
        2: ids(machine_id="m1", serial="s1"),
        3: ids(machine_id="m1", serial="s9"),
        4: ids(serial="s7"),
    }
    own, related = recognition.claims(known, ids(machine_id="m1", serial="s1"))
    assert [one for one, _ in own] == [2, 1]
    assert related == [(3, CLONE)]


def test_evidence_names_what_is_shared_and_what_differs() -> None:
    found = recognition.evidence(ids(machine_id="m1", serial="s1"), ids(machine_id="m1", serial="s2"))
    assert (found.shared, found.differing) == ({"machine_id": ["m1"]}, {"serial": ["s1", "s2"]})
