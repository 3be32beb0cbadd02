"""weakspot.cli.corrections: what is asked of the server, and how a list reads."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.cli.support import run
from weakspot.cli.corrections import versions_of

ROW: dict[str, Any] = {
    "id": 3, "state": "proposed", "ecosystem": "Debian:12", "name": "zlib", "vulnerability": "CVE-2023-45853",
    "status": "not_affected", "introduced": "0", "end_version": "1:1.3", "end_kind": "fixed",
    "reason": "minizip is [not] built", "author": "user:1:ann", "decided_by": None,
}  # fmt: skip


class Asked:
    """A server that keeps what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def get(self, path: str, **parameters: str) -> Any:
        self.calls.append((path, parameters))
        return [ROW]

    def post(self, path: str, body: Any) -> Any:
        self.calls.append((path, body))
        return ROW | {"state": body.get("decision", "proposed")}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()

    @contextlib.contextmanager
    def connect(_settings: object) -> Iterator[Asked]:
        yield asked

    monkeypatch.setattr("weakspot.cli.backend.connect", connect)
    return asked


def test_a_correction_is_proposed_for_its_versions_only(server: Asked) -> None:
    found = run(
        "corrections", "add", "Debian:12", "zlib", "CVE-2023-45853", "--reason", "not built", "--before", "1:1.3"
    )
    assert (found.status, found.out) == (0, "correction 3 proposed\n")
    ((path, body),) = server.calls
    assert path == "/api/v1/inaccuracies"
    assert (body["end_version"], body["end_kind"], body["introduced"]) == ("1:1.3", "fixed", "0")


def test_approve_decides_at_once(server: Asked) -> None:
    found = run("corrections", "add", "PyPI", "a", "CVE-2024-1", "--reason", "r", "--up-to", "2", "--approve")
    assert found.out == "correction 3 approved\n"
    assert server.calls[0][1]["end_kind"] == "last_affected"
    assert server.calls[1] == ("/api/v1/inaccuracies/decisions", {"id": 3, "decision": "approved"})


def test_two_ends_are_refused(server: Asked) -> None:
    found = run("corrections", "add", "PyPI", "a", "CVE-2024-1", "--reason", "r", "--up-to", "2", "--before", "3")
    assert found.status == 2
    assert server.calls == []


@pytest.mark.parametrize(
    ("arguments", "decision"),
    [
        (("review", "3", "approve"), "approved"),
        (("review", "3", "refuse"), "refused"),
        (("withdraw", "3"), "withdrawn"),
    ],
)
def test_decisions(server: Asked, arguments: tuple[str, ...], decision: str) -> None:
    assert run("corrections", *arguments, "--note", "n").out == f"correction 3 {decision}\n"
    assert server.calls == [("/api/v1/inaccuracies/decisions", {"id": 3, "decision": decision, "note": "n"})]


def test_the_list_says_who_said_what_about_which_versions(server: Asked) -> None:
    told = run("corrections", "list", "--state", "proposed").out
    assert server.calls == [("/api/v1/inaccuracies", {"state": "proposed"})]
    for part in ("Debian:12 zlib", "before 1:1.3", "user:1:ann", "minizip is [not]"):
        assert part in told
    assert json.loads(run("corrections", "list", "--format", "json").out) == [ROW]


def test_versions_in_words() -> None:
    assert versions_of(ROW | {"end_kind": "none", "end_version": None}) == "all"
    assert versions_of(ROW | {"introduced": "1", "end_kind": "last_affected", "end_version": "2"}) == "from 1 up to 2"
