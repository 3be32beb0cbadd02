"""weakspot.cli.business_context: what CSV files become, and what is wrong with one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.support import run
from weakspot.api.routes import business_context as routes
from weakspot.cli import business_context


class Asked:
    """A server that keeps what it is asked and knows one device."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []

    def put(self, path: str, body: Any) -> Any:
        self.calls.append(("PUT", path, body))
        return {"taken": 1, "unknown": 1, "unknown_devices": ["gone01"]}

    def post(self, path: str, body: Any) -> Any:
        self.calls.append(("POST", path, body))
        return {"taken": len(body["rows"]), "unknown": 0, "unknown_devices": []}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()

    @contextlib.contextmanager
    def connect(_settings: object) -> Iterator[Asked]:
        yield asked

    monkeypatch.setattr(business_context, "connect", connect)
    return asked


def written(folder: Path, text: str) -> str:
    path = folder / "rows.csv"
    path.write_text(text, "utf-8")
    return str(path)


def test_labels_with_items_and_what_is_not_known(server: Asked, tmp_path: Path) -> None:
    text = '\ufeffLabel;Device;Items\n"Secret; own";web01;12\n\nInternal;gone01;\n'
    found = run("business-context", "sensitive-data", written(tmp_path, text), "--source", "purview")
    assert (found.status, found.out) == (0, "1 rows taken\n")
    assert found.err == "weakspot: 1 devices are not known: gone01\n"
    rows = [
        {"device": "web01", "label": "Secret; own", "items": 12},
        {"device": "gone01", "label": "Internal", "items": 1},
    ]
    assert server.calls == [("PUT", "/api/v1/business-context/sensitive-data", {"source": "purview", "rows": rows})]


def test_users_and_sign_ins(server: Asked, tmp_path: Path) -> None:
    found = run("business-context", "high-value-users", written(tmp_path, "name,reason\nanna,board\nbob\n"))
    assert found.out == "2 high-value users\n"
    assert server.calls[0][2] == {"users": [{"name": "anna", "reason": "board"}, {"name": "bob"}]}
    lines = "\n".join(f"web{n},anna" for n in range(business_context.MAX_ROWS + 1))
    found = run("business-context", "sign-ins", written(tmp_path, "device,user\n" + lines))
    assert found.out == "10000 rows taken\n1 rows taken\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column 'device'"),
        ("device,items\nweb01,1\n", "no column 'label'"),
        ("device,label\nweb01,Secret\n,Secret\n", "line 3: device, label may not be empty"),
        ("device,label,items\nweb01,Secret,many\n", "items is a whole number, not 'many'"),
        ('device,label\n"web01,Secret\n', "line 2: "),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(text: str, told: str, server: Asked, tmp_path: Path) -> None:
    found = run("business-context", "sensitive-data", written(tmp_path, text), "--source", "x")
    assert found.status == 2
    assert told in found.err
    assert server.calls == []


def test_a_file_that_is_no_text(server: Asked, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"device,label\n\xff\xfe")
    assert "no UTF-8" in run("business-context", "sensitive-data", str(path), "--source", "x").err


def test_the_limit_is_that_of_the_api() -> None:
    assert business_context.MAX_ROWS == routes.MAX_ROWS
