"""The console's own checks: format, types, lint, unit tests, and types as fresh as docs/openapi.json.

One test each, so that they run beside each other; together they are what ``npm run check`` does.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parent.parent.parent / "console"


CACHE = "node_modules/.cache"
# Each with what makes a second run look at what changed only.
CHECKS = {
    "format:check": ("--cache", "--cache-location", f"{CACHE}/weakspot-prettier"),
    "typecheck": ("--incremental", "--tsBuildInfoFile", f"{CACHE}/typescript"),
    "lint": ("--cache", "--cache-strategy", "content", "--cache-location", f"{CACHE}/weakspot-eslint"),
    "test": (),
}


def test_all_of_them_are_what_a_developer_runs() -> None:
    scripts = json.loads((CONSOLE / "package.json").read_text("utf-8"))["scripts"]
    assert scripts["check"] == " && ".join(f"npm run {name}" for name in CHECKS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("check", CHECKS)
def test_the_console_passes(check: str) -> None:
    if not (CONSOLE / "node_modules" / "vitest").is_dir():
        pytest.skip("the console's developer tools are not installed: make console-dev")
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.prefix) / "bin"))
    if npm is None:
        pytest.skip("no npm: make console-dev")
    environment = {"PATH": f"{Path(npm).parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(Path.home()), "CI": "1"}
    done = subprocess.run(
        [npm, "run", "--silent", check, "--", *CHECKS[check]],
        cwd=CONSOLE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=580,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
