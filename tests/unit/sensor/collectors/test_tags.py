from __future__ import annotations

from pathlib import Path

import msgspec

from tests.unit.sensor.registry_fixture import WrittenRegistry
from tests.unit.sensor.support import make_root
from weakspot.inventory.contracts import DescribedDevice
from weakspot_sensor.collectors import base, tags
from weakspot_sensor.collectors.base import Findings


def told(found: Findings | base.Result) -> tuple[str, ...]:
    """As the server takes them."""
    device = {"name": "x", "os": {"platform": "Linux"}, "tags": found.facts["tags"]}
    return msgspec.convert(device, DescribedDevice).tags


def test_one_tag_a_line(tmp_path: Path) -> None:
    text = "# given by the administrator\nfinance (EU), branch 7\n\n  kiosk \nkiosk\n"
    result = base.run(tags.COLLECTOR, make_root(tmp_path, {tags.PATH: text}), "linux")
    assert (told(result), result.status) == (("finance (EU), branch 7", "kiosk"), "succeeded")


def test_without_the_file_a_device_has_none(tmp_path: Path) -> None:
    assert told(base.run(tags.COLLECTOR, make_root(tmp_path, {}), "linux")) == ()


def test_tags_that_are_too_long_or_too_many_are_left_out(tmp_path: Path) -> None:
    lines = ["x" * 201, "y" * 200, *(f"tag {n}" for n in range(30))]
    result = base.run(tags.COLLECTOR, make_root(tmp_path, {tags.PATH: "\n".join(lines)}), "linux")
    assert (told(result)[0], len(told(result)), result.status) == ("y" * 200, 16, "partly")


def test_windows_keeps_them_in_the_registry() -> None:
    assert told(tags.read_registry(WrittenRegistry({tags.KEY: {tags.VALUE: ["kiosk", "", "lab"]}}))) == ("kiosk", "lab")
    assert told(tags.read_registry(WrittenRegistry({tags.KEY: {tags.VALUE: "kiosk"}}))) == ("kiosk",)
    assert told(tags.read_registry(WrittenRegistry({tags.KEY: {tags.VALUE: 7}}))) == ()
    assert told(tags.read_registry(WrittenRegistry({}))) == ()
