"""The empty world of the tests of the queries."""

from tests.unit.queries.conftest import world

__all__ = ["world"]
