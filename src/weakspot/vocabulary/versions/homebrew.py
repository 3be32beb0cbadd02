"""Homebrew versions: `Version` and `PkgVersion` of Homebrew, that is `version[_revision]`.

Tokens are numbers and words. A missing token is zero, and zeros before a word do not count. At one place:
alpha < beta < pre < rc < nothing < post-release < other words and patch levels < numbers. `a1`, `b1` are
alpha and beta, `p1` is a patch level; words compare by ASCII code. `HEAD` is later than all, and equal to
every other `HEAD-commit`. The revision decides last.

Homebrew's own comparison contradicts itself in two corners: zeros at the end against a pre-release
(`1.0` <=> `1-rc1` is 0, the reverse is -1), and words between `pre` and `rc` in the alphabet. Here the first
answers as the reverse does, the second puts all such words after "nothing".
Refused: anything but printable ASCII without blanks, a version without a letter or digit.
"""

import re

from weakspot.vocabulary.versions.encoding import NUMBERS, Chunks, is_graphic, refused
from weakspot.vocabulary.versions.zeros import END, ZERO, zeros_before_number

_START, _HEAD = b"\x01", b"\xfe"
_STAGES = {"a": b"\x02", "alpha": b"\x02", "b": b"\x03", "beta": b"\x03", "pre": b"\x04", "rc": b"\x05"}
_POST, _WORD, _WORD_END = b"\x0e\x01", b"\x0e\x02", b"\x01"

_revision = re.compile(r"_([0-9]+)$").search
_is_head = re.compile(r"HEAD(?:-.*)?").fullmatch
_tokens = re.compile(
    r"alpha[0-9]*|a[0-9]+|beta[0-9]*|b[0-9]+|pre[0-9]*|rc[0-9]*|p[0-9]*|.post[0-9]+|[0-9]+|[a-z]+",
    re.IGNORECASE,
).findall
_stage = re.compile(r"(alpha|beta|pre|rc|[ab](?=[0-9]))[0-9]*", re.IGNORECASE).fullmatch


def _encode_token(token: str) -> bytes:
    if token.isdigit():
        return NUMBERS[token]
    word = token.rstrip("0123456789")
    digits = token[len(word) :]
    stage = _stage(token)
    if stage:
        return _STAGES[stage[1].lower()] + NUMBERS[digits]
    if word[1:].lower() == "post":
        # Homebrew takes the first digits of the token, which the any-character before "post" may be.
        return _POST + NUMBERS[word[0] if word[0].isdigit() else digits]
    return _WORD + word.encode("ascii") + _WORD_END + NUMBERS[digits]


_token_key = Chunks(_encode_token).__getitem__


def _version_key(text: str) -> bytes:
    parts = [_START]
    zeros = 0
    for encoded in map(_token_key, _tokens(text)):
        if encoded == ZERO:
            zeros += 1
            continue
        if encoded > ZERO:
            parts.append(zeros_before_number(zeros))
        parts.append(encoded)
        zeros = 0
    parts.append(END)
    return b"".join(parts)


def key(version: str) -> bytes:
    """Bytes that order as Homebrew orders versions; see the module for what is refused."""
    if not is_graphic(version):
        return refused(version)
    text, revision = version, "0"
    if (match := _revision(version, 1)) is not None:
        text, revision = version[: match.start()], match[1]
    if _is_head(text):
        return _HEAD + NUMBERS[revision]
    if not _tokens(text):
        return refused(version)
    return _version_key(text) + NUMBERS[revision]
