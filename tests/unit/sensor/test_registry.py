from __future__ import annotations

import sys

import pytest

from weakspot_sensor import registry


@pytest.mark.skipif(sys.platform == "win32", reason="there is a registry")
def test_a_system_without_a_registry_has_an_empty_one() -> None:
    source = registry.system()
    assert (source.subkeys("HKLM"), source.values("HKLM\\X"), source.exists("HKLM\\X")) == ([], {}, False)
    assert source.stamp("HKLM\\X") == (0, 0, 0)


def test_keys_are_told_from_paths() -> None:
    assert registry.is_key("HKLM\\SOFTWARE")
    assert not registry.is_key("/etc/passwd")
