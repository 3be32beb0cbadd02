"""KEV entries mapped to ATT&CK (Mappings Explorer): ``mapping_objects`` with CVE, technique and kind of mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import EvidenceRecord, Quarantined
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse


class _Mapping(msgspec.Struct):
    capability_id: str
    attack_object_id: str | None = None
    attack_object_name: str | None = None
    mapping_type: str | None = None


_decoder: msgspec.json.Decoder[_Mapping] = msgspec.json.Decoder(_Mapping)


class AttackReader(FolderReader):
    """Reads ``attack/``."""

    source = "attack"
    pattern = re.compile(r"kev[\w.-]*\.json(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """One row of evidence a CVE, with all its techniques by kind of mapping."""
        found: dict[str, dict[str, list[str]]] = {}
        for item in json_records(path, want, "mapping_objects"):
            if isinstance(item, Quarantined):
                yield item
                continue
            try:
                mapping: _Mapping = files.decode_json(item[1], _decoder)
            except files.Refused as error:
                yield refuse(*item, error)
                continue
            name = names.canonical_name(mapping.capability_id)
            if not names.is_cve(name):
                yield Quarantined(name[:100], "The mapping names no CVE.", str(mapping)[:500])
            elif mapping.attack_object_id:
                text = f"{mapping.attack_object_id} {mapping.attack_object_name or ''}".strip()
                found.setdefault(name, {}).setdefault(mapping.mapping_type or "technique", []).append(text)
        for name, kinds in found.items():
            details = {kind: "; ".join(dict.fromkeys(texts)) for kind, texts in sorted(kinds.items())}
            yield EvidenceRecord(name=name, kind="technique", details=details)
