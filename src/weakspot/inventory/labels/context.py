"""Business context in force: what the rules found, what was accepted, and the values that follow from it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.labels import context_store, placing, store
from weakspot.inventory.labels.contracts import ContextRuleState
from weakspot.inventory.rules import context
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import NotFound

VALUES = ("High", "Normal", "Low")


def states(conn: Connection) -> list[ContextRuleState]:
    """Every rule with what it found and what was decided, in the order of ``context.RULES``."""
    found = store.found(conn, "context", "context")
    accepted, dismissed = store.chosen(conn, "accepted"), store.chosen(conn, "dismissed")
    automatic = context_store.automatic_rules(conn)
    made = []
    for rule in context.RULES:
        sets = [known.get(rule.name, BitMap()) for known in (found, accepted, dismissed)]
        is_automatic = rule.name in automatic
        made.append(
            ContextRuleState(
                name=rule.name,
                is_automatic=is_automatic,
                found=sets[0],
                accepted=sets[1],
                dismissed=sets[2],
                in_force=context.in_force(*sets, is_automatic=is_automatic),
            )
        )
    return made


def write_found(conn: Connection, found: Mapping[str, BitMap], now: Micros) -> bool:
    """What the rules find now, all of them. Whether anything changed; then values follow in the same unit."""
    observed = store.found(conn, "context", "sensor")
    whole = {name: found.get(name, BitMap()) | observed.get(name, BitMap()) for name in context.BY_NAME}
    changed = store.replace_found(conn, "context", "context", {n: devices for n, devices in whole.items() if devices})
    if changed:
        settle(conn, now)
    return bool(changed)


def decide(conn: Connection, rule: str, ids: BitMap | None, *, is_accepted: bool, now: Micros) -> int:
    """Accept or dismiss a rule's proposals for these devices (None: all that it found). Returns for how many.

    Raises NotFound.
    """
    _known(rule)
    found = store.found(conn, "context", "context").get(rule, BitMap())
    about = found if ids is None else ids
    for kind, is_mine in (("accepted", is_accepted), ("dismissed", not is_accepted)):
        before = store.chosen(conn, kind).get(rule, BitMap())  # type: ignore[arg-type]
        store.write_chosen(conn, kind, rule, before | about if is_mine else before - about)  # type: ignore[arg-type]
    settle(conn, now)
    return len(about)


def set_automatic(conn: Connection, rule: str, is_automatic: bool, now: Micros) -> None:
    """Whether a rule's proposals are in force without anybody's consent. Raises NotFound."""
    _known(rule)
    context_store.write_rule(conn, rule, is_automatic, now)
    settle(conn, now)


def settle(conn: Connection, now: Micros) -> None:
    """Make value, criticality and reach what follows from the rules in force."""
    proposed = context.proposed(states(conn))
    touched = BitMap()
    for kind in ("device_value", "criticality", "internet_facing"):
        changed = store.replace_found(conn, kind, "context", getattr(proposed, kind))
        devices = BitMap.union(BitMap(), *changed.values())
        if kind == "device_value":
            touched = devices
        else:
            placing.tell_labels(conn, devices, now)
    settle_values(conn, touched, now)


def settle_values(conn: Connection, ids: BitMap, now: Micros) -> None:
    """The value in force of these devices: what a person chose, else what rules give, else Normal."""
    if not ids:
        return
    chosen, given = store.chosen(conn, "device_value"), store.found(conn, "device_value", "context")
    decided = BitMap.union(BitMap(), *chosen.values())
    current = store.values_now(conn)
    current["Normal"] = ids - BitMap.union(BitMap(), *current.values())
    wanted = {value: (chosen.get(value, BitMap()) | (given.get(value, BitMap()) - decided)) & ids for value in VALUES}
    wanted["Normal"] |= ids - BitMap.union(*wanted.values())
    moves = {value: devices - current.get(value, BitMap()) for value, devices in wanted.items()}
    store.revalue(conn, moves)
    placing.tell_devices(conn, BitMap.union(*moves.values()), now)


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a rule speaks for one device, and what stands against it."""

    rule: str
    is_in_force: bool
    is_dismissed: bool


def reasons(conn: Connection, device_id: int) -> list[Reason]:
    """Rules that found this device."""
    return [
        Reason(rule=one.name, is_in_force=device_id in one.in_force, is_dismissed=device_id in one.dismissed)
        for one in states(conn)
        if device_id in one.found
    ]


def _known(rule: str) -> None:
    if rule not in context.BY_NAME:
        raise NotFound(f"There is no rule {rule[:40]!r}; there are: {', '.join(context.BY_NAME)}.", field="rule")
