"""weakspot.inventory.rules.text."""

from __future__ import annotations

import pytest

from weakspot.inventory.contracts import DescribedDevice, HardwareId, InstalledSoftware, Interface, OperatingSystem
from weakspot.inventory.rules.text import refuse_nul
from weakspot.runtime.errors import InvalidField


def device(**fields: object) -> DescribedDevice:
    """A device with these fields."""
    values: dict[str, object] = {"name": "d", "os": OperatingSystem(platform="Linux")}
    return DescribedDevice(**(values | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (device(name="a\x00b"), "name"),
        (device(os=OperatingSystem(platform="Linux", kernel="\x00")), "os.kernel"),
        (device(hardware_ids=(HardwareId("serial", "1"), HardwareId("serial", "2\x00"))), "hardware_ids[1].value"),
        (device(interfaces=(Interface("eth0", addresses=("::1", "\x00")),)), "interfaces[0].addresses[1]"),
        (InstalledSoftware(type="npm", name="x", version="1", paths=("/a", "/b\x00")), "paths[1]"),
    ],
)
def test_the_field_that_holds_a_nul_is_named(given: DescribedDevice | InstalledSoftware, field: str) -> None:
    with pytest.raises(InvalidField, match="NUL") as refused:
        refuse_nul(given)
    assert refused.value.field == field


@pytest.mark.parametrize("name", ["plain", "tab\there", "ünïcödé", "\\u0000 as six characters", "line\nbreak"])
def test_other_text_passes(name: str) -> None:
    refuse_nul(device(name=name))
