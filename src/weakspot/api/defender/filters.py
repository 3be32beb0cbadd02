"""``$filter`` of the compatible API: an expression compiled to a test of one row.

OData 4.0 part 2, section 5.1.1, the part that clients use: ``eq ne gt ge lt le and or not ( )``, the
functions ``startswith``, ``endswith`` and ``contains``, ``null``, and ``collection/any(x: x eq 'v')``.
Property names match in any case, strings in enumerations too. Recursive descent with bounds on length and
depth; nothing is ever evaluated as code.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from weakspot.api.defender.errors import ODataError
from weakspot.api.listing import shown
from weakspot.runtime.clock import from_iso

Kind = Literal["text", "word", "number", "time", "boolean", "list"]
"""``word``: one of an enumeration, compared without regard to case."""

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

MAXIMUM_LENGTH = 4_000
MAXIMUM_DEPTH = 30
MAXIMUM_TERMS = 200

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?:Z|[+-]\d{2}:\d{2})?)"
    r"|(?P<number>-?\d{1,18}(?:\.\d{1,18})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]{0,63})"
    r"|(?P<sign>[(),:/]))"
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}


class _Token(NamedTuple):
    kind: str
    text: str


def compile_filter(text: str, properties: Mapping[str, Kind]) -> Test:
    """A test for rows keyed by the names in ``properties``. Raises ODataError with the reason and what is
    known.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise ODataError(f"$filter has at most {MAXIMUM_LENGTH:,} characters.")
    parser = _Parser(_tokens(text), properties)
    test = parser.expression(0)
    parser.finish()
    return test


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ODataError(f"$filter cannot be read at {shown(text[position:])}; check quotes and operators.")
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[_Token], properties: Mapping[str, Kind]) -> None:
        self._tokens = tokens
        self._position = 0
        self._terms = 0
        self._properties = properties
        self._names = {name.lower(): name for name in properties}

    def expression(self, depth: int) -> Test:
        """``a or b or c``."""
        if depth > MAXIMUM_DEPTH:
            raise ODataError(f"$filter is nested more than {MAXIMUM_DEPTH} deep; flatten it.")
        tests = [self._conjunction(depth)]
        while self._accept("or"):
            tests.append(self._conjunction(depth))
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def finish(self) -> None:
        """Nothing may follow."""
        if self._position < len(self._tokens):
            raise ODataError(f"$filter: {shown(self._tokens[self._position].text)} is not expected there.")

    def _conjunction(self, depth: int) -> Test:
        tests = [self._negation(depth)]
        while self._accept("and"):
            tests.append(self._negation(depth))
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _negation(self, depth: int) -> Test:
        if self._accept("not"):
            if depth > MAXIMUM_DEPTH:
                raise ODataError(f"$filter is nested more than {MAXIMUM_DEPTH} deep; flatten it.")
            test = self._negation(depth + 1)
            return lambda row: not test(row)
        return self._term(depth)

    def _term(self, depth: int) -> Test:
        self._terms += 1
        if self._terms > MAXIMUM_TERMS:
            raise ODataError(f"$filter has more than {MAXIMUM_TERMS} terms; split the query.")
        if self._accept("("):
            test = self.expression(depth + 1)
            self._expect(")")
            return test
        token = self._next()
        if token.kind != "name":
            raise ODataError(f"$filter: a property name is expected where {shown(token.text)} stands.")
        if token.text.lower() in _FUNCTIONS and self._accept("("):
            return self._function(_FUNCTIONS[token.text.lower()])
        name = self._property(token)
        if self._accept("/"):
            return self._any(name)
        return self._comparison(name)

    def _function(self, function: Callable[[str, str], bool]) -> Test:
        name = self._property(self._next())
        if self._properties[name] not in ("text", "word"):
            raise ODataError(f"$filter: {name} is not text, so it cannot be searched in.")
        self._expect(",")
        wanted = str(self._literal("text")).casefold()
        self._expect(")")
        return lambda row: row[name] is not None and function(str(row[name]).casefold(), wanted)

    def _any(self, name: str) -> Test:
        if self._properties[name] != "list" or not self._accept("any"):
            raise ODataError("$filter: only collections take '/any(x: x eq 'value')'.")
        self._expect("(")
        variable = self._next().text
        self._expect(":")
        if self._next().text != variable:
            raise ODataError(f"$filter: inside any(...) compare {shown(variable)} itself.")
        self._expect("eq")
        wanted = self._literal("text")
        self._expect(")")
        return lambda row: wanted in (row[name] or ())

    def _comparison(self, name: str) -> Test:
        word = self._next().text.lower()
        compare = _COMPARISONS.get(word)
        if compare is None:
            raise ODataError(f"$filter: one of {', '.join(_COMPARISONS)} is expected after {name}.")
        kind = self._properties[name]
        if kind == "list":
            raise ODataError(f"$filter: {name} is a collection; use {name}/any(x: x eq 'value').")
        wanted = self._literal(kind)
        if wanted is None:
            if word not in ("eq", "ne"):
                raise ODataError("$filter: null can only be compared with eq and ne.")
            return lambda row: (row[name] is None) == (word == "eq")
        return _compared(name, kind, compare, wanted, is_negative=word == "ne")

    def _literal(self, kind: Kind) -> Any:
        token = self._next()
        if token.kind == "name" and token.text.lower() == "null":
            return None
        if kind == "boolean":
            if token.text.lower().strip("'") in ("true", "false"):
                return token.text.lower().strip("'") == "true"
            raise ODataError(f"$filter: true or false is expected where {shown(token.text)} stands.")
        text = token.text[1:-1].replace("''", "'") if token.kind == "string" else token.text
        if kind in ("text", "word"):
            if token.kind != "string":
                raise ODataError(f"$filter: text goes in single quotes, as in '{text[:40]}'.")
            return text.casefold() if kind == "word" else text
        return _number(text) if kind == "number" else _time(text)

    def _property(self, token: _Token) -> str:
        name = self._names.get(token.text.lower())
        if name is None:
            known = ", ".join(sorted(self._properties))
            raise ODataError(f"$filter: {shown(token.text)} cannot be filtered by; known are: {known}.")
        return name

    def _accept(self, text: str) -> bool:
        if self._position < len(self._tokens):
            token = self._tokens[self._position]
            if token.kind in ("name", "sign") and token.text.lower() == text:
                self._position += 1
                return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise ODataError(f"$filter: {text!r} is expected {self._where()}.")

    def _next(self) -> _Token:
        if self._position >= len(self._tokens):
            raise ODataError("$filter ends too early.")
        self._position += 1
        return self._tokens[self._position - 1]

    def _where(self) -> str:
        if self._position >= len(self._tokens):
            return "at the end"
        return f"where {shown(self._tokens[self._position].text)} stands"


def _compared(name: str, kind: Kind, compare: Callable[[Any, Any], bool], wanted: Any, *, is_negative: bool) -> Test:
    """A value that is not known differs from every literal and is neither above nor below it."""

    def test(row: Row) -> bool:
        value = row[name]
        if value is None:
            return is_negative
        if kind == "word":
            value = str(value).casefold()
        elif kind == "time":
            value = from_iso(value)
        return compare(value, wanted)

    return test


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ODataError(f"$filter: {shown(text)} is not a number.") from None


def _time(text: str) -> int:
    """Lax as the clients are: ``2024-05-01Z``, no seconds, no zone (UTC), more than six digits of
    fraction.
    """
    cleaned = re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00"))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[+-]\d{2}:\d{2}", cleaned):
        cleaned = f"{cleaned[:10]}T00:00:00{cleaned[10:]}"
    try:
        moment = dt.datetime.fromisoformat(cleaned)
    except ValueError:
        raise ODataError(f"$filter: {shown(text)} is not a time; write 2024-05-01T00:00:00Z.") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    try:
        return from_iso(aware.isoformat())
    except (ValueError, OverflowError):
        raise ODataError(f"$filter: {shown(text)} is out of range.") from None
