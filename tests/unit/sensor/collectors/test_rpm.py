from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sensor.collectors.rpm_fixture import database, package
from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors, commands, items
from weakspot_sensor.collectors import rpm
from weakspot_sensor.files import Root

DATABASE = "var/lib/rpm/rpmdb.sqlite"


def _blobs() -> list[bytes]:
    return [
        package(
            "bash",
            "5.1.8",
            "6.el9",
            source="bash-5.1.8-6.el9.src.rpm",
            vendor="Example",
            installed=1_700_000_000,
        ),
        package("perl-x", "2", "1", epoch=4, source="perl-5.32-4.el9.src.rpm", module="perl:5.32:1:a"),
        package("gpg-pubkey", "fd43", "61"),
        package("local", "1", "1", epoch=0, base_names=["METADATA"], dir_names=["/usr/lib/p/"], dir_indexes=[0]),
    ]


def test_the_database_is_read_without_the_rpm_program(tmp_path: Path) -> None:
    database(tmp_path / DATABASE, _blobs())
    result = collectors.run(rpm.COLLECTOR, Root(str(tmp_path)), "linux")
    assert (result.status, result.reason) == ("succeeded", "")
    assert [items.identity(item) for item in result.items] == [
        ("rpm", "bash", "5.1.8-6.el9", "x86_64", "bash", "5.1.8-6.el9"),
        ("rpm", "perl-x", "4:2-1", "x86_64", "perl", "4:5.32-4.el9"),
        ("rpm", "local", "1-1", "x86_64", "local", "1-1"),
    ]
    assert result.items[0]["installed_at"] == "2023-11-14T22:13:20.000000Z"
    assert (result.items[0]["vendor"], result.items[1]["module"]) == ("Example", "perl:5.32:1:a")


def test_a_cut_header_costs_only_itself(tmp_path: Path) -> None:
    blobs = _blobs()
    database(tmp_path / DATABASE, [blobs[0][:40], b"", blobs[1]])
    result = collectors.run(rpm.COLLECTOR, Root(str(tmp_path)), "linux")
    assert (result.status, [item["name"] for item in result.items]) == ("partly", ["perl-x"])


def test_a_database_that_nobody_can_read_fails_with_the_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "find", lambda name: None)
    result = collectors.run(rpm.COLLECTOR, make_root(tmp_path, {"/" + DATABASE: "no database"}), "linux")
    assert result.status == "failed"
    assert "cannot be read" in result.reason
    assert "rpm is not installed" in result.reason


def test_the_programs_answer_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def answer(arguments: list[str], accept_failure: bool = False) -> bytes:
        asked.append(arguments)
        if "MODULARITYLABEL" in arguments[-1]:
            raise commands.CommandError("unknown tag")
        return (
            b"bash\t(none)\t5.1\t6.el7\tx86_64\tbash-5.1-6.el7.src.rpm\t(none)\t1700000000\n"
            b"x\t2\t1\t3\tnoarch\t(none)\tMaker\t(none)\nnot a line\n"
        )

    monkeypatch.setattr(commands, "run", answer)
    result = collectors.run(rpm.COLLECTOR, make_root(tmp_path, {"/var/lib/rpm/Packages": "old"}), "linux")
    assert [items.identity(item)[1:3] for item in result.items] == [("bash", "5.1-6.el7"), ("x", "2:1-3")]
    assert asked[0][1:3] == ["--dbpath", str(tmp_path / "var/lib/rpm")]


def test_owners_from_the_headers(tmp_path: Path) -> None:
    database(tmp_path / DATABASE, _blobs())
    wanted = frozenset(("/usr/lib/p/METADATA", "/usr/lib/q"))
    assert rpm.owners(Root(str(tmp_path)), wanted) == {"/usr/lib/p/METADATA": "local"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bash-5.1.8-6.el9.src.rpm", ("bash", "5.1.8-6.el9")),
        ("a-b-c-1-2.nosrc.rpm", ("a-b-c", "1-2")),
        ("bash-5.1.8-6.el9.x86_64.rpm", ("", "")),
        ("(none)", ("", "")),
        ("x.src.rpm", ("", "")),
    ],
)
def test_split_source(name: str, expected: tuple[str, str]) -> None:
    assert rpm.split_source(name) == expected
