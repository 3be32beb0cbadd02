"""weakspot.workflows.apply_knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from tests.support.world import GivenReader, World, advisory, debian, dpkg
from weakspot import intel, matching, workflows
from weakspot.intel.contracts import Progress
from weakspot.intel.sources.base import Part, Reader, Record, WantEntry
from weakspot.runtime.errors import SourceUnavailable
from weakspot.workflows import SyncOutcome

RECORD = advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"))


def run(world: World, *readers: tuple[str, object]) -> list[SyncOutcome]:
    """Run these sources; what is no reader is raised when the reader is made."""

    def maker(given: object) -> object:
        def make(_progress: Progress) -> Reader:
            if isinstance(given, Exception):
                raise given
            return given  # type: ignore[return-value]

        return make

    made = [(name, maker(given)) for name, given in readers]
    return list(workflows.apply_knowledge(world.services, made, lambda *_: None))  # type: ignore[arg-type]


def version(world: World) -> int:
    """Knowledge version in force."""
    with world.database.read() as conn:
        return intel.current_version(conn)


class Breaking(GivenReader):
    """Breaks in the middle of its file, with an error that nobody foresaw."""

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """One record, then the end."""
        yield from super().read(part, want)
        raise ZeroDivisionError("unforeseen")


def test_a_source_comes_into_force_with_the_matches_that_follow(world: World, tmp_path: Path) -> None:
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))
    (outcome,) = run(world, ("osv", GivenReader("osv", tmp_path / "osv", [RECORD])))
    assert (outcome.source, outcome.status, outcome.software_versions_changed) == ("osv", "succeeded", 1)
    assert outcome.version == version(world) > 0
    assert outcome.counts["added"] == 1


def test_one_source_that_fails_does_not_stop_the_others(world: World, tmp_path: Path) -> None:
    outcomes = run(
        world,
        ("kev", SourceUnavailable("The feed did not answer; the last good copy stays in use.")),
        ("osv", GivenReader("osv", tmp_path / "osv", [RECORD])),
    )
    assert [(o.source, o.status) for o in outcomes] == [("kev", "failed"), ("osv", "succeeded")]
    assert "did not answer" in outcomes[0].reason
    with world.database.read() as conn:
        states = intel.source_states(conn)
    assert states["kev"].status == "failed"
    assert "did not answer" in states["kev"].reason


def test_an_unforeseen_error_leaves_what_was_in_force(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(world, ("osv", GivenReader("osv", tmp_path / "one", [RECORD])))
    before = version(world)
    other = advisory("CVE-2099-0002", debian("zlib", fixed="1"))
    (outcome,) = run(world, ("osv", Breaking("osv", tmp_path / "two", [RECORD, other])))
    assert outcome.status in ("failed", "partly")
    with world.database.read() as conn:
        assert intel.find(conn, "CVE-2099-0001") is not None
    assert version(world) >= before
    assert "unforeseen" not in outcome.reason, "the inside of an error is for the log"


def test_when_matching_fails_the_knowledge_does_not_come_into_force(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))
    before = version(world)
    with mock.patch.object(matching, "rematch", side_effect=RuntimeError("matching")):
        (outcome,) = run(world, ("osv", GivenReader("osv", tmp_path / "osv", [RECORD])))
    assert outcome.status == "failed"
    assert version(world) == before
    with world.database.read() as conn:
        assert intel.find(conn, "CVE-2099-0001") is None
    (again,) = run(world, ("osv", GivenReader("osv", tmp_path / "osv", [RECORD])))
    assert (again.status, again.software_versions_changed) == ("succeeded", 1)


def test_the_starter_knowledge_can_be_loaded(world: World) -> None:
    (outcome,) = workflows.apply_knowledge(world.services, workflows.starter_knowledge(), lambda *_: None)
    assert (outcome.source, outcome.status) == ("starter", "succeeded")
    assert outcome.counts["added"] > 100
    with world.database.read() as conn:
        assert intel.is_starter_only(conn)
