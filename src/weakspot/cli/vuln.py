"""``weakspot vuln``: what is known of a vulnerability, and who said it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click
import msgspec

from weakspot import intel
from weakspot.cli.context import CliContext
from weakspot.cli.knowledge import open_knowledge
from weakspot.intel import VulnerabilityDetail
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound

_WIDTH = 100


@click.group()
def vuln() -> None:
    """Vulnerabilities."""


@vuln.command()
@click.argument("name")
@click.option("--mirror", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Ask this folder's data.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def show(context: CliContext, name: str, mirror: Path | None, form: str) -> None:
    """Print the merged record of NAME (any id or alias) and each source's claim."""
    with open_knowledge(context.settings(), mirror) as database, database.read() as conn:
        ident = intel.find(conn, name)
        if ident is None:
            raise NotFound(f"No loaded source knows {name!r}; `weakspot feeds status` says what is loaded.")
        detail = intel.detail(conn, ident)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(detail), indent=2).decode())
    else:
        click.echo(render(detail))


def render(detail: VulnerabilityDetail) -> str:
    """The record for a terminal."""
    facts = detail.facts
    lines = [f"{facts.name}  {facts.title}".rstrip()]
    if detail.merged_into:
        lines.append(f"joined with {detail.merged_into}")
    lines += textwrap.wrap(detail.description, _WIDTH)
    known = [
        ("severity", facts.severity),
        ("CVSS", f"{facts.cvss_score} {facts.cvss_vector or ''}" if facts.cvss_score is not None else "not known"),
        (
            "EPSS",
            "not known" if facts.epss is None else f"{facts.epss:.5f}, percentile {facts.epss_percentile or 0:.4f}",
        ),
        ("exploit", facts.exploit_level.replace("_", " ")),
        ("exploited since", detail.known_exploited_since or ""),
        ("required action", detail.required_action or ""),
        ("due", detail.due_on or ""),
        ("aliases", ", ".join(detail.aliases)),
        ("CWE", ", ".join(detail.cwes)),
        ("published", "" if facts.published_at is None else to_iso(facts.published_at)[:10]),
        ("withdrawn", "" if facts.withdrawn_at is None else to_iso(facts.withdrawn_at)[:10]),
    ]
    lines += ["", *(f"  {label:<16} {value}" for label, value in known if value)]
    lines += ["", "Who said what:"]
    for claim in detail.claims:
        day = "" if claim.modified_at is None else to_iso(claim.modified_at)[:10]
        lines.append(
            f"  {claim.source:<12} {claim.record_id:<24} {claim.relation:<6} {claim.severity:<9} {day}  {claim.title}"[
                :160
            ]
        )
    lines += [f"  {item.source:<12} {item.kind.replace('_', ' '):<24} {item.since or ''}" for item in detail.evidence]
    if detail.references:
        lines += ["", "References:", *(f"  {reference.url}" for reference in detail.references[:20])]
    return "\n".join(lines)
