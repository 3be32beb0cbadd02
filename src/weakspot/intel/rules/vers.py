"""VERS: version ranges as ``vers:<scheme>/<constraint>|<constraint>`` (https://github.com/package-url/vers-spec)."""

from __future__ import annotations

import re

from weakspot.intel.contracts import AffectedStatus, Range

MAX_CONSTRAINTS = 1_000
_CONSTRAINT = re.compile(r"^(>=|<=|>|<|=|!=)?\s*(\S+)$")


def ranges(text: str, ecosystem: str, name: str, status: AffectedStatus) -> list[Range]:
    """The ranges of a VERS text, whose constraints stand in ascending order as the specification asks.

    Raises ValueError with the reason: no VERS, too many constraints, exclusions (``!=``), which a range cannot express.
    """
    head, slash, body = text.strip().partition("/")
    if not head.startswith("vers:") or not slash or not body:
        raise ValueError(f"has a range that is no VERS: {text[:80]!r}")
    if body.strip() == "*":
        return [Range(ecosystem, name, status=status)]
    parts = [part.strip() for part in body.split("|")]
    if len(parts) > MAX_CONSTRAINTS:
        raise ValueError(f"has a range of more than {MAX_CONSTRAINTS} constraints")
    found: list[Range] = []
    single: list[str] = []
    start: tuple[str, bool] | None = None
    for part in parts:
        match = _CONSTRAINT.match(part)
        if match is None or match[1] == "!=":
            raise ValueError(f"has a range that is not read here: {text[:80]!r}")
        operator, version = match[1] or "=", match[2]
        if operator == "=":
            single.append(version)
        elif operator in (">", ">="):
            start = (version, operator == ">")
        else:
            found.append(_range(ecosystem, name, start, version, operator == "<=", status))
            start = None
    if start is not None:
        found.append(_range(ecosystem, name, start, None, False, status))
    if single:
        found.append(Range(ecosystem, name, "0", None, "versions", tuple(single), status))
    return found


def _range(
    ecosystem: str, name: str, start: tuple[str, bool] | None, end: str | None, is_end_in: bool, status: AffectedStatus
) -> Range:
    introduced, is_excluded = start or ("0", False)
    kind = "none" if end is None else "last_affected" if is_end_in else "fixed"
    return Range(
        ecosystem,
        name,
        introduced,
        end,
        kind,  # type: ignore[arg-type]
        status=status,
        is_introduced_excluded=is_excluded,
    )
