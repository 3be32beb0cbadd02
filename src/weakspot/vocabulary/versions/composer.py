"""Composer versions: `Composer\\Semver` normalisation, then PHP's `version_compare`.

One to four numbers are filled up to four with zeros (the first has at most five digits), or a date of any
usual spelling is taken number by number. A stability may follow: alpha, beta, RC, patch (`a`, `b`, `pl`, `p`
for short), with a number, and `-dev`. At one place: dev < alpha < beta < RC < nothing < a number < patch;
`beta` sorts before `beta0`. `1.2.x-dev` is the branch of that line: above all its releases. Build metadata,
`@stability` and `-stable` do not count.

Refused: branch names (`dev-main`), which Composer does not order either, inline aliases, and all that
Composer calls invalid.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, refused

_DEV, _ALPHA, _BETA, _CANDIDATE, _END, _PATCH = b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\xf8"
_STABILITIES = {
    "a": _ALPHA, "alpha": _ALPHA, "b": _BETA, "beta": _BETA, "rc": _CANDIDATE,
    "p": _PATCH, "pl": _PATCH, "patch": _PATCH,
}  # fmt: skip
_BRANCH_NUMBER = "9999999"

_MODIFIER = r"[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*))?([.-]?dev)?"
_classical = re.compile(rf"v?([0-9]{{1,5}}(?:\.[0-9]+){{0,3}}){_MODIFIER}").fullmatch
_dated = re.compile(rf"v?([0-9]{{4}}(?:[.:-]?[0-9]{{2}}){{1,6}}(?:[.:-]?[0-9]{{1,3}})?){_MODIFIER}").fullmatch
_branch = re.compile(r"v?([0-9]+(?:\.(?:[0-9]+|[x*])){0,3})[.-]?dev").fullmatch
_flag = re.compile(r"@(?:stable|rc|beta|alpha|dev)$")
_metadata = re.compile(r"\+[^\s]+$")
_numbers = re.compile(r"[0-9]+").findall


def _stable_part(version: str) -> str:
    return _metadata.sub("", _flag.sub("", version.strip().lower()), count=1)


def _release_numbers(text: str) -> tuple[list[str], re.Match[str]] | None:
    if match := _classical(text):
        numbers = match[1].split(".")
        return numbers + ["0"] * (4 - len(numbers)), match
    if match := _dated(text):
        return _numbers(match[1]), match
    return None


def _branch_key(text: str) -> bytes | None:
    match = _branch(text)
    if match is None:
        return None
    numbers = [_BRANCH_NUMBER if part in "x*" else part for part in match[1].split(".")]
    numbers += [_BRANCH_NUMBER] * (4 - len(numbers))
    return b"".join(map(NUMBERS.__getitem__, numbers)) + _DEV + _END


def key(version: str) -> bytes:
    """Bytes that order as Composer orders releases; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES or not version.isascii():
        return refused(version)
    text = _stable_part(version)
    release = _release_numbers(text)
    if release is None:
        return _branch_key(text) or refused(version)
    numbers, match = release
    parts = list(map(NUMBERS.__getitem__, numbers))
    stability, stability_numbers, dev = match[2], match[3], match[4]
    if stability != "stable":
        if stability:
            parts.append(_STABILITIES[stability])
            parts.extend(map(NUMBERS.__getitem__, _numbers(stability_numbers)))
        if dev:
            parts.append(_DEV)
    parts.append(_END)
    return b"".join(parts)
