"""``make story``: the story on a small fleet made by hand and on a real host; exit status 1 where a step fails."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.story import devices
from tests.story.story import NotTold, server, tell
from weakspot.intel.contracts import AdvisoryRecord

DATA = Path(os.environ.get("WEAKSPOT_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def main() -> int:
    """Tell it twice."""
    print("A small fleet")
    is_told = _told(devices.by_hand(), ())
    print("A real host")
    real = devices.real(DATA)
    if real is None:
        print(f"  skipped: the real data is not at {DATA}; set WEAKSPOT_TEST_DATA")
        return int(not is_told)
    return int(not (_told(real, devices.knowledge(DATA, real)) and is_told))


def _told(cast: list[devices.Device], known: Sequence[AdvisoryRecord]) -> bool:
    try:
        with tempfile.TemporaryDirectory() as folder, server(Path(folder), _say, known) as telling:
            tell(telling, cast)
    except NotTold as error:
        print(f"  FAILED: {error}")
        return False
    return True


def _say(line: str) -> None:
    print(f"  - {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
