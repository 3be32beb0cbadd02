"""RubyGems versions: `Gem::Version#<=>`.

Segments are runs of digits and runs of letters; a hyphen means `.pre.`. A missing segment is zero, letters
sort before numbers (so a version with letters is a pre-release), letters compare by ASCII code. Zeros at the
end, and those right before the first letters, do not count: `1.0.a` equals `1.a`, but `1.a.0.1` is not
`1.a.1`. An empty or blank string is version `0`, as in RubyGems: refused here, because it says nothing.

Refused, as by RubyGems: anything outside `digits{.alphanumerics}[-alphanumerics{.alphanumerics}]`.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, refused
from weakspot.vocabulary.versions.zeros import END, ZERO, zeros_before_number

_WORD, _ZEROS_BEFORE_WORD, _WORD_END = b"\x02", b"\x03", b"\x01"

_grammar = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?").fullmatch
_segments = re.compile(r"[0-9]+|[A-Za-z]+").findall


def key(version: str) -> bytes:
    """Bytes that order as RubyGems orders versions; see the module for what is refused."""
    text = version.strip() if len(version) <= MAX_VERSION_BYTES else ""
    if not _grammar(text):
        return refused(version)
    parts = [b"\x01"]
    zeros = 0
    seen_word = False
    for segment in _segments(text.replace("-", ".pre.")):
        if segment.isdigit():
            encoded = NUMBERS[segment]
            if encoded == ZERO:
                zeros += 1
                continue
            parts.append(zeros_before_number(zeros) + encoded)
        else:
            # Fewer zeros sort earlier here: the word comes sooner, and words are below zero.
            if zeros and seen_word:
                parts.append(_ZEROS_BEFORE_WORD + zeros.to_bytes(2, "big"))
            parts.append(_WORD + segment.encode("ascii") + _WORD_END)
            seen_word = True
        zeros = 0
    parts.append(END)
    return b"".join(parts)
