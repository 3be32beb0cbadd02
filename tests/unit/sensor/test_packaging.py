"""The sensor as one file, and its systemd unit."""

from __future__ import annotations

import json
import plistlib
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


def test_the_unit_lets_it_see_which_programs_run() -> None:
    unit = (TREE / "packaging/sensor/weakspot-sensor.service").read_text()
    assert "CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE" in unit


def test_the_launchd_job_runs_the_same_file_and_keeps_its_state_private() -> None:
    job = plistlib.loads((TREE / "packaging/sensor/org.weakspot.sensor.plist").read_bytes())
    assert job["ProgramArguments"][1:] == ["/usr/local/lib/weakspot/weakspot-sensor.pyz", "run"]
    assert job["Umask"] == 0o077
    assert job["KeepAlive"] == {"SuccessfulExit": False}


def test_the_windows_task_keeps_the_key_from_other_users() -> None:
    script = (TREE / "packaging/sensor/install-windows.ps1").read_text()
    assert script.index("icacls.exe $state /inheritance:r") < script.index("'enrol'")
    assert "'--token', '-'" in script, "the token stays out of the process list"
