"""RPM versions: `[epoch:]version[-release]`, rpm-version(7) and rpm's `rpmVersionCompare`.

Epochs compare as numbers (a missing one is 0), then version, then release by the rules of `rpmvercmp`:
runs of digits and runs of letters are compared one by one, everything else only separates; at one place
`~` sorts before the end of the string, the end before `^`, `^` before letters, letters before digits.
Leading zeros do not count, letters compare by ASCII code.

A missing release sorts before every release, as rpm itself orders two parsed versions. For ranges that is
what is wanted of "introduced" and "fixed" without a release (`fixed 1.2` means that every build of 1.2 is
fixed). A "last affected" without a release, on the other hand, means all builds of that version: compare
version parts alone there (`without_release`).

Refused: anything but printable ASCII without blanks, a version part without a letter or digit.
"""

import re

from weakspot.vocabulary.versions.encoding import NUMBERS, Chunks, is_graphic, refused

_TILDE, _END, _CARET = b"\x01", b"\x02", b"\x03"
_LETTERS, _LETTERS_END = b"\x04", b"\x01"
_NO_RELEASE, _RELEASE = b"\x01", b"\x02"

_NO_EPOCH = NUMBERS["0"]

_segments = re.compile(r"[0-9]+|[A-Za-z]+|~|\^").findall
_has_segment = re.compile(r"[0-9A-Za-z]").search


def _encode_segment(segment: str) -> bytes:
    if segment.isdigit():
        return NUMBERS[segment]
    if segment == "~":
        return _TILDE
    if segment == "^":
        return _CARET
    return _LETTERS + segment.encode("ascii") + _LETTERS_END


_segment_key = Chunks(_encode_segment).__getitem__


def _encode_field(field: str) -> bytes:
    if field.isdigit():
        return NUMBERS[field]
    return b"".join(map(_segment_key, _segments(field)))


# No segment spans a dot, so what stands between dots can be encoded, and remembered, as a whole.
_field_key = Chunks(_encode_field).__getitem__


def key(version: str) -> bytes:
    """Bytes that order as rpm orders epoch-version-release strings; see the module for what is refused."""
    if not is_graphic(version):
        return refused(version)
    head, text = _NO_EPOCH, version
    if ":" in text:
        epoch, _, rest = text.partition(":")
        if not epoch or epoch.isdigit():
            head, text = NUMBERS[epoch], rest
    upstream, dash, release = text.rpartition("-")
    if not dash:
        upstream = text
    if not upstream[:1].isalnum() and not _has_segment(upstream):
        return refused(version)
    head += b"".join(map(_field_key, upstream.split("."))) + _END
    if not dash:
        return head + _NO_RELEASE
    return head + _RELEASE + b"".join(map(_field_key, release.split("."))) + _END


def without_release(version: str) -> str:
    """The same version with its release cut off: `1:2.3-4.el9` gives `1:2.3`."""
    head, dash, _ = version.rpartition("-")
    return head if dash else version
