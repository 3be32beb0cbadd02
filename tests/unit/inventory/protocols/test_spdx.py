from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read

PURL = "pkg:pypi/Some.Thing@1.0"
TAG_VALUE = f"""SPDXVersion: SPDX-2.3
DocumentName: laptop
PackageName: some-thing
PackageVersion: 1.0
PackageComment: <text>first
PackageName: hidden
last</text>
ExternalRef: PACKAGE-MANAGER purl {PURL}
PackageName: viewer
PackageVersion: NOASSERTION
PackageSupplier: Organization: Acme (mail@acme.example)
"""


def test_json_2_3() -> None:
    packages = [
        {
            "name": "some-thing",
            "versionInfo": "1.0",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": PURL}],
        },
        {"name": "viewer", "versionInfo": "2", "supplier": "Organization: Acme"},
        {"name": "debian", "versionInfo": "12", "primaryPackagePurpose": "OPERATING-SYSTEM"},
        {"name": "x.tar", "versionInfo": "1", "primaryPackagePurpose": "ARCHIVE"},
    ]
    found = read({"spdxVersion": "SPDX-2.3", "name": "laptop", "packages": packages}, by="spdx")
    assert {(one.type, one.name, one.vendor) for one in found.software} == {
        ("pypi", "some-thing", ""),
        ("program", "viewer", "Acme"),
    }
    assert (found.device.name, found.device.os.distribution, found.device.os.version) == ("laptop", "debian", "12")
    assert [one.reason for one in found.refused] == ["is a package of purpose ARCHIVE, which is no software"]


def test_tag_value() -> None:
    found = read(TAG_VALUE, "sbom.spdx", by="spdx")
    assert found.device.name == "laptop"
    assert [(one.type, one.name, one.version) for one in found.software] == [
        ("pypi", "some-thing", "1.0"),
        ("program", "viewer", ""),
    ]
    assert item(found, "viewer").vendor == "Acme"


def test_json_3_0() -> None:
    graph = [
        {"type": "SpdxDocument", "name": "laptop"},
        {"type": "software_Package", "name": "a", "software_packageVersion": "1", "software_packageUrl": "pkg:npm/a@1"},
        {
            "type": "software_Package", "name": "b",
            "externalIdentifier": [{"externalIdentifierType": "packageUrl", "identifier": "pkg:cargo/b@2"}],
        },
        {"type": "software_File", "name": "c"},
    ]  # fmt: skip
    found = read({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph}, by="spdx")
    assert [(one.type, one.name, one.version) for one in found.software] == [("npm", "a", "1"), ("cargo", "b", "2")]
