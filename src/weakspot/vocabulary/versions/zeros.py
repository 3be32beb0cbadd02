"""Sequences in which a missing component is zero: RubyGems, Homebrew, generic dotted versions.

There the end of a version equals any run of zeros, so a zero cannot be encoded as it comes: what follows
the run decides on which side of the end it falls. A run before a number is therefore encoded together with
that number, and a longer run sorts earlier (`1`, `1.0.0.5`, `1.0.5`, `1.5`). A run at the end is dropped.
"""

from weakspot.vocabulary.versions.encoding import NUMBER_FLOOR, descending

END = b"\x0d"
"""End of the sequence. Marks of components that sort before "nothing" are lower, others higher."""

_RUN = b"\x0f"
ZERO = bytes((NUMBER_FLOOR,))
"""The encoded number zero; the others sort after it."""


def zeros_before_number(count: int) -> bytes:
    """What to put before a non-zero number that `count` zeros precede; nothing for none."""
    return _RUN + descending(count) if count else b""
