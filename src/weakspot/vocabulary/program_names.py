"""The bare name of a program, and the version that its name carries.

Installers decorate names: ``7-Zip 19.00 (x64 edition)``, ``Mozilla Firefox 115.0.2 (x64 en-US)``, ``Microsoft .NET
Runtime - 6.0.6 (x64)``. Decorations at the *end* are taken off: bits, languages, scopes of the installation, versions.
What stays must be a product's name as a whole; a word that is left (``language pack``, ``plug-in``) makes it another.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

TYPES = frozenset({"windows_program", "macos_app", "program", "winget", "chocolatey"})
"""Types of software that are named by people, not by a registry."""
MAX_NAME = 200
_MAX_DECORATIONS = 8

_MARKS = re.compile(r"\((?:r|tm|c)\)|[®™©\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", re.IGNORECASE)
_BITS = r"(?:x64|x86|x86_64|x32|amd64|arm64|aarch64|win64|win32|64[ -]?bit|32[ -]?bit)"
_LOCALE = (
    r"(?:(?:[a-z]{2}|ach|ast|cak|dsb|fur|hsb|kab|lij|sat|sco|son|szl|skr|trs|zam)(?:[-_][a-z]{2,4})?(?:[-_][a-z]{2})?)"
)
_VERSION = r"(?:[a-z]{0,3}\d{1,9}(?:\.\d{1,9}){1,5}(?:[-+_.]?[a-z0-9]{1,12}){0,3})"
_LANGUAGE = (
    r"(?:english|deutsch|german|français|french|español|spanish|italiano|italian|português|portuguese|nederlands|dutch"
    r"|polski|čeština|magyar|svenska|dansk|norsk|suomi|türkçe|русский|українська|日本語|한국어|中文)"
)
_IN_BRACKETS = re.compile(
    rf"\s*\((?:{_BITS}(?:[ ,]+(?:edition|version|system|build))?|{_BITS}[ ,]+(?:{_BITS}|{_LOCALE})|{_LOCALE}"
    r"|user|machine|current user|all users|per user|remove only|enu|deu|fra|exe|msi|portable"
    rf"|{_LANGUAGE}|{_VERSION}|v?\d{{1,9}})\)$"
)
_BITS_AT_END = re.compile(rf"[\s_-]+{_BITS}(?: edition)?$")
_LOCALE_AT_END = re.compile(
    rf"\s+-\s+(?:[a-z]{{2,3}}-[a-z]{{2,4}}(?:-[a-z]{{2}})?|{_LANGUAGE}(?: \([a-zé ]{{2,20}}\))?)$"
)
_VERSION_AT_END = re.compile(rf"[\s_-]+(?:version\s+|ver\.?\s*|v\.?\s*|release\s+)?({_VERSION})$")
_REST_AT_END = re.compile(r"[\s,;:_-]+(?:version|release)?$")


class BareName(msgspec.Struct, frozen=True):
    """``text``: lower case, without decorations; ``version``: the outermost version in the name, or empty."""

    text: str
    version: str


def bare(name: str, version: str) -> BareName:
    """Take the decorations off. ``version``: as reported beside the name; it counts as a decoration whatever it is."""
    text = clean(name)[:MAX_NAME].removesuffix(".app")
    reported = clean(version)
    found = ""
    for _ in range(_MAX_DECORATIONS):
        shorter, version_here = _without_one(text, reported)
        if shorter == text or not shorter:
            break
        text, found = shorter, found or version_here
    return BareName(text, found)


def product_name(name: str, version: str) -> str:
    """As ``bare``, as the publisher writes it: ``GIMP 2.10.34`` -> ``GIMP``. All versions of a product share it."""
    text = bare(name, version).text
    written = _plain(name)[: len(text)]
    return written if written.lower() == text else text or name


def clean(text: str) -> str:
    """Compatible forms, lower case, no marks or invisible signs, single blanks."""
    return " ".join(_plain(text).lower().split())


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", _MARKS.sub(" ", text[: 2 * MAX_NAME])).split())


def words(text: str) -> list[str]:
    """Words of a publisher or a bundle identifier: ``The Wireshark developer community, https://…``."""
    return re.findall(r"[a-z0-9+.&|-]*[a-z0-9+]", clean(text)) + re.findall(r"[a-z0-9]+", clean(text))


def _without_one(text: str, reported: str) -> tuple[str, str]:
    if reported and len(reported) > 1 and text.endswith((" " + reported, "-" + reported)):
        return text[: -len(reported) - 1].rstrip(), reported
    if match := _IN_BRACKETS.search(text):
        inner = match[0].strip(" ()")
        return text[: match.start()], inner if re.fullmatch(_VERSION, inner) else ""
    for pattern in (_BITS_AT_END, _LOCALE_AT_END):
        if match := pattern.search(text):
            return text[: match.start()], ""
    if match := _VERSION_AT_END.search(text):
        return text[: match.start()], match[1].lstrip("abcdefghijklmnopqrstuvwxyz")
    return _REST_AT_END.sub("", text), ""
