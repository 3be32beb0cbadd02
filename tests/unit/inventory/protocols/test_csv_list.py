from __future__ import annotations

import pytest

from tests.unit.inventory.protocols.support import document, read
from weakspot.inventory import protocols
from weakspot.inventory.protocols.csv_list import read_mapped
from weakspot.runtime.errors import InvalidField


def test_usual_columns_and_a_host_column() -> None:
    text = "Host;Display Name;Display Version;Publisher\na;Viewer;1;Acme\nb;Viewer;2;Acme\na;Player;;\n"
    one, two = protocols.read(document(text, "list.csv"))
    assert (one.device.name, [(each.name, each.version, each.vendor) for each in one.software]) == (
        "a", [("Viewer", "1", "Acme"), ("Player", "", "")],
    )  # fmt: skip
    assert two.device.name == "b"


def test_types_and_distribution() -> None:
    text = "name,version,type,distro,release\nbash,5.2-1,dpkg,Debian GNU/Linux,12\nodd,1,?,,\n"
    found = read(text, "list.csv", by="csv")
    assert (found.software[0].type, found.device.os.distribution, found.device.os.version) == ("dpkg", "debian", "12")
    assert [one.reason for one in found.refused] == ["has no usable type ('?')"]


def test_a_mapping_names_the_columns() -> None:
    given = document("was,welche\nViewer,1\n", "list.csv")
    (found,) = read_mapped(given, {"name": "was", "version": "welche"})
    assert (found.software[0].name, found.software[0].version) == ("Viewer", "1")
    with pytest.raises(InvalidField, match="no column 'other'"):
        read_mapped(given, {"name": "other"})
