"""Alpine versions: `digits{.digits}[letter]{_suffix[digits]}[~hash][-rN]`, apk-package(5), apk-tools 3.

The first number compares as a number. A later one that starts with `0` (on either side) compares as text,
so `1.01` < `1.1` and `1.0` < `1.00`; others as numbers. What follows the numbers sorts, at one place:
`_alpha` < `_beta` < `_pre` < `_rc` < nothing < `-rN` < `~hash` < a suffix's number
< `_cvs` < `_svn` < `_git` < `_hg` < `_p` < a letter < a further number.

Taken beyond version 3, as version 2 did: digits, and more numbers, after the letter (`1.9.5p2`), because
releases before 2024 were called so. A number right behind a letter compares as a number.
Refused: everything outside that grammar (apk calls it invalid), for example `1.0bc`, `1.0-1`, `1.0_foo`.
apk-tools 2 ordered `1.00` before `1.0`; version 3 is followed there.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, Chunks, refused

_SUFFIX_MARKS = {
    "alpha": b"\x02", "beta": b"\x03", "pre": b"\x04", "rc": b"\x05",
    "cvs": b"\x0a", "svn": b"\x0b", "git": b"\x0c", "hg": b"\x0d", "p": b"\x0e",
}  # fmt: skip
_END, _REVISION, _HASH, _SUFFIX_NUMBER, _LETTER = b"\x06", b"\x07", b"\x08", b"\x09", b"\x0f"
_ZERO_LED, _TEXT_END = b"\x10", b"\x01"  # a number without a leading zero starts at 0x11

_grammar = re.compile(
    r"([0-9]+)((?:\.[0-9]+)*)((?:[a-z][0-9]+(?:\.[0-9]+)*)*[a-z]?)"
    r"((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)"
    r"(?:~([0-9a-f]+))?(?:-r([0-9]+))?"
).fullmatch
_after_letter = re.compile(r"[a-z]|\.?[0-9]+").findall
_suffixes = re.compile(r"_([a-z]+)([0-9]*)").findall


def _encode_component(digits: str) -> bytes:
    if digits[0] == "0":
        return _ZERO_LED + digits.encode("ascii") + _TEXT_END
    return NUMBERS[digits]


_component_key = Chunks(_encode_component).__getitem__


def _encode_letters(text: str) -> bytes:
    parts: list[bytes] = []
    for piece in _after_letter(text):
        if piece[0] == ".":
            parts.append(_component_key(piece[1:]))
        else:
            parts.append(NUMBERS[piece] if piece.isdigit() else _LETTER + piece.encode("ascii"))
    return b"".join(parts)


def _encode_suffixes(text: str) -> bytes:
    parts: list[bytes] = []
    for word, digits in _suffixes(text):
        parts.append(_SUFFIX_MARKS[word])
        if digits:
            parts.append(_SUFFIX_NUMBER + NUMBERS[digits])
    return b"".join(parts)


def key(version: str) -> bytes:
    """Bytes that order as apk-tools 3 orders versions; see the module for what is refused."""
    match = _grammar(version) if len(version) <= MAX_VERSION_BYTES else None
    if match is None:
        return refused(version)
    first, rest, letters, suffixes, digest, revision = match.groups()
    parts = [NUMBERS[first]]
    if rest:
        parts.extend(map(_component_key, rest[1:].split(".")))
    if letters:
        parts.append(_encode_letters(letters))
    if suffixes:
        parts.append(_encode_suffixes(suffixes))
    if digest:
        parts.append(_HASH + digest.encode("ascii") + _TEXT_END)
    if revision:
        parts.append(_REVISION + NUMBERS[revision])
    parts.append(_END)
    return b"".join(parts)
