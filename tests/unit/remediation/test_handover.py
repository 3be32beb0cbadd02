"""Files for those who do the work: foreign names stay names."""

from __future__ import annotations

import csv
import io
import shlex
import shutil
import subprocess

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from weakspot.remediation.handover import FORMATS, Handover, HandoverDevice, Step
from weakspot.remediation.handover.scripts import quoted

HOSTILE = (
    "x; rm -rf /",
    "$(id)",
    "`id`",
    "{{ lookup('pipe','id') }}",
    "--option",
    "a\nb",
    "'",
    "’; calc; ‘",
    "=cmd|'x'!A1",
)


def device(name: str = "web01", *steps: Step) -> HandoverDevice:
    return HandoverDevice(id="0" * 40, name=name, group_name="one", system="debian 12", steps=steps)


def step(kind: str = "dpkg", name: str = "libcurl4", version: str = "8.0-1", action: str = "update") -> Step:
    return Step(type=kind, name=name, version=version, action=action)  # type: ignore[arg-type]


def handover(*devices: HandoverDevice) -> Handover:
    return Handover(title="Update curl to 8.0-1", activity_id="guid", devices=devices)


def written(form: str, given_: Handover) -> str:
    return FORMATS[form][0](given_)


def test_what_is_written_for_each_package_manager() -> None:
    some = handover(device("web01", step()), device("web02", step("rpm", "curl", "8.0-1.el9"), step("apk", "curl", "")))
    shell = written("shell", some)
    assert "apt-get install --only-upgrade --yes -- libcurl4=8.0-1" in shell
    assert "dnf upgrade --assumeyes -- curl-8.0-1.el9" in shell
    assert "apk add --upgrade -- curl\n" in shell
    playbook = yaml.safe_load(written("ansible_playbook", some))
    assert {one["hosts"] for one in playbook} == {"remediation_dpkg", "remediation_rpm", "remediation_apk"}
    (task,) = next(one for one in playbook if one["hosts"] == "remediation_dpkg")["tasks"]
    assert task["ansible.builtin.apt"]["name"] == "libcurl4=8.0-1"
    inventory = yaml.safe_load(written("ansible_inventory", some))
    assert inventory["all"]["children"]["remediation_rpm"]["hosts"] == {"web02": {}}


def test_removal_and_programs() -> None:
    some = handover(device("pc1", step("program", "Example (64-bit)", "9.0"), step("dpkg", "telnetd", "", "remove")))
    assert "winget upgrade --name 'Example (64-bit)' --exact --version '9.0' --silent" in written("powershell", some)
    assert "apt-get remove --yes -- telnetd" in written("shell", some)
    (task,) = yaml.safe_load(written("ansible_playbook", some))[0]["tasks"]
    assert task["ansible.builtin.apt"]["state"] == "absent"


def test_nothing_to_do_is_a_file_too() -> None:
    for form in FORMATS:
        assert written(form, handover())
    assert yaml.safe_load(written("ansible_inventory", handover())) == {"all": {}}
    assert yaml.safe_load(written("ansible_playbook", handover())) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_never_run(name: str) -> None:
    some = handover(device(name, step(name=name), step(version=name), step("program", name, name)))
    commands = [line for line in written("shell", some).splitlines() if line.strip().startswith(("apt-get i", "dnf"))]
    for command in commands:
        words = shlex.split(command)
        assert words[:4] == ["apt-get", "install", "--only-upgrade", "--yes"]
        assert len(words) == 6
    text = written("ansible_playbook", some)
    assert "{{" not in text
    yaml.safe_load(text)
    yaml.safe_load(written("ansible_inventory", some))
    rows = list(csv.reader(io.StringIO(written("csv", some))))
    assert all(len(row) == 7 and not row[0].startswith("=") for row in rows)
    for line in written("powershell", some).splitlines():
        assert line.startswith(("#", "$ErrorActionPreference", "winget upgrade --name '")) or not line


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_a_powershell_string_ends_where_it_should(text: str) -> None:
    inner = quoted(text)[1:-1]
    position = 0
    while position < len(inner):
        if inner[position] in "'‘’‚‛":
            assert inner[position + 1] == inner[position]
            position += 1
        assert inner[position].isprintable()
        position += 1


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")
def test_the_shell_reads_the_script() -> None:
    some = handover(*(device(name, step(name=name), step("rpm", name)) for name in HOSTILE), device("a", step()))
    checked = subprocess.run(["sh", "-n"], input=written("shell", some), text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
