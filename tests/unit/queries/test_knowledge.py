from __future__ import annotations

from tests.support.world import World, advisory, debian
from weakspot.queries import knowledge


def test_tells_version_sources_and_failures(world: World) -> None:
    from weakspot import intel

    with world.read() as read:
        empty = knowledge.state(read)
    assert (empty.version, empty.at, empty.is_starter_only, empty.vulnerabilities) == (0, None, True, 0)
    assert {feed.status for feed in empty.feeds} == {"never"}
    world.know("osv", advisory("CVE-2099-0001", debian("bash")))
    world.database.write(lambda conn: intel.record_failure(conn, "kev", world.clock.at, "It did not answer."))
    with world.read() as read:
        found = knowledge.state(read)
    feeds = {feed.source: feed for feed in found.feeds}
    assert (found.version, found.is_starter_only, found.vulnerabilities) == (1, False, 1)
    assert (feeds["osv"].status, feeds["osv"].records) == ("succeeded", 1)
    assert (feeds["kev"].status, feeds["kev"].reason) == ("failed", "It did not answer.")
