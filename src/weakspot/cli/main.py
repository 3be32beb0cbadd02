"""``weakspot``: the entry, the options that all commands share, and how an error is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from weakspot import __version__
from weakspot.cli.context import CliContext
from weakspot.runtime.collector import paused
from weakspot.runtime.errors import WeakspotError

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("weakspot.cli.up", "up"),
    "serve": ("weakspot.cli.up", "serve"),
    "link": ("weakspot.cli.administration", "link"),
    "token": ("weakspot.cli.administration", "token"),
    "enrolment": ("weakspot.cli.administration", "enrolment"),
    "agents": ("weakspot.cli.agents", "agents"),
    "ssh": ("weakspot.cli.scans", "ssh_scans"),
    "business-context": ("weakspot.cli.business_context", "business_context"),
    "import": ("weakspot.cli.importing", "import_files"),
    "scan": ("weakspot.cli.scan", "scan"),
    "match": ("weakspot.cli.match", "match"),
    "plan": ("weakspot.cli.plan", "plan"),
    "explain": ("weakspot.cli.explain", "explain"),
    "vuln": ("weakspot.cli.vuln", "vuln"),
    "checks": ("weakspot.cli.checks", "checks"),
    "baselines": ("weakspot.cli.baselines", "baselines"),
    "exceptions": ("weakspot.cli.exceptions", "exceptions"),
    "remediation": ("weakspot.cli.remediation", "remediation"),
    "corrections": ("weakspot.cli.corrections", "corrections"),
    "feeds": ("weakspot.cli.feeds", "feeds"),
    "check": ("weakspot.cli.derived", "check"),
    "rebuild": ("weakspot.cli.derived", "rebuild"),
    "database": ("weakspot.cli.database", "database"),
    "cluster": ("weakspot.cli.cluster", "cluster"),
    "simulate": ("weakspot.cli.simulate", "simulate"),
    "versions": ("weakspot.cli.versions", "versions"),
    "version": ("weakspot.cli.derived", "version"),
}
"""Command -> module and function; loaded when it is called, so that ``weakspot version`` is quick."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        with paused():  # a server reads 1,800 modules, none of which is garbage
            command = getattr(__import__(module, fromlist=[name]), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", type=click.Path(file_okay=False), help="Data folder; default: WEAKSPOT_DATA or docs/settings.md."
)
@click.version_option(__version__, prog_name="weakspot")
@click.pass_context
def cli(ctx: click.Context, data: str | None) -> None:
    """Weakspot: what is weak, why, and what to do first."""
    ctx.obj = CliContext(data)


def main(arguments: list[str] | None = None, run: Callable[..., Any] = cli) -> None:
    """Run the command line. An error that is meant for people is one line on stderr and exit status 2."""
    try:
        run(args=arguments, prog_name="weakspot", standalone_mode=False)
    except WeakspotError as error:
        click.echo(f"weakspot: {error.detail}", err=True)
        sys.exit(2)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        click.echo("weakspot: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
