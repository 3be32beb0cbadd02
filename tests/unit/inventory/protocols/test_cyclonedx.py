from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read

BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"component": {"type": "application", "name": "shop"}},
    "components": [
        {"type": "operating-system", "name": "debian", "version": "12.4"},
        {
            "type": "library", "name": "libssl3", "version": "3.0.11-1",
            "purl": "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.4",
            "properties": [
                {"name": "aquasecurity:trivy:SrcName", "value": "openssl"},
                {"name": "aquasecurity:trivy:SrcVersion", "value": "3.0.11"},
                {"name": "aquasecurity:trivy:SrcRelease", "value": "1~deb12u2"},
            ],
        },
        {
            "type": "library", "group": "org.acme", "name": "core", "version": "1.0",
            "purl": "pkg:maven/org.acme/core@1.0?type=jar",
            "components": [{"type": "library", "name": "inner", "version": "2", "purl": "pkg:npm/%40acme/inner@2"}],
        },
        {"type": "application", "name": "Viewer", "version": "9", "publisher": "Acme"},
        {"type": "file", "name": "/etc/passwd"},
        {"type": "library", "name": "bad", "version": "1", "purl": "pkg:"},
        "nonsense",
    ],
}  # fmt: skip

XML = """<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
  <metadata><component type="container"><name>image</name></component></metadata>
  <components>
    <component type="library"><name>musl</name><version>1.2.4-r2</version>
      <purl>pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&amp;distro=alpine-3.19.0</purl>
      <components>
        <component type="library"><name>left</name><version>1</version><purl>pkg:npm/left@1</purl></component>
      </components>
    </component>
  </components>
</bom>"""


def test_components_nested_ones_and_the_system() -> None:
    found = read(BOM, by="cyclonedx")
    assert {(one.type, one.name) for one in found.software} == {
        ("dpkg", "libssl3"), ("maven", "org.acme:core"), ("npm", "@acme/inner"), ("program", "Viewer"),
    }  # fmt: skip
    ssl = item(found, "libssl3")
    assert (ssl.version, ssl.source_name, ssl.source_version) == ("3.0.11-1~deb12u2", "openssl", "3.0.11-1~deb12u2")
    assert (found.device.name, found.device.os.distribution, found.device.os.version) == ("shop", "debian", "12.4")


def test_what_is_no_software_is_refused() -> None:
    reasons = [one.reason for one in read(BOM, by="cyclonedx").refused]
    assert reasons[0] == "is a component of type 'file', which is no software"
    assert reasons[1].startswith("has a package URL that cannot be read")
    assert reasons[2] == "is a component of type 'unreadable', which is no software"


def test_xml_and_the_distribution_of_package_urls() -> None:
    found = read(XML, "bom.xml", by="cyclonedx")
    assert {(one.type, one.name) for one in found.software} == {("apk", "musl"), ("npm", "left")}
    assert (found.device.name, found.device.os.distribution, found.device.os.version) == ("image", "alpine", "3.19.0")


def test_epochs_upstreams_and_modules_in_package_urls() -> None:
    urls = [
        "pkg:rpm/almalinux/bind-libs@9.16-1.el9?epoch=32&upstream=bind-9.16-1.el9.src.rpm&distro=almalinux-9.3",
        "pkg:rpm/almalinux/nodejs@18-1?rpmmod=nodejs:18:1:a",
        "pkg:deb/ubuntu/libx@1?upstream=x%402",
    ]
    components = [{"type": "library", "name": "n", "purl": url} for url in urls]
    found = read({"bomFormat": "CycloneDX", "components": components}, by="cyclonedx")
    bind = item(found, "bind-libs")
    assert (bind.version, bind.source_name, bind.source_version) == ("32:9.16-1.el9", "bind", "9.16-1.el9")
    assert item(found, "nodejs").module == "nodejs:18:1:a"
    assert (item(found, "libx").source_name, item(found, "libx").source_version) == ("x", "2")
