"""Tests of ``weakspot.simulate.programs``."""

from __future__ import annotations

from weakspot import matching
from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, OperatingSystem
from weakspot.inventory.software_store import software_version_of
from weakspot.simulate.programs import PROGRAMS


def test_programs_that_exist_are_recognised() -> None:
    """Under the very name that the CPE dictionary has for them (docs/normalisation.md)."""
    device = DescribedDevice(name="pc", os=OperatingSystem(platform="Windows", distribution="windows", version="11"))
    for one in PROGRAMS:
        item = InstalledSoftware(
            type="windows_program", name=one.name.replace("{version}", "4.5.6"), version="4.5.6", vendor=one.publisher,
            architecture="x64",
        )  # fmt: skip
        candidates = matching.candidates(software_version_of(1, item, device))
        assert one.cpe in {candidate.name for candidate in candidates}, one.name
