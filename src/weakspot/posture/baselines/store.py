"""All SQL of the baseline profiles."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.posture.baselines.contracts import Baseline, Profile
from weakspot.posture.baselines.tables import baseline
from weakspot.runtime.clock import Micros

_profile = msgspec.json.Decoder(Profile)


def every(conn: Connection) -> list[Baseline]:
    """All profiles, by name."""
    return [_baseline(row) for row in conn.execute(sa.select(baseline).order_by(baseline.c.name))]


def one(conn: Connection, baseline_id: str) -> Baseline | None:
    """One of them."""
    row = conn.execute(sa.select(baseline).where(baseline.c.id == baseline_id)).first()
    return None if row is None else _baseline(row)


def id_of(conn: Connection, name: str) -> str | None:
    """Id of the profile of this name."""
    return conn.execute(sa.select(baseline.c.id).where(baseline.c.name == name)).scalar_one_or_none()


def count(conn: Connection) -> int:
    """How many there are."""
    return int(conn.execute(sa.select(sa.func.count()).select_from(baseline)).scalar_one())


def insert(conn: Connection, made: Baseline) -> None:
    """Keep a new one."""
    values = {
        "id": made.id, "created_by": made.created_by, "created_at": made.created_at, **_values(made.profile),
    }  # fmt: skip
    conn.execute(baseline.insert().values(values))


def change(conn: Connection, baseline_id: str, profile: Profile, by: str, at: Micros) -> None:
    """Replace what one says."""
    mine = baseline.c.id == baseline_id
    conn.execute(baseline.update().where(mine).values(changed_by=by, changed_at=at, **_values(profile)))


def delete(conn: Connection, baseline_id: str) -> None:
    """Forget one."""
    conn.execute(baseline.delete().where(baseline.c.id == baseline_id))


def _values(profile: Profile) -> dict[str, Any]:
    return {"name": profile.name, "profile": msgspec.json.encode(profile)}


def _baseline(row: Any) -> Baseline:
    values = {name: row._mapping[name] for name in Baseline.__struct_fields__}
    return Baseline(**(values | {"profile": _profile.decode(row.profile)}))
