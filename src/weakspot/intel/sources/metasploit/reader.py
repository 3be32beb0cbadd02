"""Metasploit's ``modules_metadata_base.json``: module path -> name, rank, disclosure date, references.

A module that exploits, ranked "good" (400) or better, counts as a verified exploit; other modules of type exploit or
auxiliary as a public one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import EvidenceRecord, Quarantined
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, refuse
from weakspot.runtime.errors import SourceUnavailable

GOOD_RANK = 400
MAX_SHOWN = 10
_MAX_BYTES = 256 * 1024 * 1024


class _Module(msgspec.Struct):
    fullname: str = ""
    type: str = ""
    rank: int = 0
    disclosure_date: str | None = None
    references: list[str] = []


_decoder: msgspec.json.Decoder[_Module] = msgspec.json.Decoder(_Module)


class MetasploitReader(FolderReader):
    """Reads ``metasploit/``."""

    source = "metasploit"
    pattern = re.compile(r"modules_metadata[\w.-]*\.json(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """One row of evidence a CVE."""
        try:
            modules = msgspec.json.decode(files.read_whole(path, _MAX_BYTES), type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise SourceUnavailable(f"{path.name} is not Metasploit's list of modules: {error}.") from error
        found: dict[str, list[_Module]] = {}
        for label, raw in modules.items():
            try:
                module: _Module = files.decode_json(raw, _decoder)
            except files.Refused as error:
                yield refused(label, raw, error)
                continue
            for text in module.references:
                name = names.canonical_name(text)
                if names.is_cve(name):
                    found.setdefault(name, []).append(module)
        for name, some in found.items():
            yield _evidence(name, some)


def refused(label: str, raw: msgspec.Raw, error: Exception) -> Quarantined:
    """A module that cannot be read."""
    return refuse(label, bytes(raw), error)


def _evidence(name: str, modules: list[_Module]) -> EvidenceRecord:
    is_good = any(module.type == "exploit" and module.rank >= GOOD_RANK for module in modules)
    dates = sorted(module.disclosure_date[:10] for module in modules if module.disclosure_date)
    return EvidenceRecord(
        name=name,
        kind="verified" if is_good else "public",
        since=dates[0] if dates else None,
        details={"modules": " ".join(sorted(module.fullname for module in modules)[:MAX_SHOWN])},
    )
