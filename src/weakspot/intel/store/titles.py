"""Vulnerabilities by what they are called."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t


def titled(conn: Connection, beginnings: Collection[str], names: Collection[str]) -> list[tuple[int, str, str]]:
    """(id, title, name) of current vulnerabilities whose title may begin so, or that are named so.

    A look through all titles, and whether case counts is the database's: the caller compares again.
    """
    c = t.vulnerability.c
    begins = [c.title.startswith(one, autoescape=True) for one in beginnings]
    query = sa.select(c.id, c.title, c.name).where(
        c.state == "current", sa.or_(sa.false(), c.name.in_(sorted(names)), *begins)
    )
    return [(int(row.id), row.title, row.name) for row in conn.execute(query.order_by(c.id))]
