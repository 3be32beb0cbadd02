"""Business context rules: what software and listeners say, and which proposal is in force."""

from __future__ import annotations

from typing import Any

import pytest
from pyroaring import BitMap

from tests.unit.inventory.support import device
from weakspot.inventory.contracts import Interface, Listener
from weakspot.inventory.rules import context
from weakspot.inventory.rules.context import ContextRuleState


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("samba-ad-dc", {"domain_controller"}),
        ("postgresql-15", {"database_server"}),
        ("postgresql", {"database_server"}),
        ("postgresql-client-15", set()),
        ("mysql-server-8.0", {"database_server"}),
        ("Microsoft SQL Server 2019 Database Engine Services", {"database_server"}),
        ("nginx-full", {"web_server"}),
        ("nginx-doc", set()),
        ("httpd", {"web_server"}),
    ],
)
def test_software_speaks_for_roles(name: str, roles: set[str]) -> None:
    assert context.roles_of_software(name) == roles


def seen(ports: list[int], address: str = "0.0.0.0", **fields: Any) -> set[str]:
    listeners = tuple(Listener("tcp", address, port) for port in ports)
    return set(context.observed_by_sensor(device(listeners=listeners, **fields)))


def test_listeners_speak_for_roles_when_others_can_reach_them() -> None:
    assert seen([5432]) == {"database_server"}
    assert seen([443, 80]) == {"web_server"}
    assert seen([88]) == set()
    assert seen([88, 389, 464]) == {"domain_controller"}
    assert seen([5432], "127.0.0.1") == set()
    assert seen([5432], "::1") == set()


def test_internet_facing_needs_a_public_address_and_an_open_port_where_ports_are_known() -> None:
    public = (Interface("eth0", addresses=("8.8.8.8/24", "fe80::1%eth0")),)
    private = (Interface("eth0", addresses=("10.0.0.5/8", "not an address")),)
    assert "internet_facing" in seen([], interfaces=public)
    assert "internet_facing" in seen([22], interfaces=public)
    assert "internet_facing" not in seen([22], "127.0.0.1", interfaces=public)
    assert "internet_facing" not in seen([22], interfaces=private)


def test_a_proposal_needs_consent_or_an_automatic_rule_and_no_dismissal() -> None:
    found, accepted, dismissed = BitMap([1, 2, 3]), BitMap([2, 3, 9]), BitMap([3])
    assert list(context.in_force(found, accepted, dismissed, is_automatic=False)) == [2]
    assert list(context.in_force(found, accepted, dismissed, is_automatic=True)) == [1, 2]


def test_of_several_criticalities_the_highest_is_proposed() -> None:
    def state(name: str, *devices: int) -> ContextRuleState:
        mine = BitMap(devices)
        return ContextRuleState(
            name=name, is_automatic=True, found=mine, accepted=BitMap(), dismissed=BitMap(), in_force=mine
        )

    made = context.proposed([state("web_server", 1, 2), state("domain_controller", 2), state("internet_facing", 5)])
    assert {level: list(devices) for level, devices in made.criticality.items()} == {"Very high": [2], "Medium": [1]}
    assert {value: list(devices) for value, devices in made.device_value.items()} == {"High": [2, 5]}
    assert list(made.internet_facing["yes"]) == [5]


def test_harmless_labels_are_not_confidential() -> None:
    assert not context.is_sensitive("Public")
    assert context.is_sensitive("Highly confidential")
