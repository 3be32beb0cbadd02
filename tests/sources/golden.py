"""Golden records: what each reader makes of the files in ``tests/sources/<name>/mirror``.

After a deliberate change: ``python -m tests.sources.golden``, then read the difference before committing it.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from weakspot.intel.sources import ALL

HERE = Path(__file__).parent


def names() -> list[str]:
    """Sources that have a mirror here."""
    return sorted(path.name for path in HERE.iterdir() if (path / "mirror").is_dir())


def records(name: str) -> list[str]:
    """One line a record, in reading order, each part headed by its name; the last line names what is left alone."""
    source = next(source for source in ALL if source.descriptor.name == name)
    reader = source.reader(HERE / name / "mirror")
    lines: list[str] = []
    for part in reader.parts():
        lines.append(json.dumps({"part": part.name, "is_delta": part.is_delta}))
        for record in reader.read(part, lambda *_: True):
            lines.append(json.dumps({type(record).__name__: msgspec.to_builtins(record)}, ensure_ascii=False))
    lines.append(json.dumps({"left alone": [path.name for path in reader.leftovers()]}))
    return lines


def golden(name: str) -> Path:
    """Where the expected records are."""
    return HERE / name / "golden.jsonl"


if __name__ == "__main__":
    for each in names():
        golden(each).write_text("\n".join(records(each)) + "\n", "utf-8")
