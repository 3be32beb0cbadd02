"""Debian versions: `[epoch:]upstream[-revision]`, deb-version(7), Debian policy 5.6.12.

The order is the one `dpkg --compare-versions` decides: epoch as a number, then upstream version, then
revision; each is read as alternating runs of non-digits and digits. In a run of non-digits `~` sorts before
the end of the run, the end before letters, letters before everything else; digits compare as numbers, and
a missing run of digits is zero. A missing revision equals revision `0`.

As in dpkg, a version that does not start with a digit, or holds a character that policy forbids (`1.0_2`),
is compared all the same (dpkg warns). Refused, as by dpkg: the empty string, an epoch that is no number or
above 2147483647, nothing before or after the colon, an empty upstream version or an empty revision after a
hyphen, blanks inside. Refused here though dpkg goes on: anything but printable ASCII, a sign on the epoch.
"""

import re

from weakspot.vocabulary.versions.encoding import NUMBERS, Chunks, is_graphic, refused

_NO_EPOCH = NUMBERS["0"]
_MAX_EPOCH = NUMBERS[str(2**31 - 1)]
_BLANKS = " \t\n\v\f\r"

_TILDE, _RUN_END, _PART_END = 0x01, b"\x02", b"\x02"
_chunks = re.compile(r"[^0-9]*[0-9]+|[^0-9]+").findall


def _rank_table() -> bytes:
    table = bytearray(range(256))
    for code in range(0x21, 0x7F):
        if not chr(code).isalnum():
            table[code] = code + 0x80
    table[ord("~")] = _TILDE
    return bytes(table)


_RANKS = _rank_table()


def _encode_chunk(chunk: str) -> bytes:
    text = chunk.rstrip("0123456789")
    return text.encode("ascii").translate(_RANKS) + _RUN_END + NUMBERS[chunk[len(text) :]]


_chunk_key = Chunks(_encode_chunk).__getitem__


def _part_key(part: str) -> bytes:
    return b"".join(map(_chunk_key, _chunks(part or "0"))) + _PART_END


_revision_key = Chunks(_part_key).__getitem__


def key(version: str) -> bytes:
    """Bytes that order as dpkg orders versions; see the module for what is refused."""
    text = version.strip(_BLANKS)
    if not is_graphic(text):
        return refused(version)
    head = _NO_EPOCH
    if ":" in text:
        epoch, _, text = text.partition(":")
        head = NUMBERS[epoch]
        if not epoch.isdigit() or head > _MAX_EPOCH:
            return refused(version)
    upstream, dash, revision = text.rpartition("-")
    if not dash:
        upstream, revision = text, ""
    elif not revision:
        return refused(version)
    if not upstream:
        return refused(version)
    return head + _part_key(upstream) + _revision_key(revision)
