"""The sensor as one file, and its systemd unit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]


def test_the_zip_application_is_reproducible_and_runs_alone(tmp_path: Path) -> None:
    outputs = [tmp_path / "one.pyz", tmp_path / "two.pyz"]
    for output in outputs:
        subprocess.run([sys.executable, str(TREE / "tools/build_sensor.py"), str(output)], check=True)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    (tmp_path / "root").mkdir()
    command = [sys.executable, "-I", str(outputs[0]), "show", "--root", str(tmp_path / "root")]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(ended.stdout)["schema"] == 1
    mistake = subprocess.run(
        [sys.executable, "-I", str(outputs[0]), "once", "--state", str(tmp_path / "state")], capture_output=True
    )
    assert mistake.returncode == 1, "the exit status gets through"


def test_the_unit_does_not_restart_a_sensor_whose_key_was_revoked() -> None:
    unit = (TREE / "packaging/sensor/weakspot-sensor.service").read_text()
    assert "RestartPreventExitStatus=77" in unit
    assert "StateDirectoryMode=0700" in unit
