"""The index ``cves.json`` of nuclei-templates: JSON lines with ``ID``, ``Info`` and ``file_path``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import EvidenceRecord
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, refuse


class _Template(msgspec.Struct):
    id: str = msgspec.field(name="ID")
    file_path: str = ""


_decoder: msgspec.json.Decoder[_Template] = msgspec.json.Decoder(_Template)


class NucleiReader(FolderReader):
    """Reads ``nuclei/``. The file is JSON lines whatever its name says."""

    source = "nuclei"
    pattern = re.compile(r"[\w.-]+\.jsonl?(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """One row of evidence a template of a CVE; templates of other things are passed over."""
        for number, line in enumerate(files.lines(path), 1):
            if not line.strip():
                continue
            try:
                template: _Template = files.decode_json(line, _decoder)
            except files.Refused as error:
                yield refuse(f"line {number}", line, error)
                continue
            name = names.canonical_name(template.id)
            if names.is_cve(name):
                yield EvidenceRecord(name=name, kind="public", details={"template": template.file_path[:300]})
