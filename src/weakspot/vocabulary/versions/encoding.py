"""Order-preserving pieces that the schemes build their keys from.

A key is a byte string whose order is the order of versions. It is made of *marks* (single bytes below
`NUMBER_FLOOR`, above `NUMBER_CEILING`, or text that ends in a lower byte) and *numbers* (below).
Byte 0x00 never starts a key of a comparable version: it is the mark of what a scheme refuses.
"""

from collections.abc import Callable

MAX_VERSION_BYTES = 512
"""Longer versions are kept as text elsewhere, but never compared."""

REFUSED = b"\x00"
"""First byte of the key of a string that its scheme refuses."""

NUMBER_FLOOR = 0x10
NUMBER_CEILING = 0xE1
"""Numbers start with a byte from floor to ceiling; marks beside numbers lie outside."""

_LONGEST_SHORT = NUMBER_CEILING - NUMBER_FLOOR - 1
_CACHE_ENTRIES = 32_768
_CACHE_CHARACTERS = 24


def refused(version: str) -> bytes:
    """Key of a string that is no version: the reserved byte, then at most 512 bytes of the text.

    So such strings are told apart (nearly always) and group at one end of an index. Never raises:
    lone surrogates are encoded as they are.
    """
    head = version[:MAX_VERSION_BYTES].encode("utf-8", "surrogatepass")
    return REFUSED + head[:MAX_VERSION_BYTES]


def is_graphic(text: str) -> bool:
    """True for 1 to 512 printable ASCII characters without a blank: what most schemes are written in."""
    return 0 < len(text) <= MAX_VERSION_BYTES and text.isascii() and text.isprintable() and " " not in text


def number(digits: str) -> bytes:
    """Encode decimal digits of any length (up to 512) so that byte order is numeric order.

    The count of significant digits goes first, so `9` sorts before `10` without ever making an integer.
    Leading zeros do not count; an empty string is zero.
    """
    significant = digits.lstrip("0")
    size = len(significant)
    if size < _LONGEST_SHORT:
        return bytes((NUMBER_FLOOR + size,)) + significant.encode("ascii")
    return bytes((NUMBER_CEILING,)) + size.to_bytes(2, "big") + significant.encode("ascii")


def descending(count: int) -> bytes:
    """Encode a small count (0-65535) so that more sorts first."""
    return (0xFFFF - count).to_bytes(2, "big")


class Chunks(dict[str, bytes]):
    """A bounded memory of encoded chunks: versions repeat the same few thousand pieces for ever.

    Looking up a chunk encodes it when it is new. Long chunks are not kept, and a full table starts afresh,
    so hostile input costs time in proportion to its length and no more than a few megabytes.
    """

    def __init__(self, encode: Callable[[str], bytes]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, chunk: str) -> bytes:
        encoded = self._encode(chunk)
        if len(chunk) <= _CACHE_CHARACTERS:
            if len(self) >= _CACHE_ENTRIES:
                self.clear()
            self[chunk] = encoded
        return encoded


NUMBERS = Chunks(number)
"""`number` with a memory, shared by all schemes."""
