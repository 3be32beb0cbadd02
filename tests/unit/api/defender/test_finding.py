"""Machines by their address: spec/api.md 7.8."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.support.served import Served, serving
from weakspot.runtime.clock import DAY, SECOND, to_iso


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("finding")) as found:
        yield found


def call(served: Served, address: str, moment: str) -> str:
    return f"/api/machines/{quote(f'findbyip(ip={address!r},timestamp={moment})')}"


def test_a_machine_is_found_by_its_address_around_a_moment(served: Served) -> None:
    one = served.enrol("one01")
    one.report(("curl", "1"))
    served.settle()
    now = served.clock()
    found = served.call("GET", call(served, "192.0.2.7", to_iso(now)))
    assert found.status == 200, found.body
    assert (found.status, [machine["id"] for machine in found.json["value"]]) == (200, [one.device_id])
    found = served.call("GET", call(served, "192.0.2.7", to_iso(now - 14 * 60 * SECOND)).replace("find", "Find"))
    assert found.status == 200
    for address, moment in (("192.0.2.8", now), ("192.0.2.7", now - DAY)):
        none = served.call("GET", call(served, address, to_iso(moment)))
        assert (none.status, none.json["error"]["code"]) == (404, "ResourceNotFound")
    narrow = served.token(role="administrator", groups=[77])
    path = call(served, "192.0.2.7", to_iso(now))
    assert served.client.request("GET", path, headers=narrow).status == 404


@pytest.mark.parametrize(
    ("address", "moment"),
    [("192.0.2", "2026-11-22T10:00:00Z"), ("192.0.2.7", "yesterday"), ("192.0.2.7", "2020-01-01T00:00:00Z")],
)
def test_what_is_no_address_or_no_moment_of_the_past_30_days_is_refused(
    served: Served, address: str, moment: str
) -> None:
    assert served.call("GET", call(served, address, moment)).status == 400


def test_a_call_that_is_none(served: Served) -> None:
    refused = served.call("GET", "/api/machines/findbyip(ip=1)")
    assert (refused.status, refused.json["error"]["code"]) == (400, "MissingRequiredParameter")
