"""One application for each module of tests; tests that end sessions or fill limits make their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.served import Sensor, Served, serving

WEAK = (("openssl", "3.0.9-1"), ("curl", "7.88.1-10"), ("sudo", "1.9.13p3-1"), ("bash", "5.2.15-2"))

EXCEPTION = {
    "subject_kind": "recommendation",
    "subject": "va-_-debian-_-curl",
    "scope": {"kind": "tag", "tags": ["on no device"]},
    "justification": "risk_accepted",
    "context": "so that there is one",
    "days": 30,
}


OWN_ADVISORY = {
    "id": "ACME-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "withdrawn": "2026-01-01T00:00:00Z",
    "summary": "said and taken back",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Without devices."""
    with serving(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Sensor]]:
    """One device with old packages, and the starter knowledge."""
    with serving(tmp_path_factory.mktemp("fleet")) as made:
        made.load_starter()
        sensor = made.enrol()
        sensor.report(*WEAK)
        made.settle()
        decided = made.call("POST", "/api/v1/exceptions", EXCEPTION)
        assert decided.status == 200, decided.body
        asked = made.call("POST", "/api/v1/remediation/activities", {"recommendation_ids": [EXCEPTION["subject"]]})
        assert asked.status == 200, asked.body
        sensor.activity_id = asked.json[0]["id"]
        assert made.call("POST", "/api/v1/own-advisories", OWN_ADVISORY).status == 200
        yield made, sensor


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """For one test alone."""
    with serving(tmp_path) as made:
        yield made
