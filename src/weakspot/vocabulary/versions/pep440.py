"""Python versions: PEP 440 (now the PyPA specification "Version specifiers"), and the legacy order.

A PEP 440 version in any spelling that the specification normalises (`v1.0-Beta.2`, `1.0.post`, `1.0-1`)
orders as `packaging.version.Version`: epoch, release without trailing zeros, then
developmental release < alpha < beta < candidate < final < post-release; local versions last, their textual
segments before numeric ones.

What PEP 440 refuses but holds a digit (`2004d`, `1.0-final-x`) gets the legacy order of setuptools 65 and
packaging 21, which places all such versions before all PEP 440 ones. Refused altogether: no digit at all,
anything but printable ASCII.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, refused

_LEGACY, _MODERN = b"\x01", b"\x02"
_RELEASE_END = b"\x01"
_DEV_ONLY, _FINAL = b"\x01", b"\x05"
_PRE = {"a": b"\x02", "alpha": b"\x02", "b": b"\x03", "beta": b"\x03"}
_CANDIDATE = b"\x04"
_NO_POST, _POST = b"\x01", b"\x02"
_DEV, _NO_DEV = b"\x01", b"\x02"
_LOCAL_END, _LOCAL_TEXT, _TEXT_END = b"\x01", b"\x02", b"\x01"
_PLAIN_TAIL = _RELEASE_END + _FINAL + _NO_POST + _NO_DEV + _LOCAL_END

_plain = re.compile(r"[0-9]+(?:\.[0-9]+)*").fullmatch
_grammar = re.compile(
    r"v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?([0-9]*))?"
    r"(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?"
    r"(?:[-_.]?(dev)[-_.]?([0-9]*))?"
    r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
).fullmatch
_local_segments = re.compile(r"[a-z0-9]+").findall
_legacy_parts = re.compile(r"[0-9]+|[a-z]+|\.|-|[^0-9a-z.-]+").findall
_LEGACY_WORDS = {"pre": "c", "preview": "c", "-": "final-", "rc": "c", "dev": "@"}
_has_digit = re.compile(r"[0-9]").search


def _release_key(text: str) -> bytes:
    numbers = list(map(NUMBERS.__getitem__, text.split(".")))
    zero = NUMBERS["0"]
    while len(numbers) > 1 and numbers[-1] == zero:
        numbers.pop()
    return b"".join(numbers)


def _local_key(text: str) -> bytes:
    return b"".join(
        NUMBERS[segment] if segment.isdigit() else _LOCAL_TEXT + segment.encode("ascii") + _TEXT_END
        for segment in _local_segments(text)
    )


def _modern_key(match: re.Match[str]) -> bytes:
    epoch, release, pre, pre_number, bare_post, post, post_number, dev, dev_number, local = match.groups()
    has_post = post is not None or bare_post is not None
    if pre is not None:
        stage = _PRE.get(pre, _CANDIDATE) + NUMBERS[pre_number]
    else:
        stage = _DEV_ONLY if dev is not None and not has_post else _FINAL
    return b"".join(
        (
            _MODERN,
            NUMBERS[epoch or "0"],
            _release_key(release),
            _RELEASE_END,
            stage,
            _POST + NUMBERS[bare_post or post_number or "0"] if has_post else _NO_POST,
            _DEV + NUMBERS[dev_number] if dev is not None else _NO_DEV,
            _local_key(local) if local else b"",
            _LOCAL_END,
        )
    )


def _legacy_key(text: str) -> bytes:
    """The old setuptools rules: words marked by `*`, numbers padded to eight digits, compared as text."""
    parts: list[str] = []
    for piece in [*_legacy_parts(text), "final"]:
        word = _LEGACY_WORDS.get(piece, piece)
        if word == ".":
            continue
        if word[0] in "0123456789":
            parts.append(word.zfill(8))
            continue
        starred = "*" + word
        if starred < "*final":
            while parts and parts[-1] == "*final-":
                parts.pop()
        while parts and parts[-1] == "00000000":
            parts.pop()
        parts.append(starred)
    return _LEGACY + b"".join(b"\x02" + part.encode("ascii") + b"\x01" for part in parts) + b"\x01"


def key(version: str) -> bytes:
    """Bytes that order PEP 440 versions, and legacy ones before them; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES:
        return refused(version)
    if _plain(version):
        return _MODERN + NUMBERS["0"] + _release_key(version) + _PLAIN_TAIL
    text = version.strip().lower()
    if not text.isascii() or not text.isprintable() or not _has_digit(text):
        return refused(version)
    match = _grammar(text)
    return _modern_key(match) if match else _legacy_key(text)
