"""Undoing ``Content-Encoding`` within bounds: no small body may become a large one (a "zip bomb")."""

from __future__ import annotations

import zlib

from weakspot.runtime.errors import InputError, TooLarge, UnsupportedEncoding

_STEP = 1 << 20
_RATIO = 200
_RATIO_FROM = 1 << 20
"""Below this many bytes any ratio is fine: small reports of repeated lines compress very well."""


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before ``gzip`` (or unchanged for none).

    Raises UnsupportedEncoding for other encodings; TooLarge over ``limit`` bytes or when it grows more than
    200-fold; InputError when it is damaged, cut off, or followed by something else.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        if len(body) > limit:
            raise _too_large(limit)
        return body
    if name != "gzip":
        raise UnsupportedEncoding("Content-Encoding can be gzip or absent.", field="Content-Encoding")
    return inflate_stream(body, 31, limit)


def inflate_stream(body: bytes, wbits: int, limit: int) -> bytes:
    """One deflated stream. wbits: 31 for gzip, 15 for zlib. Raises as ``inflate``."""
    inflater = zlib.decompressobj(wbits=wbits)
    parts: list[bytes] = []
    size = 0
    pending = body
    try:
        while not inflater.eof:
            part = inflater.decompress(pending, min(_STEP, limit - size + 1))
            pending = inflater.unconsumed_tail
            if not part and not pending and not inflater.eof:
                raise InputError("The compressed body is cut off; send it again.")
            size += len(part)
            if size > limit or (size > _RATIO_FROM and size > _RATIO * len(body)):
                raise _too_large(limit)
            parts.append(part)
    except zlib.error:
        raise InputError("The body is not compressed as it says; send it again.") from None
    if inflater.unused_data:
        raise InputError("Something follows the end of the compressed body; send one member only.")
    return b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The inflated body is over {limit:,} bytes or grows more than {_RATIO}-fold; send less at once.")
