"""Business context end to end: rules find, propose, are accepted; a person's choice wins; all follows at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support.world import EVERYTHING, World, dpkg
from tests.unit.workflows.test_device_decisions import ADMIN, decide, row
from weakspot.access import Scope
from weakspot.inventory.contracts import Interface, Listener
from weakspot.queries import identity
from weakspot.runtime.errors import Forbidden, NotFound
from weakspot.workflows.business_context import BusinessContext, SensitiveRow, SignInRow
from weakspot.workflows.device_decisions import Selection


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def business(world: World) -> BusinessContext:
    return BusinessContext(world.services, world.fleet)


def rules(world: World) -> dict[str, tuple[int, int, int]]:
    world.catch_up()
    with world.read() as read:
        return {
            one.name: (one.found, one.in_force, one.proposed)
            for one in identity.context_rules(read, EVERYTHING)
            if one.found
        }


def test_software_and_listeners_make_roles_that_propose_and_never_decide(
    world: World, business: BusinessContext
) -> None:
    dc, web = world.enrol("dc01"), world.enrol("web01")
    world.report(dc, dpkg("samba-ad-dc", "4.17"))
    world.report(web, dpkg("curl", "7"))
    listening = msgspec.structs.replace(
        web.described,
        listeners=(Listener("tcp", "0.0.0.0", 443),),
        interfaces=(Interface("eth0", addresses=("8.8.4.4/24",)),),
    )
    world.report(msgspec.structs.replace(web, described=listening), dpkg("curl", "7"))
    assert business.look_again()
    assert rules(world) == {
        "domain_controller": (1, 0, 1), "web_server": (1, 0, 1), "internet_facing": (1, 0, 1),
    }  # fmt: skip
    assert (row(world, "dc01").device_value, row(world, "web01").is_internet_facing) == ("Normal", None)
    business.decide(ADMIN, "domain_controller", None, True)
    business.set_automatic(ADMIN, "internet_facing", True)
    assert (row(world, "dc01").device_value, row(world, "dc01").criticality) == ("High", "Very high")
    assert (row(world, "web01").device_value, row(world, "web01").is_internet_facing) == ("High", True)
    # What a person chose wins, and stays when the rule no longer finds the device.
    decide(world, ids=(dc.public_id,), value="Low")
    assert row(world, "dc01").device_value == "Low"
    world.report(dc, dpkg("curl", "7"))
    assert business.look_again()
    assert (row(world, "dc01").device_value, row(world, "dc01").criticality) == ("Low", "None")
    business.decide(ADMIN, "internet_facing", Selection(ids=(web.public_id,)), False)
    assert (row(world, "web01").device_value, row(world, "web01").is_internet_facing) == ("Normal", None)
    assert world.follower.compare() == []


def test_imports_join_with_the_lists(world: World, business: BusinessContext) -> None:
    laptop, other = world.enrol("laptop"), world.enrol("other")
    world.report(other, dpkg("erp-client", "1"))
    given = [
        SensitiveRow(device="LAPTOP", label="Secret", items=3),
        SensitiveRow(device=laptop.public_id, label="Secret"),
        SensitiveRow(device="other", label="Public"),
        SensitiveRow(device="ghost", label="Secret"),
    ]
    told = business.import_sensitive(ADMIN, "dlp", given)
    assert (told.taken, told.unknown, told.unknown_devices) == (3, 1, ["ghost"])
    business.import_sign_ins(ADMIN, [SignInRow(device="other", user="CEO")])
    business.set_high_value_users(ADMIN, {"ceo": "runs the company"})
    business.mark_software(ADMIN, "debian-_-erp-client", "payroll")
    assert rules(world) == {
        "confidential_data": (1, 0, 1), "high_value_user": (1, 0, 1), "business_software": (1, 0, 1),
    }  # fmt: skip
    with world.read() as read:
        shown = identity.device_context(read, EVERYTHING, laptop.public_id)
        assert [(one.label, one.items) for one in shown.sensitive] == [("Secret", 4)]
        assert [(one.rule, one.state) for one in shown.reasons] == [("confidential_data", "proposed")]
        assert identity.device_context(read, EVERYTHING, other.public_id).users == ["ceo"]
    # What the tool no longer finds is gone.
    business.import_sensitive(ADMIN, "dlp", [])
    business.mark_software(ADMIN, "debian-_-erp-client", None)
    assert rules(world).keys() == {"high_value_user"}
    with pytest.raises(NotFound):
        business.mark_software(ADMIN, "debian-_-nothing", "x")
    with pytest.raises(Forbidden):
        business.set_automatic(msgspec.structs.replace(ADMIN, scope=Scope(frozenset([1]))), "web_server", True)


def test_nothing_is_written_where_nothing_changed(world: World, business: BusinessContext) -> None:
    web = world.enrol("web01")
    world.report(web, dpkg("nginx", "1"))
    assert business.look_again()
    before = world.fleet.seq
    assert not business.look_again()
    assert not business.look_again(is_forced=True)
    assert world.fleet.seq == before
