from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read

NEVRA = """almalinux-release-9.4-1.el9.x86_64
bind-libs-32:9.16.23-18.el9_4.1.x86_64
bash-(none):5.1.8-9.el9.x86_64
python3-pip-wheel-21.3.1-1.el9.noarch
gpg-pubkey-8483c65d-5ccc5b19
not a package
"""


def test_names_versions_and_epochs() -> None:
    found = read(NEVRA, "host.txt", by="rpm-list")
    assert item(found, "bind-libs").version == "32:9.16.23-18.el9_4.1"
    assert (item(found, "bash").version, item(found, "bash").architecture) == ("5.1.8-9.el9", "x86_64")
    assert item(found, "python3-pip-wheel").version == "21.3.1-1.el9"
    assert (found.device.os.distribution, found.device.os.version) == ("almalinux", "9.4")


def test_keys_and_other_lines_are_refused() -> None:
    refused = read(NEVRA, "host.txt", by="rpm-list").refused
    assert [one.reason for one in refused] == [
        "is a signing key of rpm's database, no software",
        "is no line of the form name-version-release.arch",
    ]


def test_tabbed_fields() -> None:
    text = (
        "nodejs\t1:18.19.0-1.module_el8.9.0+3731+490e3ecb\tx86_64\tnodejs-18.19.0-1.module_el8.src.rpm\tAlmaLinux\t"
        "nodejs:18:8090020240101:abc\nfedora-release-common\t0:38-36\tnoarch\t(none)\tFedora Project\t(none)\n"
    )
    found = read(text, by="rpm-list")
    node = item(found, "nodejs")
    assert (node.version, node.source_name, node.module) == (
        "1:18.19.0-1.module_el8.9.0+3731+490e3ecb", "nodejs", "nodejs:18:8090020240101:abc",
    )  # fmt: skip
    release = item(found, "fedora-release-common")
    assert (release.version, release.source_name, release.module, release.vendor) == ("38-36", "", "", "Fedora Project")
    assert found.device.os.distribution == "fedora"
