"""weakspot.cli.main: the entry and how errors are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from tests.unit.cli.support import run
from weakspot import __version__
from weakspot.cli.main import COMMANDS, cli, main
from weakspot.runtime.errors import Unavailable


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_loads_and_has_help(name: str) -> None:
    found = run(name, "--help")
    assert found.status == 0
    assert found.out.startswith("Usage: weakspot")


def test_an_unknown_command_is_refused() -> None:
    found = run("nothing")
    assert found.status == 2
    assert "nothing" in found.err
    assert cli.get_command(click.Context(cli), "nothing") is None


def test_the_version() -> None:
    assert run("version").out == f"weakspot {__version__}\n"
    assert __version__ in run("--version").out


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (Unavailable("The server is stopping; try again."), 2, "weakspot: The server is stopping; try again.\n"),
        (click.Abort(), 130, "weakspot: stopped\n"),
        (click.UsageError("Give one."), 2, "Error: Give one.\n"),
    ],
)
def test_an_error_for_people_is_one_line(
    error: Exception, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(**_: Any) -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        main([], fails)
    assert ended.value.code == status
    assert capsys.readouterr().err == told


def test_an_error_of_ours_is_not_hidden() -> None:
    def fails(**_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        main([], fails)


def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAKSPOT_LISTEN_PORT", "many")
    found = run("--data", str(tmp_path), "check")
    assert found.status == 2
    assert "WEAKSPOT_LISTEN_PORT" in found.err
