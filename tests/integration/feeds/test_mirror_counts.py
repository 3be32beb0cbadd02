"""Nothing is dropped in silence, over the whole mirror that ``make mirror`` lays out: what a source's reader gives is
what a plain parser counts in its files.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from weakspot.intel.contracts import Quarantined
from weakspot.intel.sources import BY_NAME

MIRROR = Path(__file__).parents[3] / "build" / "mirror"
CVE = re.compile(r"CVE-\d{4}-\d{4,19}")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not MIRROR.is_dir(), reason="there is no build/mirror; `make mirror` lays it out"),
]


PER_PART = {"osv", "nvd", "cve5"}
"""Sources whose parts may refuse different records of one id."""


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


def of_alpine() -> dict[str, int]:
    """Ids (words with a dash and a digit) of each repository; fixed in ``0`` is said of what never was affected."""
    found = 0
    for repository in entries(only("alpine", "*.zip"), ".json"):
        fixes = [fix for item in repository["packages"] for fix in item["pkg"]["secfixes"].items()]
        words = {word for version, ids in fixes if version != "0" for text in ids or [] for word in text.split()}
        found += len({word.strip(",;()") for word in words if re.search(r"^\(?(?=.*-)(?=.*\d)[A-Za-z0-9]", word)})
    return {"AdvisoryRecord": found}


def of_msrc() -> dict[str, int]:
    """Entries, and their exploit status told by its words alone."""
    entries_told: list[str] = []
    for path in sorted((MIRROR / "msrc").glob("*.gz")):
        if ".json" in path.name:
            entries_told += [json.dumps(one) for one in document(path)["Vulnerability"]]
        else:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                entries_told += re.findall(
                    r"(?s)<(?:\w+:)?Vulnerability [^>]*>.*?</(?:\w+:)?Vulnerability>", file.read()
                )
    told = [re.search(r"Exploited:Yes|Disclosed:Yes", text, re.IGNORECASE) for text in entries_told]
    return {"AdvisoryRecord": len(entries_told), "EvidenceRecord": sum(one is not None for one in told)}


def of_mozilla() -> dict[str, int]:
    """Keys one step below ``advisories:``, found by their indentation."""
    found = 0
    with zipfile.ZipFile(only("mozilla", "*.zip")) as archive:
        for name in archive.namelist():
            if re.search(r"mfsa\d{4}-\d+\.yml$", name):
                _, _, below = f"\n{archive.read(name).decode()}".partition("\nadvisories:")
                block = re.split(r"\n(?=[^\s#])", below)[0]
                steps = [len(line) - len(line.lstrip()) for line in block.splitlines() if line.strip()]
                step = min(steps, default=0)
                found += len(re.findall(rf"(?m)^ {{{step}}}[\w'\"-]+:", block)) if step else 0
    return {"AdvisoryRecord": found}


def of_ubuntu() -> dict[str, int]:
    with zipfile.ZipFile(only("ubuntu", "*.zip")) as archive:
        named = [name for name in archive.namelist() if CVE.fullmatch(name.rpartition("/")[2])]
        assert len(named) == len([name for name in archive.namelist() if not name.endswith("/")]), "other files"
    return {"AdvisoryRecord": len(named)}


def of_wesng() -> dict[str, int]:
    names, chains = set(), set()
    with zipfile.ZipFile(only("wesng", "*.zip")) as archive:
        (table,) = (name for name in archive.namelist() if name.startswith("CVEs_"))
        with archive.open(table) as raw:
            head, *rows = csv.reader(io.TextIOWrapper(raw, "utf-8-sig", "replace", newline=""))
    cve, kb, older = (head.index(column) for column in ("CVE", "BulletinKB", "Supersedes"))
    for row in rows:
        names.add(row[cve].strip().upper())
        update = re.fullmatch(r"(?:KB)?(\d{6,8})", row[kb].strip())
        for text in row[older].split(";") if update else ():
            if below := re.fullmatch(r"(?:KB)?(\d{6,8})", text.strip()):
                chains.add((update[1], below[1]))
    return {"AdvisoryRecord": len(names - {""}), "Supersedence": len(chains)}


def of_attack() -> dict[str, int]:
    mappings = document(only("attack", "*.gz"))["mapping_objects"]
    return {"EvidenceRecord": len({one["capability_id"] for one in mappings if one.get("attack_object_id")})}


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
        ("alpine", of_alpine),
        ("msrc", of_msrc),
        ("mozilla", of_mozilla),
        ("ubuntu", of_ubuntu),
        ("wesng", of_wesng),
        ("attack", of_attack),
    ],
)
def test_every_record_is_read_or_quarantined(source: str, count: Callable[[], dict[str, int]]) -> None:
    """A remark about a part of a record that is read (quarantined as ``<record> products``) is no record."""
    reader = BY_NAME[source].reader(MIRROR)
    found: Counter[str] = Counter()
    refused: set[str] = set()
    for part in reader.parts():
        for record in reader.read(part, lambda *_: True):
            if not isinstance(record, Quarantined):
                found[type(record).__name__] += 1
            elif not record.record_id.endswith(" products"):
                refused.add(f"{part.name if source in PER_PART else ''} {record.record_id}")
    expected = count()
    for kind in expected:
        held_back = len({name.upper() for name in refused}) if kind == "AdvisoryRecord" or len(expected) == 1 else 0
        assert found[kind] + held_back == expected[kind], (found, refused)
    assert reader.leftovers() == []
