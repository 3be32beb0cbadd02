from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read


def test_a_report_of_the_sensor() -> None:
    software = [
        {
            "type": "dpkg",
            "name": "a",
            "version": "1",
            "source_name": "s",
            "source_version": "2",
            "paths": ["/x"],
            "installed_at": None,
        },
        {"type": "Not A Type", "name": "b", "version": "1"},
        {"type": "pypi", "name": "", "version": "1"},
    ]
    device = {
        "name": "laptop",
        "os": {"platform": "Linux", "distribution": "debian", "version": "12", "kernel": "6.1.0-9-amd64"},
    }
    found = read({"schema": 1, "kind": "full", "device": device, "software": software}, by="weakspot")
    assert (item(found, "a").source_version, item(found, "a").paths) == ("2", ("/x",))
    assert found.device.os.kernel == "6.1.0-9-amd64"
    assert [one.reason for one in found.refused] == ["has no usable type ('Not A Type')", "has no name"]


def test_a_device_that_the_contract_refuses_is_used_in_part() -> None:
    device = {"name": "", "os": {"platform": 5, "distribution": "debian", "version": "12"}}
    found = read({"device": device, "software": []}, "desk.json", by="weakspot")
    assert (found.device.name, found.device.os.version) == ("desk", "12")
    assert "not as the contract says" in found.notes[0]
