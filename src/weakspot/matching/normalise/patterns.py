"""Names with places for numbers: ``java {n} update {n}``. A small language, so that no rule can cost time.

``{n}``: a whole number; ``{v}``: a version; ``{w}``: one word. Everything else stands for itself. At most six places.
"""

from __future__ import annotations

import re

MAX_PLACES = 6
_PLACE = re.compile(r"\{([nvw])\}")
_MEANING = {"n": r"([0-9]{1,9})", "v": r"([0-9][0-9a-z.+_-]{0,60})", "w": r"([a-z0-9.+_-]{1,40})"}


def is_pattern(name: str) -> bool:
    """Whether a name has places."""
    return "{" in name


def compile_pattern(name: str) -> re.Pattern[str]:
    """A pattern for the whole bare name. Raises ValueError for an unknown place, too many, or two side by side."""
    pieces = _PLACE.split(name.lower())
    literals, places = pieces[::2], pieces[1::2]
    if any("{" in literal or "}" in literal for literal in literals):
        raise ValueError(f"{name!r} has a place other than {{n}}, {{v}} and {{w}}")
    if len(places) > MAX_PLACES:
        raise ValueError(f"{name!r} has more than {MAX_PLACES} places")
    if any(not literal for literal in literals[1:-1]):
        raise ValueError(f"{name!r} has two places side by side; put a letter or a blank between them")
    text = re.escape(literals[0])
    for place, literal in zip(places, literals[1:], strict=True):
        text += _MEANING[place] + re.escape(literal)
    return re.compile(text)
