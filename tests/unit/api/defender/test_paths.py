"""Paths of the compatible API in every spelling that its clients use."""

from __future__ import annotations

import pytest

from weakspot.api.defender.paths import canonical_path, is_compatible


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/api/machines", "/api/machines"),
        ("/api/Machines/ABCdef/Vulnerabilities", "/api/machines/ABCdef/vulnerabilities"),
        ("/API/MACHINES/x/SOFTWARE", "/api/machines/x/software"),
        ("/api/software", "/api/Software"),
        ("/api/v1.0/Software/Acme-_-Tool/machinereferences", "/api/Software/Acme-_-Tool/machineReferences"),
        ("/api/V1.0/exposurescore", "/api/exposureScore"),
        ("/api/vulnerabilities/CVE-2024-1/MachineReferences", "/api/vulnerabilities/CVE-2024-1/machineReferences"),
        ("/api/v1/Devices", "/api/v1/Devices"),
        ("/api/sensor/v1/reports", "/api/sensor/v1/reports"),
        ("/api/other", "/api/other"),
        ("/api/v1.0/Machines/FindByIp(ip='10.0.0.1',timestamp=x)", "/api/machines/findbyip/ip='10.0.0.1',timestamp=x"),
        ("/api/machines/findbyip", "/api/machines/findbyip"),
    ],
)
def test_canonical(given: str, expected: str) -> None:
    assert canonical_path(given.split("/")) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/recommendations/x", True),
        ("/api/v1.0/machines", True),
        ("/api/v1.0/nonsense", False),
        ("/api/v1/devices", False),
        ("/api", False),
        ("/", False),
        ("/machines", False),
    ],
)
def test_which_errors_take_the_other_shape(path: str, expected: bool) -> None:
    assert is_compatible(path) is expected
