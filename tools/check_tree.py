"""Checks what no linter does: tests mirror the source both ways, and nothing unfinished is committed.

Run by ``make check``. Prints every finding; exit status 1 when there is one. A source file without a test of its own is
covered through another file's test, and says so here; the lists below are checked for being needed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = {"weakspot": Path("tests/unit"), "weakspot_sensor": Path("tests/unit/sensor")}

# File names that never have a test of their own, and why.
NAMES = {
    "__init__.py": "facades re-export; what they hold besides is tested through its context's service",
    "__main__.py": "one call",
    "contracts.py": "declarations; decoded and built in every test of their context",
    "tables.py": "declarations; tests/architecture/test_tables.py holds them to the migrations",
}
# Source (folder with a slash, or file) -> what tests it instead.
ELSEWHERE = {
    "weakspot/runtime/migrations/": "tests/architecture/test_tables.py",
    "weakspot/inventory/enrolment_store.py": "tests/unit/inventory/test_enrolment.py",
    "weakspot/inventory/part_store.py": "tests/unit/inventory/test_parts.py",
    "weakspot/inventory/applying.py": "tests/unit/inventory/test_service.py",
    "weakspot/inventory/state_store.py": "tests/unit/inventory/test_service.py",
    "weakspot/inventory/joining.py": "tests/unit/inventory/test_parts.py",
    "weakspot/inventory/scans/store.py": "tests/unit/inventory/scans/test_service.py",
    "weakspot/workflows/agents.py": "tests/unit/api/test_agents.py",
    "weakspot/workflows/uploads.py": "tests/integration/sbom/test_uploads.py",
    "weakspot/workflows/scans.py": "tests/integration/ssh/test_ssh.py",
    "weakspot/cli/agents.py": "tests/integration/osquery/test_osquery.py",
    "weakspot/cli/importing.py": "tests/integration/sbom/test_uploads.py",
    "weakspot/cli/scans.py": "tests/integration/ssh/test_ssh.py",
    "weakspot/matching/store.py": "tests/unit/matching/test_service.py",
    "weakspot/matching/corrections_store.py": "tests/unit/matching/test_corrections.py",
    "weakspot/matching/feedback_store.py": "tests/unit/matching/test_feedback.py",
    "weakspot/workflows/own_advisories.py": "tests/unit/api/test_own_advisories.py",
    "weakspot/workflows/vex_documents.py": "tests/unit/api/test_vex.py",
    "weakspot/workflows/written.py": "tests/unit/api/test_own_advisories.py",
    "weakspot/intel/vex.py": "tests/unit/api/test_vex.py",
    "weakspot/intel/package_indexes.py": "tests/unit/matching/test_service.py",
    "weakspot/workflows/corrections.py": "tests/unit/api/test_corrections.py",
    "weakspot/access/store.py": "tests/unit/access/test_service.py",
    "weakspot/scoring/store.py": "tests/unit/scoring/test_service.py",
    "weakspot/scoring/rules/": "tests/unit/scoring/",
    "weakspot/access/rules.py": "tests/unit/access/test_service.py",
    "weakspot/fleet/": "tests/unit/fleet/test_index.py",
    "weakspot/simulate/client.py": "tests/unit/simulate/test_agents.py",
    "weakspot/inventory/labels/": "tests/unit/workflows/test_device_decisions.py",
    "weakspot/inventory/settings/": "tests/unit/inventory/settings/test_service.py",
    "weakspot/posture/store.py": "tests/unit/posture/test_service.py",
    "weakspot/posture/baselines/store.py": "tests/unit/posture/baselines/test_service.py",
    "weakspot/workflows/checks.py": "tests/unit/api/test_checks.py",
    "weakspot/workflows/baselines.py": "tests/unit/api/test_baselines.py",
    "weakspot/inventory/history/": "tests/unit/queries/test_software_changes.py",
    "weakspot/inventory/identities/store.py": "tests/unit/inventory/identities/test_service.py",
    "weakspot/inventory/retention.py": "tests/unit/inventory/identities/test_service.py",
    "weakspot/workflows/device_identity.py": "tests/unit/api/test_device_identity.py",
    "weakspot/inventory/bulk_store.py": "tests/unit/simulate/test_loading.py",
    "weakspot/cli/simulate.py": "tests/docs/test_cli.py",
    "weakspot/workflows/services.py": "tests/unit/workflows/test_devices.py",
    "weakspot/workflows/feeds.py": "tests/integration/test_feeds.py",
    "weakspot/cli/context.py": "tests/unit/cli/test_main.py",
    "weakspot/cli/backend.py": "tests/integration/test_server.py",
    "weakspot/cli/knowledge.py": "tests/unit/cli/test_scan.py",
    "weakspot/cli/output/": "tests/unit/cli/test_scan.py",
    "weakspot/cli/remediation.py": "tests/unit/cli/test_exceptions.py",
    "weakspot/intel/store/": "tests/unit/intel/",
    "weakspot/intel/sources/": "tests/sources/",
    "weakspot/inventory/protocols/": "tests/unit/inventory/protocols/",
    "weakspot/queries/": "tests/unit/queries/",
    "weakspot/recommendations/": "tests/unit/recommendations/",
    "weakspot/threats/": "tests/unit/threats/",
    "weakspot/exceptions/": "tests/unit/exceptions/test_service.py",
    "weakspot/remediation/trackers/": "tests/unit/remediation/trackers/test_trackers.py",
    "weakspot/remediation/handover/": "tests/unit/remediation/test_handover.py",
    "weakspot/remediation/connecting.py": "tests/unit/remediation/trackers/test_trackers.py",
    "weakspot/remediation/drafting.py": "tests/unit/remediation/test_delivery.py",
    "weakspot/remediation/tickets_store.py": "tests/unit/remediation/test_delivery.py",
    "weakspot/remediation/": "tests/unit/queries/test_remediation.py",
    "weakspot/workflows/exceptions.py": "tests/unit/api/test_roles.py",
    "weakspot/workflows/remediation.py": "tests/unit/queries/test_remediation.py",
    "weakspot/workflows/scores.py": "tests/unit/queries/test_exceptions.py",
    "weakspot/workflows/trackers.py": "tests/unit/remediation/test_delivery.py",
    "weakspot/timeline/": "tests/unit/timeline/",
    "weakspot/workflows/correlating.py": "tests/unit/workflows/test_detections.py",
    "weakspot/inventory/hint_store.py": "tests/unit/workflows/test_detections.py",
    "weakspot/api/": "tests/unit/api/",
    "weakspot_sensor/limits.py": "tests/unit/sensor/test_items.py",
    "weakspot_sensor/errors.py": "tests/unit/sensor/test_transport.py",
}
# Tests without a source file of the same name, and what they test.
TESTS = {
    "tests/unit/remediation/test_handover.py": "weakspot/remediation/handover/",
    "tests/unit/remediation/trackers/test_trackers.py": "weakspot/remediation/trackers/",
    "tests/unit/inventory/test_service_model.py": "weakspot/inventory/service.py against a model",
    "tests/unit/inventory/test_scrambled_reports.py": "weakspot/inventory/service.py behind a network that scrambles",
    "tests/unit/sensor/test_compatibility.py": "that the sensor runs on Python 3.8",
    "tests/unit/sensor/test_packaging.py": "packaging/sensor and tools/build_sensor.py",
}
# Folders whose tests follow behaviours, one file each, rather than source files.
BY_BEHAVIOUR = (
    "tests/unit/intel/",
    "tests/unit/queries/",
    "tests/unit/threats/",
    "tests/unit/timeline/",
    "tests/unit/api/",
    "tests/unit/access/",
    "tests/unit/fleet/",
    "tests/unit/scoring/",
    "tests/unit/sensor/",
    "tests/unit/inventory/protocols/",
    "tests/unit/vocabulary/versions/",
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError\(\)|pragma: no cover)\b|type: ignore(?!\[)")
LOOKED_AT = {".py", ".ts", ".tsx", ".md", ".toml", ".yaml", ".yml", ".sh", ".css", ".html", ".service", ".ini", ".cfg"}


def main() -> int:
    """Print what is wrong. Returns the exit status."""
    files = tracked()
    found = [*untested(files), *orphaned(files), *unneeded(files), *unfinished(files)]
    for line in found:
        print(line)
    print(f"tree: {len(files)} files, {len(found)} findings")
    return 1 if found else 0


def tracked() -> list[str]:
    """Files of the repository, also those not added yet, as paths below its root; without git, what lies here."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "tools", "bench", "docs")
        listed = [p.relative_to(ROOT).as_posix() for f in folders for p in (ROOT / f).rglob("*") if p.is_file()]
    return sorted(name for name in listed if (ROOT / name).is_file() and "__pycache__" not in name)


