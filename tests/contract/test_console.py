"""The console's own checks: format, types, lint, unit tests, and types as fresh as docs/openapi.json."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parent.parent.parent / "console"


@pytest.mark.timeout(300)
def test_the_console_passes_its_checks() -> None:
    if not (CONSOLE / "node_modules" / "vitest").is_dir():
        pytest.skip("the console's developer tools are not installed: make console-dev")
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.prefix) / "bin"))
    if npm is None:
        pytest.skip("no npm: make console-dev")
    environment = {"PATH": f"{Path(npm).parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(Path.home()), "CI": "1"}
    done = subprocess.run(
        [npm, "run", "--silent", "check"], cwd=CONSOLE, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
