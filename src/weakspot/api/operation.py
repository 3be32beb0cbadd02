"""One declaration a route: who may call it, what it takes, what it answers.

The guard, the parser of the query string and the OpenAPI document all read the same ``Operation``, so that
they cannot drift apart. A route without one is shut (api/guards.py) and fails a test
(tests/architecture/test_routes.py).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

OPERATION = "operation"
"""Key of the declaration in a route handler's ``opt``."""

ParameterKind = Literal["text", "integer", "boolean"]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One query parameter. ``values``: the only ones allowed, None for any; repeatable ones also take
    commas.
    """

    name: str
    description: str
    kind: ParameterKind = "text"
    values: tuple[str, ...] | None = None
    is_repeatable: bool = False
    is_verbatim: bool = False
    """Commas belong to the value; several are given by repeating the parameter."""
    default: str | int | None = None
    minimum: int | None = None
    maximum: int | None = None


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What a route declares.

    permission: the one it needs, or None for a public route. answer: type of the JSON of the success, None
    for an empty 204. Lists take the common parameters of ``listing.COMMON`` besides their own.
    """

    id: str
    summary: str
    tag: str
    permission: str | None
    answer: Any = None
    status: int = 200
    body: Any = None
    raw_body: tuple[str, ...] = ()
    """Media types of a body that is a foreign document rather than JSON of ours."""
    parameters: tuple[Parameter, ...] = ()
    media_type: str = "application/json"
    errors: tuple[int, ...] = ()
    """Statuses that it can answer besides those that every route can."""

    @property
    def is_public(self) -> bool:
        """Whether it can be called without credentials."""
        return self.permission is None
