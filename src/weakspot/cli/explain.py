"""``weakspot explain``: one finding, followed through every module."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from weakspot.cli.backend import Backend, connect
from weakspot.cli.context import CliContext
from weakspot.runtime.errors import NotFound

_WIDTH = 100


@click.command()
@click.argument("device")
@click.argument("vulnerability")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def explain(context: CliContext, device: str, vulnerability: str, form: str) -> None:
    """Say why DEVICE (name or id) has VULNERABILITY (any of its names), or why not."""
    with connect(context.settings()) as backend:
        ident = _device_id(backend, device)
        answer = backend.get(f"/api/v1/devices/{ident}/weaknesses/{vulnerability}/explanation")
    if form == "json":
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return
    click.echo(render(answer))


def render(answer: dict[str, Any]) -> str:
    """The explanation for a terminal."""
    lines = [f"{answer['vulnerability']} on {answer['device_name']}", answer["conclusion"], ""]
    for number, step in enumerate(answer["steps"], start=1):
        lines.append(f"{number}. {step['title']}  [{step['module']}]")
        lines += textwrap.wrap(step["text"], _WIDTH, initial_indent="   ", subsequent_indent="   ")
        width = max((len(label) for label, _ in step["facts"]), default=0)
        for label, value in step["facts"]:
            indent = " " * (width + 8)
            lines += textwrap.wrap(
                f"{label:<{width}}  {value}", _WIDTH, initial_indent="      ", subsequent_indent=indent
            )
        if step.get("url"):
            lines.append(f"      {step['url']}")
        lines.append("")
    return "\n".join(lines).rstrip("\n")


def _device_id(backend: Backend, text: str) -> str:
    page = backend.get("/api/v1/devices", search=text, page_size="500")
    matching = [row for row in page["items"] if text.lower() in (row["id"], row["name"].lower())]
    if not matching and len(text) == 40:
        return text.lower()
    if not matching:
        raise NotFound(f"No device is called {text!r}; the console's Devices page lists them.")
    if len(matching) > 1:
        ids = ", ".join(row["id"] for row in matching[:5])
        raise NotFound(f"{len(matching)} devices are called {text!r}; give the id: {ids}.")
    return str(matching[0]["id"])
