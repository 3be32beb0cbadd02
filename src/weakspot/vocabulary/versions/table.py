"""Tables of verdicts: lines `A OP B`, checked against a scheme.

OP is one of `<`, `=` (or `==`), `>` and `?` (not comparable). Fields are separated by blanks, or by tabs
where a line has any, so that versions may contain blanks. `#` at the start of a line or after a blank
starts a comment. Empty lines do not count. A line that cannot be read is a disagreement, never ignored.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weakspot.vocabulary.versions import Order, compare, exact

MAX_LINE_CHARACTERS = 4096

_OPERATORS = {"<": Order.LESS, "=": Order.EQUAL, "==": Order.EQUAL, ">": Order.GREATER, "?": Order.UNKNOWN}
_comment = re.compile(r"(?:^|\s)#.*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a table and what the scheme says about it.

    number: line number from 1. expected, actual: None where the line could not be read; `problem` then says
    why. text: the line without its comment, at most 200 characters.
    """

    number: int
    text: str
    expected: Order | None = None
    actual: Order | None = None
    problem: str | None = None

    @property
    def agrees(self) -> bool:
        """True where the line was read and the scheme gives the verdict it states."""
        return self.problem is None and self.expected == self.actual

    def __str__(self) -> str:
        said = f"got {self.actual}" if self.problem is None else self.problem
        return f"line {self.number}: {_shown(self.text)}: {said}"


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole table: lines that count, disagreements, and the first of these."""

    lines: int
    disagreements: int
    first: tuple[Verdict, ...]


def _fields(text: str) -> list[str]:
    return [field.strip() for field in text.split("\t") if field.strip()] if "\t" in text else text.split()


def _judge(scheme: str, number: int, text: str) -> Verdict:
    shown = text.strip()[:200]
    if len(text) > MAX_LINE_CHARACTERS:
        return Verdict(number, shown, problem=f"longer than {MAX_LINE_CHARACTERS} characters")
    fields = _fields(text.strip())
    if len(fields) != 3:
        return Verdict(number, shown, problem=f"{len(fields)} fields where `A OP B` needs 3")
    expected = _OPERATORS.get(fields[1])
    if expected is None:
        return Verdict(number, shown, problem=f"no operator {fields[1][:20]!r}; use < = > or ?")
    return Verdict(number, shown, expected, compare(scheme, fields[0], fields[2]))


def verdicts(scheme: str, lines: Iterable[str]) -> Iterator[Verdict]:
    """One verdict for every line that counts, in order. Raises UnknownScheme at once."""
    exact(scheme)
    return _verdicts(scheme, lines)


def _verdicts(scheme: str, lines: Iterable[str]) -> Iterator[Verdict]:
    for number, line in enumerate(lines, start=1):
        text = _comment.sub("", line, count=1) if "#" in line else line
        if text.strip():
            yield _judge(scheme, number, text)


def disagreements(scheme: str, lines: Iterable[str]) -> Iterator[Verdict]:
    """The lines whose verdict differs or that cannot be read. Raises UnknownScheme at once."""
    return (verdict for verdict in verdicts(scheme, lines) if not verdict.agrees)


def summarise(scheme: str, lines: Iterable[str], keep: int = 20) -> Summary:
    """Read a whole table and keep the first disagreements. Raises UnknownScheme."""
    counted = wrong = 0
    first: list[Verdict] = []
    for verdict in verdicts(scheme, lines):
        counted += 1
        if not verdict.agrees:
            wrong += 1
            if len(first) < keep:
                first.append(verdict)
    return Summary(counted, wrong, tuple(first))


def _shown(text: str) -> str:
    """Signs that would move a terminal's cursor or turn its text around are written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
