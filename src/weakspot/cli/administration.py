"""Sign-in links, API tokens and enrolments."""

from __future__ import annotations

import click

from weakspot.cli.backend import connect
from weakspot.cli.context import CliContext
from weakspot.cli.output.rows import show_rows


@click.command()
@click.option("--user", help="Whom to sign in; default: the first administrator.")
@click.pass_obj
def link(context: CliContext, user: str | None) -> None:
    """Print a link that signs in once, within ten minutes."""
    with connect(context.settings(), must_run=True) as backend:
        answer = backend.post("/api/v1/admin/sign-in-links", {"user": user})
        click.echo(f"{backend.base_url}{answer['path']}")


@click.group()
def token() -> None:
    """Tokens for programs that use the API."""


@token.command("create")
@click.argument("name")
@click.option("--role", default="reader", show_default=True, help="administrator or reader.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long it lives.")
@click.pass_obj
def create_token(context: CliContext, name: str, role: str, days: int) -> None:
    """Make an API token; it is shown this once."""
    with connect(context.settings()) as backend:
        answer = backend.post("/api/v1/admin/api-tokens", {"name": name, "role": role, "days": days})
    click.echo(answer["token"])
    click.echo(f"good until {answer['expires_at']}; use it as: Authorization: Bearer TOKEN", err=True)


_TOKEN_COLUMNS = {
    "Id": lambda row: row["id"],
    "Name": lambda row: row["name"],
    "Role": lambda row: row["role"],
    "State": lambda row: row["state"],
    "Created": lambda row: row["created_at"],
    "Expires": lambda row: row["expires_at"],
}


@token.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def list_tokens(context: CliContext, form: str) -> None:
    """List API tokens, the newest first; their secrets are not kept."""
    with connect(context.settings()) as backend:
        rows = backend.get("/api/v1/admin/api-tokens")
    show_rows(rows, _TOKEN_COLUMNS, form, "no tokens")


@token.command("revoke")
@click.argument("number", type=click.IntRange(min=1))
@click.pass_obj
def revoke_token(context: CliContext, number: int) -> None:
    """Stop the API token with this NUMBER from working, at once."""
    with connect(context.settings()) as backend:
        backend.delete(f"/api/v1/admin/api-tokens/{number}")
    click.echo(f"token {number} revoked")


@click.group()
def enrolment() -> None:
    """Tokens with which sensors enrol, and requests to take over a known device."""


@enrolment.command("token")
@click.option("--name", default="devices", show_default=True)
@click.option("--uses", default=1, show_default=True, type=click.IntRange(1, 1_000_000), help="How many devices.")
@click.option("--days", default=1, show_default=True, type=click.IntRange(1, 366))
@click.pass_obj
def enrolment_token(context: CliContext, name: str, uses: int, days: int) -> None:
    """Make an enrolment token and print the sensor's command."""
    with connect(context.settings(), must_run=True) as backend:
        body = {"name": name, "uses": uses, "days": days}
        answer = backend.post("/api/v1/admin/enrolment-tokens", body)
        fingerprint = answer.get("server_fingerprint")
        trust = f" --fingerprint {fingerprint}" if fingerprint else ""
        click.echo(f"weakspot-sensor enrol --server {backend.base_url} --token {answer['token']}{trust}")


@enrolment.command("requests")
@click.pass_obj
def enrolment_requests(context: CliContext) -> None:
    """List takeovers that wait for a decision."""
    with connect(context.settings()) as backend:
        waiting = backend.get("/api/v1/admin/enrolment-requests")
    for item in waiting:
        click.echo(f"{item['id']}\t{item['device_name']}\t{item['asking_name']}\t{item['requested_at']}")
    if not waiting:
        click.echo("nothing waits", err=True)


def _decide(context: CliContext, number: int, decision: str) -> None:
    with connect(context.settings()) as backend:
        backend.post("/api/v1/admin/enrolment-requests", {"id": number, "decision": decision})
    click.echo(f"request {number} {decision}")


@enrolment.command()
@click.argument("number", type=int)
@click.pass_obj
def approve(context: CliContext, number: int) -> None:
    """Let a sensor take over the known device."""
    _decide(context, number, "approved")


@enrolment.command()
@click.argument("number", type=int)
@click.pass_obj
def reject(context: CliContext, number: int) -> None:
    """Refuse a takeover."""
    _decide(context, number, "rejected")
