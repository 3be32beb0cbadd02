"""Java runtime versions: JEP 223, `Runtime.Version`, and the older names of the same releases.

From Java 9: `feature.interim.update.patch…[-pre][+build][-optional]`, zeros at the end do not count
(`17` equals `17.0.0`), a pre-release (`-ea`, `-beta`, `-internal` …) sorts before the release, a build after
none; any other word behind a hyphen is a vendor's remark.

Up to Java 8 one release has several names. All of these are 8.0.202: `1.8.0_202`, `8u202`, `8 Update 202`,
`8.0.202`, with their build `1.8.0_202-b08`, `8u202-b08`, and Oracle's entry in the Windows registry,
`8.0.2020.8` (update times ten, build). That last form is recognised for features 5 to 8 by an update of 50
or more that ends in zero.

The optional part after the build does not count. Refused: everything else.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, refused

_NUMBERS_END = b"\x01"
_PRE, _RELEASE = b"\x02", b"\x03"
_PRE_END = b"\x01"
_ZERO = NUMBERS["0"]
_OLDEST_RENAMED, _NEWEST_RENAMED = NUMBERS["5"], NUMBERS["8"]

_modern = re.compile(
    r"([0-9]+(?:\.[0-9]+)*)(?:-((?:ea|alpha|beta|rc|pre|dev|snapshot|internal)[0-9]*))?"
    r"(?:\+([0-9]+)[a-z0-9.-]*)?(?:-[a-z0-9.+-]+)?"
).fullmatch
_legacy = re.compile(
    r"(?:1\.)?([0-9]+)(?:\.([0-9]+))?(?:_|u|[ :_.-]?update[ _]?)([0-9]+)(?:-?(ea))?(?:-?b([0-9]+))?(?:-[a-z0-9.-]+)?"
).fullmatch
_prefix = re.compile(r"(?:open)?(?:jdk|jre|java)[- ]?(?=[0-9])").match


def _numbers_key(numbers: list[str]) -> bytes:
    encoded = [NUMBERS[number] for number in numbers]
    while len(encoded) > 1 and encoded[-1] == _ZERO:
        encoded.pop()
    return b"".join(encoded) + _NUMBERS_END


def _tail_key(pre: str | None, build: str | None) -> bytes:
    stage = _RELEASE if pre is None else _PRE + pre.encode("ascii") + _PRE_END
    return stage + NUMBERS[build or "0"]


def _is_registry_form(numbers: list[str]) -> bool:
    """Oracle's `8.0.2020.8`: feature 5 to 8, interim 0, update times ten."""
    if len(numbers) not in (3, 4) or not _OLDEST_RENAMED <= NUMBERS[numbers[0]] <= _NEWEST_RENAMED:
        return False
    return numbers[1] == "0" and numbers[2].endswith("0") and NUMBERS[numbers[2]] >= NUMBERS["50"]


def _modern_key(match: re.Match[str]) -> bytes:
    numbers, pre, build = match[1].split("."), match[2], match[3]
    if len(numbers) > 1 and numbers[0] == "1" and NUMBERS[numbers[1]] <= _NEWEST_RENAMED:
        numbers = numbers[1:]
    elif _is_registry_form(numbers):
        build = build or (numbers[3] if len(numbers) == 4 else None)
        numbers = [*numbers[:2], numbers[2][:-1]]
    return _numbers_key(numbers) + _tail_key(pre, build)


def key(version: str) -> bytes:
    """Bytes that order Java runtimes under any of their names; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES or not version.isascii():
        return refused(version)
    text = version.strip().lower()
    if (prefix := _prefix(text)) is not None:
        text = text[prefix.end() :]
    if match := _legacy(text):
        feature, interim, update, pre, build = match.groups()
        return _numbers_key([feature, interim or "0", update]) + _tail_key(pre, build)
    if match := _modern(text):
        return _modern_key(match)
    return refused(version)
