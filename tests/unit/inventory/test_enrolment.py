"""weakspot.inventory.enrolment."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.unit.inventory.support import START, Inventory, device, dpkg, full
from weakspot import inventory
from weakspot.inventory.contracts import DescribedDevice, EnrolAnswer, EnrolRequest, HardwareId
from weakspot.inventory.tables import enrolment_token
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import AccessError, DeviceKnown, InvalidField, NotFound


def ask(inv: Inventory, token: str, described: DescribedDevice, old_key: str | None = None) -> EnrolAnswer:
    """One enrolment."""
    return inv.write(lambda c: inventory.enrol(c, EnrolRequest(token=token, device=described), old_key, inv.now))


def decide(inv: Inventory, decision: str) -> None:
    """Decide the oldest request that waits."""
    waiting = inv.read(inventory.requests_waiting)
    inv.write(lambda conn: inventory.decide_request(conn, waiting[0].id, decision, "admin", inv.now))


def holder(inv: Inventory, key: str) -> str:
    """Public id of the device that the key speaks for."""
    return inv.read(lambda conn: inventory.authenticate_device(conn, key))[1]


def test_a_token_is_exchanged_for_a_key(inv: Inventory) -> None:
    answer = ask(inv, inv.token(), device())
    assert len(answer.device_id) == 40
    assert holder(inv, answer.device_key) == answer.device_id


def test_secrets_are_not_stored(inv: Inventory) -> None:
    token = inv.token()
    key = ask(inv, token, device()).device_key
    stored = repr(inv.everything())
    assert token not in stored
    assert key not in stored


@pytest.mark.parametrize("spoil", ["expired", "used_up", "revoked", "unknown"])
def test_a_token_that_is_not_good_enrols_nothing(inv: Inventory, spoil: str) -> None:
    token = inv.token(uses=1)
    if spoil == "expired":
        inv.now += DAY
    elif spoil == "used_up":
        ask(inv, token, device())
    elif spoil == "revoked":
        number = inv.read(lambda conn: conn.execute(sa.select(enrolment_token.c.id)).scalar_one())
        inv.write(lambda conn: inventory.revoke_token(conn, number, inv.now))
    else:
        token = "wse_" + "x" * 43
    before = inv.everything()
    with pytest.raises(AccessError, match="ask for a new one"):
        ask(inv, token, device())
    assert inv.everything() == before


def test_a_token_enrols_as_many_devices_as_it_says(inv: Inventory) -> None:
    token = inv.token(uses=3)
    assert len({ask(inv, token, device()).device_id for _ in range(3)}) == 3
    with pytest.raises(AccessError):
        ask(inv, token, device())


@pytest.mark.parametrize(
    ("uses", "lifetime", "field"), [(0, DAY, "uses"), (1_000_001, DAY, "uses"), (1, 0, "lifetime")]
)
def test_a_token_has_bounds(inv: Inventory, uses: int, lifetime: int, field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        inv.token(uses, lifetime)
    assert refused.value.field == field


def test_revoking_a_token_that_never_was_says_so(inv: Inventory) -> None:
    with pytest.raises(NotFound):
        inv.write(lambda conn: inventory.revoke_token(conn, 77, inv.now))


def test_a_known_device_is_never_taken_over_in_silence(inv: Inventory) -> None:
    known = inv.enrol()
    answer = ask(inv, inv.token(), known.described)
    assert answer == EnrolAnswer(approval="pending")
    (waiting,) = inv.read(inventory.requests_waiting)
    assert (waiting.device_id, waiting.described) == (known.public_id, known.described)
    assert holder(inv, known.key) == known.public_id


def test_asking_again_does_not_pile_up_requests(inv: Inventory) -> None:
    known = inv.enrol()
    token = inv.token()
    for _ in range(3):
        assert ask(inv, token, known.described).approval == "pending"
    assert len(inv.read(inventory.requests_waiting)) == 1


def test_an_approval_gives_a_new_key_once(inv: Inventory) -> None:
    known = inv.enrol()
    token = inv.token(uses=5)
    ask(inv, token, known.described)
    decide(inv, "approved")
    answer = ask(inv, token, known.described)
    assert answer.device_id == known.public_id
    assert holder(inv, answer.device_key) == known.public_id
    assert ask(inv, token, known.described).approval == "pending"


def test_an_approval_is_for_the_token_that_asked(inv: Inventory) -> None:
    known = inv.enrol()
    ask(inv, inv.token(), known.described)
    decide(inv, "approved")
    assert ask(inv, inv.token(), known.described).approval == "pending"


def test_a_rejected_takeover_stays_rejected(inv: Inventory) -> None:
    known = inv.enrol()
    token = inv.token()
    ask(inv, token, known.described)
    decide(inv, "rejected")
    with pytest.raises(DeviceKnown, match="rejected") as refused:
        ask(inv, token, known.described)
    assert refused.value.field == "device.hardware_ids"
    assert holder(inv, known.key) == known.public_id


def test_decisions_are_checked(inv: Inventory) -> None:
    with pytest.raises(InvalidField):
        inv.write(lambda conn: inventory.decide_request(conn, 1, "perhaps", "admin", inv.now))
    with pytest.raises(NotFound):
        inv.write(lambda conn: inventory.decide_request(conn, 1, "approved", "admin", inv.now))


def test_the_old_key_proves_who_a_device_is(inv: Inventory) -> None:
    known = inv.enrol()
    token = inv.token(uses=1)
    answer = ask(inv, token, known.described, known.key)
    assert answer.device_id == known.public_id
    assert ask(inv, token, device()).device_key, "a device that is known does not use up the token"


def test_the_key_of_another_device_proves_nothing(inv: Inventory) -> None:
    known, other = inv.enrol(), inv.enrol()
    assert ask(inv, inv.token(), known.described, other.key).approval == "pending"


def test_the_old_key_stays_good_until_the_new_one_is_used(inv: Inventory) -> None:
    """The answer with the new key may be lost: then the sensor has the old one only."""
    known = inv.enrol()
    ask(inv, inv.token(), known.described, known.key)
    answer = ask(inv, inv.token(), known.described, known.key)
    inv.record(answer.device_key, full(known.described, 1, [dpkg("a")], START))
    with pytest.raises(AccessError, match="enrol this device again"):
        holder(inv, known.key)
    assert holder(inv, answer.device_key) == known.public_id


def test_devices_without_hardware_ids_are_new_each_time(inv: Inventory) -> None:
    anonymous = device(hardware_ids=())
    token = inv.token(uses=2)
    assert ask(inv, token, anonymous).device_id != ask(inv, token, anonymous).device_id


def test_a_shared_mac_address_is_no_identity(inv: Inventory) -> None:
    inv.enrol()
    other = device(hardware_ids=(HardwareId("mac", "02:00:00:00:00:01"),))
    assert ask(inv, inv.token(), other).device_key


def test_a_description_with_a_nul_is_refused(inv: Inventory) -> None:
    token = inv.token()
    with pytest.raises(InvalidField) as refused:
        ask(inv, token, device(name="web\x00"))
    assert refused.value.field == "device.name"
