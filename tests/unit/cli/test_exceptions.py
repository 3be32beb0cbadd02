"""weakspot.cli.exceptions and weakspot.cli.remediation, through the real API."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.served import Served, serving
from tests.unit.cli.support import Ran, run
from weakspot.cli.backend import AnsweredError

CURL = "va-_-debian-_-curl"


class Backend:
    """The API of an application in this process."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def get(self, path: str, **parameters: str) -> Any:
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return self._answer("GET", f"{path}?{query}" if query else path)

    def post(self, path: str, body: Any) -> Any:
        return self._answer("POST", path, body)

    def _answer(self, method: str, path: str, body: Any = None) -> Any:
        answered = self._served.call(method, path, body)
        if answered.status >= 400:
            raise AnsweredError(answered.json["detail"])
        return answered.json


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("cli")) as made:
        made.load_starter()
        sensor = made.enrol()
        sensor.report(("openssl", "3.0.9-1"), ("curl", "7.88.1-10"))
        made.settle()
        yield made


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    @contextlib.contextmanager
    def connect(_settings: object) -> Iterator[Backend]:
        yield Backend(served)

    monkeypatch.setattr("weakspot.cli.backend.connect", connect)


def add(*where: str, subject: str = CURL, justification: str = "risk_accepted") -> Ran:
    return run("exceptions", "add", subject, "--justification", justification, "--reason", "[why]", *where)


def test_an_exception_is_asked_for_shown_and_cancelled() -> None:
    found = add("--tag", "kiosk", "--days", "60")
    assert (found.status, found.out) == (0, "exception 1 Active\n")
    listed = run("exceptions", "list").out
    assert CURL in listed
    assert "tag: kiosk" in listed
    assert json.loads(run("exceptions", "list", "--status", "Active", "--format", "json").out)[0]["context"] == "[why]"
    told = run("exceptions", "show", "1").out
    assert re.search(r"^context +\[why\]$", told, re.MULTILINE)
    assert re.search(r"^lowers the score +no$", told, re.MULTILINE)
    assert run("exceptions", "cancel", "1").out == "exception 1 Cancelled\n"
    again = run("exceptions", "cancel", "1")
    assert again.status == 2
    assert "over already" in again.err
    assert run("exceptions", "list", "--status", "Active").err == "no exceptions\n"


def test_two_people_must_agree_where_that_was_chosen(served: Served) -> None:
    served.call("PUT", "/api/v1/exceptions/policy", {"is_four_eyes": True})
    try:
        number = add("--global", subject="CVE-2023-38545", justification="no_patch").out.split()[1]
        own = run("exceptions", "approve", number)
        assert own.status == 2
        assert "somebody else must" in own.err
        assert run("exceptions", "refuse", number, "--note", "no").out == f"exception {number} Refused\n"
    finally:
        served.call("PUT", "/api/v1/exceptions/policy", {"is_four_eyes": False})


def test_where_it_holds_is_said_once() -> None:
    assert "Say where" in add().err
    assert "Say where" in add("--global", "--tag", "x").err
    assert add("--all-groups").out.endswith(" Active\n")


def test_remediation_is_asked_for_shown_and_completed() -> None:
    found = run("remediation", "request", CURL, "--notes", "soon", "--priority", "High")
    assert re.fullmatch(r"activity \S+ Update curl .*: 1 devices\n", found.out), found.err
    activity = found.out.split()[1]
    assert "0 of 1" in run("remediation", "list", "--status", "Active").out
    told = run("remediation", "show", activity, "--devices").out
    assert re.search(r"^progress +0 of 1$", told, re.MULTILINE)
    assert told.endswith("device web01 open\n")
    assert json.loads(run("remediation", "show", activity, "--format", "json").out)["activity"]["notes"] == "soon"
    assert run("remediation", "complete", activity).out == f"activity {activity} Completed\n"
    assert run("remediation", "show", "nothing").status == 2
