"""Output of read-only commands to an inventory."""

from __future__ import annotations

import pytest

from weakspot.inventory.protocols.ssh import COMMANDS, inventory_of
from weakspot.runtime.errors import InputError

RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n# x\n'


def test_a_debian_device() -> None:
    read = inventory_of(
        {
            "release": RELEASE,
            "name": "web01\n",
            "kernel": "6.1.0-25-amd64\n",
            "machine": "x86_64\n",
            "machine_id": "0123456789abcdef0123456789abcdef\n",
            "dpkg": (
                "ii \tbash\t5.2-1\tamd64\tbash\t5.2-1\tDebian\nrc \told\t1\tall\told\t1\tDebian\n"
                "ii \tzlib1g\t1:1.2\tamd64\tzlib\t1:1.2\tDebian\nnonsense\n"
            ),
        }
    )
    assert (read.device.name, read.device.os.distribution, read.device.os.version) == ("web01", "debian", "12")
    assert read.device.hardware_ids[0].kind == "machine_id"
    assert {(one.name, one.source_name, one.source_version) for one in read.software} == {
        ("bash", "", ""), ("zlib1g", "zlib", "1:1.2"),
    }  # fmt: skip
    assert [one.reason for one in read.refused] == ["is not installed (status rc)", "is no line of dpkg-query"]


def test_rpm_and_apk() -> None:
    rpm = "bind\t32\t9.11-26.el8\tx86_64\tbind-9.11-26.el8.src.rpm\tRed Hat\t(none)\n"
    read = inventory_of({"release": "ID=almalinux\nVERSION_ID=8.9\n", "rpm": rpm + "gpg-pubkey\t\t1-2\t(none)\t\t\t\n"})
    (one,) = read.software
    assert (one.version, one.source_name, one.source_version) == ("32:9.11-26.el8", "bind", "32:9.11-26.el8")
    apk = "P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n"
    read = inventory_of({"release": "ID=alpine\nVERSION_ID=3.18.4\n", "apk": apk})
    assert [(one.type, one.name, one.version) for one in read.software] == [("apk", "musl", "1.2.4-r2")]


@pytest.mark.parametrize("outputs", [{}, {"release": "nonsense"}, {"release": RELEASE}, {"release": "ID='"}])
def test_what_is_no_linux_with_packages_says_why(outputs: dict[str, str]) -> None:
    with pytest.raises(InputError):
        inventory_of(outputs)


def test_commands_only_read() -> None:
    assert all(one.split()[0] in ("cat", "uname", "dpkg-query", "rpm") for one in COMMANDS.values())
