"""Dotted versions without a scheme of their own: desktop software, CPE names, appliances.

There is no specification; these are the rules chosen here, for what vendors write.

- Numbers compare as numbers, whatever separates them (`.`, `-`, `_`, `+`, `,`, `:`, `/` or a blank):
  `11.0.23+9`, `2021.001.20155`, `2, 3, 0, 1`. Missing numbers are zero: `1.0` equals `1.0.0`.
- Words that announce a release sort before it, in this order: development (dev, nightly, snapshot, canary)
  < alpha < beta < milestone < preview (pre, preview, ea, ctp) < candidate (rc, cr). `a` and `b` are alpha
  and beta only with a digit right behind (`3.0b2`); otherwise they are letters of a patched release
  (`1.0.2a`).
- All other words sort after the release and before a further number: `1.0.2` < `1.0.2a` < `1.0.2b` <
  `1.0.2.1`, `9.3` < `9.3p1`, `8u201` < `8u202`. They compare without regard to case.
- Words that only describe a build are left out: esr, final, ga, release, stable, lts, x64, x86, 64-bit,
  win32 …, and a remark in brackets at the end with a blank before it (`126.0.6478.127 (Official Build)`);
  without the blank the brackets are separators (`9.1(2)`).
- A leading `v`, `ver.` or `version` is dropped.

Refused: a string that does not start with a letter or digit, has no digit, or holds anything but printable
ASCII. So `*`, `-`, `unknown` and `-1.2` are not comparable.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, Chunks, refused
from weakspot.vocabulary.versions.zeros import END, ZERO, zeros_before_number

_START = b"\x01"
_STAGE_WORDS = (
    ("dev", "devel", "development", "nightly", "snapshot", "canary", "daily", "unstable"),
    ("alpha",),
    ("beta",),
    ("milestone",),
    ("pre", "prerelease", "preview", "ea", "eap", "ctp", "insider", "insiders"),
    ("rc", "cr", "candidate"),
)
_STAGES = {word: bytes((2 + rank,)) for rank, words in enumerate(_STAGE_WORDS) for word in words}
_LONG_NAMES = {"a": "alpha", "b": "beta", "m": "milestone"}
_WORD, _WORD_END = b"\x0e", b"\x01"

_prefix = re.compile(r"(?:version|ver\.?|v\.?)\s*(?=[0-9])").match
_remark = re.compile(r"\s[(\[][^()\[\]]*[)\]]$").search
_descriptions = re.compile(
    r"(?<![a-z0-9])(?:x64|x86(?:[-_]64)?|x32|amd64|arm64|win(?:32|64|dows)|(?:32|64)[ -]?bit)(?![a-z0-9])"
    r"|(?<![a-z])(?:esr|final|ga|release|stable|lts|build|update)(?![a-z])"
).sub
_short_stages = re.compile(r"(?<![a-z])[abm](?=[0-9])").sub
_tokens = re.compile(r"[0-9]+|[a-z]+").findall


def _encode_token(token: str) -> bytes:
    if token.isdigit():
        return NUMBERS[token]
    return _STAGES.get(token) or _WORD + token.encode("ascii") + _WORD_END


_token_key = Chunks(_encode_token).__getitem__


def _clean(version: str) -> str:
    text = version.strip().lower()
    if (remark := _remark(text)) is not None:
        text = text[: remark.start()]
    if (prefix := _prefix(text)) is not None:
        text = text[prefix.end() :]
    return text


def key(version: str) -> bytes:
    """Bytes that order by the rules of this module, which also says what is refused."""
    if len(version) > MAX_VERSION_BYTES or not version.isascii() or not version.strip().isprintable():
        return refused(version)
    text = _clean(version)
    if not text or not text[0].isalnum():
        return refused(version)
    text = _short_stages(lambda match: _LONG_NAMES[match[0]], _descriptions(" ", text))
    tokens = _tokens(text)
    if not any(map(str.isdigit, tokens)):
        return refused(version)
    parts = [_START]
    zeros = 0
    for encoded in map(_token_key, tokens):
        if encoded == ZERO:
            zeros += 1
            continue
        if encoded > ZERO:
            parts.append(zeros_before_number(zeros))
        parts.append(encoded)
        zeros = 0
    parts.append(END)
    return b"".join(parts)
