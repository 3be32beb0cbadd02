"""Version keys per second, one core, beside pairwise comparison by a library.

    python -m bench.versions [--keys N] [--scheme NAME ...]

Prints one JSON line a figure. `keys`: seconds of one core to make the keys of N versions. `sort by keys`: to make
them and sort by them. `sort pairwise`: the same sort by the library's comparison, measured on fewer versions and
scaled as n log n. All versions are distinct; they follow from a fixed seed and look like what repositories hold.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cmp_to_key
from typing import Any

from weakspot.vocabulary.versions import SCHEMES

_PAIRWISE_VERSIONS = 20_000


def _number(rng: random.Random) -> str:
    return str(rng.choice((rng.randrange(4), rng.randrange(30), rng.randrange(400))))


def _dotted(rng: random.Random, parts: int) -> str:
    return ".".join(_number(rng) for _ in range(parts))


def _dpkg(rng: random.Random) -> str:
    epoch = rng.choice(("", "", "", "1:", "2:"))
    suffix = rng.choice(("", "", "+dfsg", "~rc1", "+git20240102"))
    tail = rng.choice(("", "", "+deb12u", "ubuntu0.22.04.", "~bpo12+"))
    revision = rng.randrange(60)
    return f"{epoch}{_dotted(rng, 3)}{suffix}-{revision}{tail}{rng.randrange(20) if tail else ''}"


def _rpm(rng: random.Random) -> str:
    epoch = rng.choice(("", "", "1:", "32:"))
    tail = rng.choice(
        (".el9", ".el8_10", ".el9_4", f".module_el8.{rng.randrange(10)}.0+{rng.randrange(4000)}+6fb3bd1e")
    )
    return f"{epoch}{_dotted(rng, 3)}-{rng.randrange(600)}{tail}"


def _semver(rng: random.Random) -> str:
    prerelease = rng.choice(("", "", "", "-alpha.", "-beta.", "-rc."))
    return f"{_dotted(rng, 3)}{prerelease}{rng.randrange(40) if prerelease else ''}"


def _pep440(rng: random.Random) -> str:
    tail = rng.choice(("", "", "", "a", "rc", ".post", ".dev"))
    return f"{_dotted(rng, rng.randint(2, 4))}{tail}{rng.randrange(30) if tail else ''}"


def _apk(rng: random.Random) -> str:
    return f"{_dotted(rng, 3)}{rng.choice(('', '', '_p', '_rc', '_git2024'))}{rng.randrange(9)}-r{rng.randrange(12)}"


def _maven(rng: random.Random) -> str:
    return f"{_dotted(rng, 3)}{rng.choice(('', '', '.Final', '-SNAPSHOT', '-RC1', '-jre'))}.{rng.randrange(9)}"


def _plain(rng: random.Random) -> str:
    return _dotted(rng, 4)


_GENERATORS: dict[str, Callable[[random.Random], str]] = {
    "dpkg": _dpkg,
    "rpm": _rpm,
    "semver": _semver,
    "pep440": _pep440,
    "apk": _apk,
    "maven": _maven,
    "generic": _plain,
}


def versions(scheme: str, count: int) -> list[str]:
    """`count` distinct versions of a scheme, in no order."""
    rng = random.Random(20240102)
    make = _GENERATORS[scheme]
    found: dict[str, None] = {}
    while len(found) < count:
        found[make(rng)] = None
    return list(found)


def _library(scheme: str) -> tuple[str, Callable[[str], Any]] | None:
    """A library's comparable object for a version; None where none is installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _import_library(scheme)
        except ImportError:
            return None


def _import_library(scheme: str) -> tuple[str, Callable[[str], Any]] | None:
    if scheme == "dpkg":
        from debian.debian_support import NativeVersion

        return "python-debian", NativeVersion
    if scheme == "pep440":
        from packaging.version import Version

        return "packaging", Version
    if scheme == "semver":
        from semver import Version as SemverVersion

        return "semver", SemverVersion.parse
    if scheme in ("rpm", "maven", "apk"):
        from univers import versions as univers

        names = {"rpm": "RpmVersion", "maven": "MavenVersion", "apk": "AlpineLinuxVersion"}
        return "univers", getattr(univers, names[scheme])
    return None


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _compare(a: Any, b: Any) -> int:
    return -1 if a < b else 1 if b < a else 0


def _sort_pairwise(texts: Sequence[str], parse: Callable[[str], Any]) -> None:
    sorted(map(parse, texts), key=cmp_to_key(_compare))


def figures(scheme: str, count: int) -> Iterator[dict[str, object]]:
    """All figures of one scheme."""
    texts = versions(scheme, count)
    key = SCHEMES[scheme].key

    def all_keys() -> None:
        for text in texts:
            key(text)

    yield {"name": f"versions.{scheme}.keys", "value": round(_seconds(all_keys), 3), "unit": "s", "versions": count}
    by_key = _seconds(lambda: sorted(texts, key=key))
    yield {"name": f"versions.{scheme}.sort_by_keys", "value": round(by_key, 3), "unit": "s", "versions": count}
    if library := _library(scheme):
        some = texts[: min(count, _PAIRWISE_VERSIONS)]
        measured = _seconds(lambda: _sort_pairwise(some, library[1]))
        scaled = measured * (count * math.log(count)) / (len(some) * math.log(len(some)))
        yield {
            "name": f"versions.{scheme}.sort_pairwise",
            "value": round(scaled, 3),
            "unit": "s",
            "versions": count,
            "library": library[0],
            "measured_versions": len(some),
        }


def main() -> None:
    """Run the benchmark; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--scheme", action="append", choices=sorted(_GENERATORS))
    options = parser.parse_args()
    for scheme in options.scheme or ("dpkg", "rpm", "semver"):
        for figure in figures(scheme, options.keys):
            print(json.dumps(figure), flush=True)


if __name__ == "__main__":
    main()
