"""Build the sensor as one file that any Python from 3.8 on runs: `python tools/build_sensor.py [OUTPUT]`.

The same source gives the same bytes, so that a build can be compared with a published one.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

_TREE = Path(__file__).resolve().parents[1]
_SOURCE = _TREE / "src" / "weakspot_sensor"
_SHEBANG = b"#!/usr/bin/env python3\n"


def build(output: Path) -> None:
    """Write the zip application and make it executable."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as file:
        file.write(_SHEBANG)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(_SOURCE.rglob("*.py")):
                _add(archive, path.relative_to(_SOURCE.parent).as_posix(), path)
            _add(archive, "__main__.py", _SOURCE / "__main__.py")
    output.chmod(0o755)


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit("usage: build_sensor.py [OUTPUT]")
    target = Path(sys.argv[1]) if len(sys.argv) == 2 else _TREE / "dist" / "weakspot-sensor.pyz"
    build(target)
    print(f"built {target} ({target.stat().st_size // 1024} KiB)")
