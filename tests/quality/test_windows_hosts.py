"""What must hold on the seven real Windows hosts, by both of Microsoft's sources: read from the shared real data."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.tools.mirror import build
from weakspot.intel.contracts import AdvisoryRecord, Claim, Supersedence
from weakspot.intel.sources.msrc import MsrcReader
from weakspot.intel.sources.wesng import WesngReader
from weakspot.inventory import protocols, software_version_of, with_updates
from weakspot.inventory.contracts import InstalledSoftware
from weakspot.inventory.protocols import Document
from weakspot.matching import candidates
from weakspot.matching.contracts import DEFAULT_THRESHOLD, Candidate
from weakspot.matching.rules import supersedence, windows
from weakspot.matching.rules.missing import lacking
from weakspot.vocabulary import ecosystems, versions
from weakspot.vocabulary.windows import NOT_FIXES

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
HOSTS = DATA / "inventories" / "vuls-scanned-hosts.json.gz"
pytestmark = [
    pytest.mark.full,
    pytest.mark.real_data,
    pytest.mark.skipif(not HOSTS.is_file(), reason="the shared real data (../shared/data) is not here"),
]
Identity = tuple[str, str]


class Host(msgspec.Struct):
    """A host with its candidates (the system's own first)."""

    name: str
    applied: frozenset[str]
    offered: frozenset[str]
    group: list[Candidate]


class Knowledge(msgspec.Struct):
    """Claims about the hosts' systems, what replaces what, and what each update fixes by any product."""

    claims: dict[Identity, list[Claim]]
    graph: supersedence.Supersedence
    fixed_by: dict[str, set[tuple[int, str]]]


def _hosts() -> Iterator[Host]:
    raw = json.loads(gzip.decompress(HOSTS.read_bytes()))
    for host in (host for host in raw if host["family"] == "windows"):
        (inventory,) = protocols.read(Document(json.dumps([host]).encode(), "host.json"))
        (system,) = (item for item in with_updates(inventory.software) if item.type == windows.SYSTEM_TYPE)
        group = candidates(software_version_of(1, system, inventory.device))
        yield Host(
            host["host"], _listed(inventory.software, "applied"), _listed(inventory.software, "unapplied"), group
        )


def _listed(items: Iterable[InstalledSoftware], state: str) -> frozenset[str]:
    names = (item.name for item in items if item.type == windows.UPDATE_TYPE and item.module == state)
    return frozenset(name.removeprefix("KB") for name in names) - NOT_FIXES


def _records(folder: Path) -> Iterator[Any]:
    build.msrc(DATA, folder)
    (folder / "wesng").mkdir()
    for path in (DATA / "msrc").glob("wesng-definitions-*.zip"):
        (folder / "wesng" / path.name).symlink_to(path)
    for reader in (MsrcReader(folder / "msrc"), WesngReader(folder / "wesng")):
        for part in reader.parts():
            for record in reader.read(part, lambda _entry, _fingerprint: True):
                yield reader.source, record


@pytest.fixture(scope="module")
def hosts() -> list[Host]:
    return list(_hosts())


@pytest.fixture(scope="module")
def known(hosts: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    wanted = {(candidate.ecosystem, candidate.name) for host in hosts for candidate in host.group}
    claims: dict[Identity, list[Claim]] = defaultdict(list)
    fixed_by: dict[str, set[tuple[int, str]]] = defaultdict(set)
    chain: list[tuple[str, str]] = []
    numbers: dict[str, int] = {}
    for number, (source, record) in enumerate(_records(tmp_path_factory.mktemp("mirror")), 1):
        if isinstance(record, Supersedence):
            chain.append((record.update, record.superseded))
        elif isinstance(record, AdvisoryRecord):
            flaw = numbers.setdefault(record.record_id, len(numbers))
            for item in record.ranges:
                if item.module:
                    fixed_by[item.module.removeprefix("KB")].add((flaw, item.name))
                if (item.ecosystem, item.name) in wanted:
                    claims[item.ecosystem, item.name].append(_claim(number, source, record, flaw, item))
    return Knowledge(claims, supersedence.Supersedence(chain), fixed_by)


def _claim(number: int, source: str, record: AdvisoryRecord, flaw: int, item: Any) -> Claim:
    scheme = ecosystems.scheme(item.ecosystem)
    return Claim(
        number, source, record.record_id, "self", flaw, item.ecosystem, item.name, scheme, "0", b"",
        item.end if item.end_kind == "fixed" else None, None,
        None if item.end is None else versions.key(scheme, item.end), item.end_kind, None, item.status, item.module,
        record.vendor_severity,
    )  # fmt: skip


def test_every_wish_of_the_device_that_is_a_security_update_is_listed_or_replaced(
    hosts: list[Host], known: Knowledge
) -> None:
    assert len(hosts) == 7
    for host in hosts:
        system, flaws = windows.open_flaws(host.group, known.claims, known.graph)
        asked = {kb: sorted(known.fixed_by[kb]) for kb in host.offered if kb in known.fixed_by}
        listed = [item.update for item in lacking(system, flaws, asked, DEFAULT_THRESHOLD)]
        unmet = [kb for kb in asked if not any(known.graph.contains(update, kb) for update in listed)]
        assert unmet == [], host.name
        assert len(listed) <= 6, (host.name, listed)


def test_no_flaw_is_open_that_an_applied_update_fixes(hosts: list[Host], known: Knowledge) -> None:
    """But for what waits for a restart: the build says that it is not in effect."""
    waiting = set()
    for host in hosts:
        system, flaws = windows.open_flaws(host.group, known.claims, known.graph)
        in_effect = known.graph.all_contained(host.applied)
        for flaw in flaws:
            if flaw.confidence >= DEFAULT_THRESHOLD and in_effect & {fix.update for fix in flaw.fixes}:
                assert flaw.status == "pending_restart", (host.name, flaw)
                assert host.applied & system.graph.all_contained(host.applied & system.waiting)
                waiting.add(host.name)
    assert waiting == {"windows_10_21h2_old"}, "its list names an update that its build does not have yet"


def test_every_host_has_an_answer(hosts: list[Host], known: Knowledge) -> None:
    for host in hosts:
        _, flaws = windows.open_flaws(host.group, known.claims, known.graph)
        sure = [flaw for flaw in flaws if flaw.confidence >= DEFAULT_THRESHOLD]
        assert sure, host.name
        assert len(sure) >= 0.8 * len(flaws) or len(flaws) < 50, host.name
