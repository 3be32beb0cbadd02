"""Nothing is dropped in silence, over the whole mirror that ``make mirror`` lays out: what a source's reader gives is
what a plain parser counts in its files.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from weakspot.intel.sources import BY_NAME

MIRROR = Path(__file__).parents[3] / "build" / "mirror"
CVE = re.compile(r"CVE-\d{4}-\d{4,19}")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not MIRROR.is_dir(), reason="there is no build/mirror; `make mirror` lays it out"),
]


def only(source: str, pattern: str) -> Path:
    """The one file of a source."""
    (found,) = (MIRROR / source).glob(pattern)
    return found


def document(path: Path) -> Any:
    with gzip.open(path) as file:
        return json.load(file)


def lines(path: Path) -> int:
    with gzip.open(path) as file:
        return sum(1 for line in file if line.strip())


def entries(path: Path, suffix: str) -> Iterator[Any]:
    """Documents of a zip."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(suffix):
                yield json.loads(archive.read(name))


def of_exploitdb() -> dict[str, int]:
    with only("exploitdb", "*.csv").open(encoding="utf-8", newline="") as file:
        return {"EvidenceRecord": len({name for row in csv.DictReader(file) for name in CVE.findall(row["codes"])})}


def of_metasploit() -> dict[str, int]:
    modules = document(only("metasploit", "*.gz")).values()
    told = {text for module in modules for text in module["references"] if CVE.fullmatch(text)}
    return {"EvidenceRecord": len(told)}


def of_endoflife() -> dict[str, int]:
    products = document(only("endoflife", "*.gz"))["result"]
    return {"LifecycleRecord": sum(len(product["releases"]) for product in products)}


def of_openssl() -> dict[str, int]:
    """Documents that are about a flaw; the archive holds a list of statements too."""
    return {"AdvisoryRecord": sum("cveMetadata" in one for one in entries(only("openssl", "*.zip"), ".json"))}


def of_nvd_overrides() -> dict[str, int]:
    return {"AdvisoryRecord": lines(only("nvd_overrides", "*.gz"))}


def of_poc() -> dict[str, int]:
    """Rows with a reviewed link; repositories alone are no evidence (the source's README)."""
    with gzip.open(only("poc", "*.gz"), "rt", encoding="utf-8", newline="") as file:
        return {"EvidenceRecord": sum(row["poc_references"] != "0" for row in csv.DictReader(file))}


def of_cve5() -> dict[str, int]:
    singles = sum(1 for _ in entries(only("cve5", "*.zip"), ".json"))
    return {"AdvisoryRecord": singles + lines(only("cve5", "*.gz"))}


def of_nvd() -> dict[str, int]:
    feeds = sorted((MIRROR / "nvd").glob("*.json.gz"))
    return {"AdvisoryRecord": sum(len(document(path)["vulnerabilities"]) for path in feeds)}


def of_osv() -> dict[str, int]:
    found = 0
    for path in (MIRROR / "osv").glob("*/all.zip"):
        with zipfile.ZipFile(path) as archive:
            found += sum(name.endswith(".json") for name in archive.namelist())
    return {"AdvisoryRecord": found}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("exploitdb", of_exploitdb),
        ("metasploit", of_metasploit),
        ("endoflife", of_endoflife),
        ("openssl", of_openssl),
        ("nvd_overrides", of_nvd_overrides),
        ("poc", of_poc),
        ("cve5", of_cve5),
        ("nvd", of_nvd),
        ("osv", of_osv),
    ],
)
def test_every_record_is_read_or_quarantined(source: str, count: Callable[[], dict[str, int]]) -> None:
    reader = BY_NAME[source].reader(MIRROR)
    found = Counter(type(record).__name__ for part in reader.parts() for record in reader.read(part, lambda *_: True))
    for kind, expected in count().items():
        assert found[kind] + found["Quarantined"] == expected, found
    assert reader.leftovers() == []
