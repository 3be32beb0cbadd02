"""CVSS vectors: 2.0, 3.0, 3.1 and 4.0 (FIRST's specifications), read into a base score.

Equations come from the ``cvss`` library, which FIRST's own calculators agree with; here is what surrounds it:
recognising the version, bounding the input, one error, and a cache, because a few thousand vectors describe nearly
all vulnerabilities.
"""

from __future__ import annotations

import functools
from typing import Literal

import cvss as calculator
import msgspec

from weakspot.vocabulary.severity import Severity, from_score

CvssVersion = Literal["2.0", "3.0", "3.1", "4.0"]

MAX_VECTOR_LENGTH = 400


class Cvss(msgspec.Struct, frozen=True):
    """A vector and what follows from it. ``base_score`` is 0.0-10.0; ``vector`` is as given, without blanks around
    it.
    """

    version: CvssVersion
    vector: str
    base_score: float
    severity: Severity


def version_of(vector: str) -> CvssVersion | None:
    """The version a vector claims to be; a vector without prefix is 2.0; None when it looks like none of them."""
    for prefix, version in _PREFIXES:
        if vector.startswith(prefix):
            return version
    return "2.0" if vector.startswith(("AV:", "(AV:")) else None


@functools.lru_cache(maxsize=32_768)
def parse(vector: str) -> Cvss:
    """Read a vector string. Raises ValueError with the reason when it is not a CVSS vector."""
    text = vector.strip()
    if len(text) > MAX_VECTOR_LENGTH:
        raise ValueError(f"a CVSS vector has at most {MAX_VECTOR_LENGTH} characters, this one {len(text)}")
    version = version_of(text)
    if version is None:
        raise ValueError(f"not a CVSS vector: {text[:60]!r}")
    try:
        score = _score(version, text)
    except calculator.CVSSError as error:
        raise ValueError(f"not a CVSS {version} vector: {str(error)[:200]}") from error
    except (KeyError, IndexError, ArithmeticError, ValueError) as error:
        raise ValueError(f"not a CVSS {version} vector: {text[:60]!r}") from error
    return Cvss(version, text, score, from_score(score))


_PREFIXES: tuple[tuple[str, CvssVersion], ...] = (
    ("CVSS:3.1/", "3.1"),
    ("CVSS:3.0/", "3.0"),
    ("CVSS:4.0/", "4.0"),
)


def _score(version: CvssVersion, text: str) -> float:
    if version == "2.0":
        return float(calculator.CVSS2(text.strip("()")).base_score)
    if version == "4.0":
        return float(calculator.CVSS4(text).base_score)
    return float(calculator.CVSS3(text).base_score)
