"""docs/cli.md names every command with every option, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from weakspot.cli.main import cli

TEXT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


def commands(command: click.Command = cli, name: str = "weakspot") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its whole name."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command, info_name=name)
    for word in command.list_commands(context):
        child = command.get_command(context, word)
        assert child is not None
        yield from commands(child, f"{name} {word}")


def section(name: str) -> str:
    """What the page says about a command."""
    _, found, rest = TEXT.partition(f"### `{name}`\n")
    assert found, f"docs/cli.md has no section for `{name}`"
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_a_command_is_described_with_all_its_options(name: str, command: click.Command) -> None:
    told = section(name)
    assert len(told.split()) > 2
    options = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
    assert set(re.findall(r"^\| `(--[a-z-]+)`", told, re.MULTILINE)) == options


def test_no_command_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(.+)`$", TEXT, re.MULTILINE)) == {name for name, _ in commands()}


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_a_command_explains_itself(name: str, command: click.Command) -> None:
    assert command.help
    for one in command.params:
        if isinstance(one, click.Option) and one.help is None:
            assert one.show_default, f"{name} {one.opts[0]}: say what it is for"