def sources(files: list[str]) -> list[str]:
    """Source files as ``weakspot/inventory/store.py``."""
    return [n.removeprefix("src/") for n in files if n.startswith("src/weakspot") and n.endswith(".py")]


def test_of(source: str) -> str:
    """Where the test of a source file is."""
    package, _, rest = source.partition("/")
    folder, _, name = rest.rpartition("/")
    return (PACKAGES[package] / folder / f"test_{name}").as_posix()


def covered(source: str) -> str | None:
    """What tests a source file that has no test of its own, if this file says so."""
    for name, test in ELSEWHERE.items():
        if source == name or (name.endswith("/") and source.startswith(name)):
            return test
    return None


def untested(files: list[str]) -> list[str]:
    """Source files that nothing is said to test."""
    known = set(files)
    missing = []
    for source in sources(files):
        if source.rpartition("/")[2] in NAMES or test_of(source) in known:
            continue
        test = covered(source)
        if test is None:
            missing.append(f"src/{source}: has no {test_of(source)}")
        elif not any(name == test or name.startswith(test) for name in known):
            missing.append(f"src/{source}: is said to be tested by {test}, which is not there")
    return missing


def orphaned(files: list[str]) -> list[str]:
    """Unit tests of a source file that is not there."""
    expected = {test_of(source) for source in sources(files)}
    # test_init.py tests what a package's __init__.py holds.
    expected |= {t.replace("test___init__.py", "test_init.py") for t in expected}
    return [
        f"{name}: there is no source file of that name"
        for name in files
        if re.fullmatch(r"tests/unit/(?:.+/)?test_\w+\.py", name)
        and name not in expected
        and name not in TESTS
        and not name.startswith(BY_BEHAVIOUR)
    ]


def unneeded(files: list[str]) -> list[str]:
    """Exceptions of this file that are needed no longer."""
    present = sources(files)
    gone = [n for n in ELSEWHERE if not any(s == n or s.startswith(n) for s in present)]
    own = [n for n in ELSEWHERE if not n.endswith("/") and test_of(n) in set(files)]
    tests = [n for n in TESTS if n not in files]
    return [f"tools/check_tree.py: the exception for {name} is not needed" for name in (*gone, *own, *tests)]


def unfinished(files: list[str]) -> list[str]:
    """Marks of unfinished work."""
    found = []
    for name in files:
        if Path(name).suffix not in LOOKED_AT or name == "tools/check_tree.py":
            continue
        for number, line in enumerate((ROOT / name).read_text("utf-8", "replace").splitlines(), start=1):
            if mark := UNFINISHED.search(line):
                found.append(f"{name}:{number}: {mark[0]}")
    return found


if __name__ == "__main__":
    sys.exit(main())
