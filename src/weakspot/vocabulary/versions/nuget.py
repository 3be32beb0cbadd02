"""NuGet versions: `NuGet.Versioning.VersionComparer.Default`, the NuGet documentation "Package versioning".

One to four numbers (missing ones are zero), then the labels of a pre-release: numeric labels (those that fit
in 32 bits) as numbers and first, the others without regard to case; a longer list is later. Build metadata
does not count. Blanks around and leading zeros are ignored, and a leading `v` is dropped.
Refused: a fifth number, empty labels, any other character.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, Chunks, refused
from weakspot.vocabulary.versions.semver import RELEASE

_LABELS_END, _TEXT, _TEXT_END = b"\x02", b"\xf8", b"\x01"
_ZERO = NUMBERS["0"]
_LARGEST = NUMBERS[str(2**31 - 1)]

_grammar = re.compile(
    r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:\.([0-9]+))?"
    r"(?:-([0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z-]+(?:\.[0-9a-z-]+)*)?"
).fullmatch


def _encode_label(label: str) -> bytes:
    if label.isdigit() and NUMBERS[label] <= _LARGEST:
        return NUMBERS[label]
    return _TEXT + label.encode("ascii") + _TEXT_END


def _encode_labels(text: str) -> bytes:
    return b"".join(map(_encode_label, text.split("."))) + _LABELS_END


_labels_key = Chunks(_encode_labels).__getitem__


def key(version: str) -> bytes:
    """Bytes that order as NuGet orders versions; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES or not version.isascii():
        return refused(version)
    match = _grammar(version.strip().lower())
    if match is None:
        return refused(version)
    major, minor, patch, revision, labels = match.groups()
    numbers = NUMBERS
    return (
        numbers[major]
        + (numbers[minor] if minor else _ZERO)
        + (numbers[patch] if patch else _ZERO)
        + (numbers[revision] if revision else _ZERO)
        + (_labels_key(labels) if labels else RELEASE)
    )
