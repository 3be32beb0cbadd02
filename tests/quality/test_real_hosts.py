"""What must hold on real hosts, whatever their labels: read from the shared real data, which is never copied here."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weakspot.intel.contracts import AdvisoryRecord, Claim
from weakspot.intel.rules import names
from weakspot.intel.sources.osv.reader import decode
from weakspot.inventory import protocols, software_version_of, with_running_kernel
from weakspot.inventory.protocols import Document
from weakspot.matching import candidates, reason_without, verdicts
from weakspot.matching.contracts import Candidate, Verdict
from weakspot.vocabulary import ecosystems, versions

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
HOSTS = DATA / "inventories" / "vuls-scanned-hosts.json.gz"
ARCHIVES = {"alma_8": "AlmaLinux", "alma_9": "AlmaLinux", "rocky_9": "Rocky-Linux", "debian_12": "Debian"}
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not HOSTS.is_file(), reason="the shared real data (../shared/data) is not here"),
]


def _hosts() -> dict[str, dict[str, Any]]:
    return {host["host"]: host for host in json.loads(gzip.decompress(HOSTS.read_bytes()))}


def _records(archive: str) -> Iterator[AdvisoryRecord]:
    with zipfile.ZipFile(DATA / "osv" / archive / "all.zip") as opened:
        for info in opened.infolist():
            yield decode(opened.read(info))


def _claims(archive: str, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], list[Claim]]:
    """Claims as the intelligence would give them, one number a name of a flaw."""
    found: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    numbers: dict[str, int] = {}
    for advisory_id, record in enumerate(_records(archive), 1):
        said = [(name, relation) for name, relation in names.relations(record) if relation in ("self", "about")]
        for item in record.ranges:
            if (item.ecosystem, item.name) in wanted and record.withdrawn_at is None:
                scheme = ecosystems.scheme(item.ecosystem)
                for name, relation in said:
                    found[item.ecosystem, item.name].append(
                        Claim(
                            advisory_id, "osv", record.record_id, relation, numbers.setdefault(name, len(numbers)),  # type: ignore[arg-type]
                            item.ecosystem, item.name, scheme, item.introduced,
                            b"" if item.introduced == "0" else versions.key(scheme, item.introduced),
                            item.end if item.end_kind == "fixed" else None,
                            item.end if item.end_kind == "last_affected" else None,
                            None if item.end is None else versions.key(scheme, item.end),
                            item.end_kind, item.versions, item.status, item.module, record.vendor_severity,
                        )
                    )  # fmt: skip
    return found


def _judged(host: dict[str, Any], archive: str) -> tuple[dict[int, Candidate], list[Verdict]]:
    (inventory,) = protocols.read(Document(json.dumps([host]).encode(), "host.json"))
    items = with_running_kernel(inventory.software, inventory.device)
    looked_up = {
        candidate.software_version_id: candidate
        for number, item in enumerate(items, 1)
        for candidate in candidates(software_version_of(number, item, inventory.device))
    }
    claims = _claims(archive, {(c.ecosystem, c.name) for c in looked_up.values()})
    return looked_up, verdicts(looked_up.values(), claims)


@pytest.mark.parametrize("name", ARCHIVES)
def test_no_finding_says_that_what_is_installed_fixes_it(name: str) -> None:
    looked_up, found = _judged(_hosts()[name], ARCHIVES[name])
    assert found
    wrong = [
        (looked_up[verdict.software_version_id], verdict.fixed_version)
        for verdict in found
        if verdict.fixed_version is not None
        and versions.compare(
            ecosystems.scheme(looked_up[verdict.software_version_id].ecosystem),
            looked_up[verdict.software_version_id].version,
            verdict.fixed_version,
        )
        is not versions.Order.LESS
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["rocky_9", "debian_12"])
def test_a_host_with_all_that_its_distribution_offers_has_no_finding_with_a_fix(name: str) -> None:
    """The advisories of these two are older than the scans that say what was offered."""
    host = _hosts()[name]
    for package in host["packages"]:
        if package.get("newVersion"):
            package["version"], package["release"] = package["newVersion"], package.get("newRelease", "")
            package["sourceVersion"] = ""
    host["kernel"] = {"release": "", "version": ""}
    looked_up, found = _judged(host, ARCHIVES[name])
    assert [(looked_up[v.software_version_id].name, v.fixed_version) for v in found if v.fixed_version] == []


@pytest.mark.parametrize("name", ["amazon_2023", "fedora_38"])
def test_hosts_without_advisories_are_looked_up_in_an_ecosystem_of_their_own(name: str) -> None:
    """So that, with no advisories for it, they are not assessed, and never "no weaknesses"."""
    (inventory,) = protocols.read(Document(json.dumps([_hosts()[name]]).encode(), "host.json"))
    for number, item in enumerate(inventory.software, 1):
        version = software_version_of(number, item, inventory.device)
        assert reason_without(version) or {c.ecosystem for c in candidates(version)} <= {
            "Amazon Linux:2023",
            "Fedora:38",
        }
