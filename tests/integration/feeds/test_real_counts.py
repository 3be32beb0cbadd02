"""Nothing is dropped in silence: records and refusals together are what another parser counts in the real files."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from weakspot.intel.sources import BY_NAME
from weakspot.intel.sources.base import Reader
from weakspot.intel.sources.nvd.reader import NvdReader

pytestmark = pytest.mark.real_data


def counted(reader: Reader) -> Counter[str]:
    return Counter(type(record).__name__ for part in reader.parts() for record in reader.read(part, lambda *_: True))


@pytest.mark.parametrize("ecosystem", ["Homebrew", "crates.io", "Rocky-Linux", "Go"])
def test_every_osv_record_is_read(real_data: Path, tmp_path: Path, ecosystem: str) -> None:
    source = real_data / "osv" / ecosystem
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / ecosystem).symlink_to(source)
    with zipfile.ZipFile(source / "all.zip") as archive:
        expected = sum(bool(json.loads(archive.read(name))["id"]) for name in archive.namelist())
    found = counted(BY_NAME["osv"].reader(tmp_path))
    assert found == {"AdvisoryRecord": expected}


def test_every_kev_entry_is_read(real_data: Path) -> None:
    with gzip.open(real_data / "kev/known_exploited_vulnerabilities-2026-03-13.json.gz") as file:
        entries = json.load(file)["vulnerabilities"]
    ransomware = sum(entry["knownRansomwareCampaignUse"] == "Known" for entry in entries)
    found = counted(BY_NAME["kev"].reader(real_data))
    assert found == {"AdvisoryRecord": len(entries), "EvidenceRecord": len(entries) + ransomware}


def test_every_score_is_read(real_data: Path, tmp_path: Path) -> None:
    name = "epss_scores-2026-08-16.csv.gz"
    (tmp_path / "epss").mkdir()
    (tmp_path / "epss" / name).symlink_to(real_data / "epss" / name)
    with gzip.open(real_data / "epss" / name, "rt", encoding="utf-8") as file:
        next(file)
        expected = sum(1 for _ in csv.DictReader(file))
    assert counted(BY_NAME["epss"].reader(tmp_path)) == {"EpssDay": 1, "EpssRow": expected}


def test_every_nvd_record_is_read(real_data: Path, tmp_path: Path) -> None:
    name = "nvdcve-2.0-modified-2026-03-15.json.gz"
    (tmp_path / name).symlink_to(real_data / "nvd" / name)
    with gzip.open(real_data / "nvd" / name) as file:
        expected = len(json.load(file)["vulnerabilities"])
    assert counted(NvdReader(tmp_path)) == {"AdvisoryRecord": expected}
