"""weakspot.workflows.assess: what needs no server finds what the server finds."""

from __future__ import annotations

from tests.support.world import World, advisory, debian, dpkg, python_package
from weakspot import inventory, matching, workflows


def test_it_finds_what_a_report_finds_and_writes_nothing(world: World) -> None:
    world.know(
        "osv",
        advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")),
        advisory("CVE-2099-0002", debian("zlib", fixed="1.0-1")),
    )
    web = world.enrol("web")
    items = (
        dpkg("libssl3", "3.0.11-1", source="openssl"),
        dpkg("zlib1g", "1.3-1", source="zlib"),
        python_package("requests", "2.0"),
    )
    with world.database.read() as conn:
        found = workflows.assess(conn, web.described, items, threshold=matching.DEFAULT_THRESHOLD)
        assert inventory.software_versions(conn, None) == {}
    (finding,) = found.findings
    assert (finding.software.name, finding.vulnerability.facts.name) == ("libssl3", "CVE-2099-0001")
    assert [version.name for version, _ in found.not_assessed] == ["requests"]
    world.report(web, *items)
    with world.database.read() as conn:
        names = inventory.software_versions(conn, None)
        assert [names[s].name for s, _ in matching.open_pairs(conn, None)] == ["libssl3"]
        (match,) = matching.matches_of(conn, None)
    assert (match.fixed_version, match.confidence) == (finding.verdict.fixed_version, finding.verdict.confidence)
    assert found.knowledge_version == match.knowledge_version


def test_the_threshold_leaves_out_what_is_unsure(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="9", status="unimportant")))
    web = world.enrol("web")
    items = (dpkg("libssl3", "3.0.11-1", source="openssl"),)
    with world.database.read() as conn:
        assert workflows.assess(conn, web.described, items, threshold=50).findings == []
        assert len(workflows.assess(conn, web.described, items, threshold=0).findings) == 1
