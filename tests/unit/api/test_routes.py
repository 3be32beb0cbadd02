"""Every declared filter, sort and format is one that the read model behind the route takes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy.engine import Connection

from tests.support.served import Sensor, Served
from weakspot import inventory
from weakspot.api import routes
from weakspot.api.openapi import declared
from weakspot.api.operation import Operation
from weakspot.inventory import detail_store
from weakspot.inventory.detail_contracts import Certificate, DeviceDetails
from weakspot.queries.contracts import Page
from weakspot.runtime.clock import to_iso

READS = [
    (path, operation)
    for path, method, operation in declared(routes.ALL, "/api/v1")
    if method == "get" and operation.media_type == "application/json" and not path.startswith("/api/v1/admin")
]
LISTS = [(path, operation) for path, operation in READS if getattr(operation.answer, "__origin__", None) is Page]


def detection(served: Served) -> str:
    """The id of a detection that is there."""
    event = {"id": "routes", "title": "Something ran", "device": {"name": "web01"}}
    return str(served.call("POST", "/api/v1/detections/generic", event).json["ids"][0])


def vex_document(served: Served) -> str:
    """The id of a VEX document that is there."""
    product = "pkg:deb/debian/curl@1?distro=debian-12"
    statement = {"vulnerability": {"name": "CVE-2023-38545"}, "products": [{"@id": product}], "status": "fixed"}
    return str(served.call("POST", "/api/v1/vex", {"@id": "routes", "statements": [statement]}).json["id"])


def baseline(served: Served) -> str:
    """The id of a baseline profile that is there."""
    found = served.call("GET", "/api/v1/baselines").json
    if not found:
        body = {"name": "routes", "platform": "linux", "configurations": [{"check_id": "check-linux-aslr"}]}
        return str(served.call("POST", "/api/v1/baselines", body).json["baseline"]["id"])
    return str(found[0]["id"])


def certificate(sensor: Sensor) -> str:
    """The id of a certificate that the device has."""
    served = sensor.served
    found = served.call("GET", "/api/v1/certificates").json["items"]
    if not found:
        told = DeviceDetails(certificates=(Certificate(sha256="a" * 64, subject="CN=web01"),))

        def tell(conn: Connection) -> None:
            device_id = inventory.device_id_of(conn, sensor.device_id)
            assert device_id is not None
            detail_store.record(conn, device_id, told, served.clock.now)

        served.application.database.write(tell)
        found = served.call("GET", "/api/v1/certificates").json["items"]
    return str(found[0]["id"])


def scan(served: Served) -> str:
    """The id of a scan that is there."""
    found = served.call("GET", "/api/v1/scans").json
    if not found:
        body = {"name": "routes", "targets": ["192.0.2.1"], "username": "u", "password": "p", "every_hours": 0}
        found = [served.call("POST", "/api/v1/scans", body).json]
    return str(found[0]["id"])


def address(path: str, sensor: Sensor) -> str:
    if "/devices/" in path:
        path = path.replace("{id}", sensor.device_id)
    if "/exceptions/" in path:
        path = path.replace("{id}", "1")
    if "/detections/" in path:
        path = path.replace("{name}", detection(sensor.served))
    if "/remediation/activities/" in path:
        path = path.replace("{id}", sensor.activity_id)
    if "/recommendations/" in path:
        path = path.replace("{id}", quote("va-_-debian-_-curl"))
    if "/vex/" in path:
        path = path.replace("{id}", vex_document(sensor.served))
    if "/scans/" in path:
        path = path.replace("{id}", scan(sensor.served))
    if "/certificates/" in path:
        path = path.replace("{id}", certificate(sensor))
    if path.startswith("/api/v1/checks/"):
        path = path.replace("{id}", "check-linux-aslr")
    if path.startswith("/api/v1/baselines/"):
        path = path.replace("{id}", baseline(sensor.served))
    if "/own-advisories/" in path:
        path = path.replace("{id}", "ACME-2026-1")
    if path.endswith("ChangesByMachine"):
        return f"{path}?sinceTime={to_iso(sensor.served.clock.now)}"
    return path.replace("{id}", quote("debian-_-curl")).replace("{name}", "CVE-2023-38545")


EXAMPLES = {"since": "2026-01-31", "until": "2026-12-31", "as_of": "2026-01-31"}
"""Values of parameters that take more than any text and fewer than a list."""


def variants(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.name not in ("page", "page_size", "groups"):
            for value in parameter.values or (EXAMPLES.get(parameter.name, "text"),):
                yield f"{parameter.name}={value}"


@pytest.mark.parametrize(("path", "operation"), READS, ids=[operation.id for _, operation in READS])
def test_every_read_answers_what_it_declares(path: str, operation: Operation, fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    answered = served.call("GET", address(path, sensor))
    assert answered.status == 200, answered.body
    assert answered.headers["content-type"] == "application/json"
    assert answered.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("path", "operation"), LISTS, ids=[operation.id for _, operation in LISTS])
def test_every_declared_value_is_taken(path: str, operation: Operation, fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    for query in variants(operation):
        answered = served.call("GET", f"{address(path, sensor)}?{query}")
        assert answered.status == 200, (query, answered.body)


@pytest.mark.parametrize(("path", "operation"), LISTS, ids=[operation.id for _, operation in LISTS])
def test_csv_holds_the_rows_of_the_list(path: str, operation: Operation, fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    page = served.call("GET", f"{address(path, sensor)}?page_size=500").json
    export = served.call("GET", f"{address(path, sensor)}?format=csv")
    assert export.headers["content-type"].startswith("text/csv")
    assert "attachment" in export.headers["content-disposition"]
    assert export.headers["weakspot-total"] == str(page["total"])
    assert export.body.count(b"\r\n") == page["total"] + 1


def test_a_group_filter_narrows_and_never_widens(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    assert served.call("GET", "/api/v1/devices?groups=1").json["total"] == 1
    assert served.call("GET", "/api/v1/devices?groups=77").json["total"] == 0
    narrow = served.token(groups=[77])
    assert served.client.get("/api/v1/devices?groups=1,77", **narrow).json["total"] == 0


def test_what_is_outside_the_scope_is_as_if_it_were_not(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    narrow = served.token(groups=[77])
    for path in (f"/api/v1/devices/{sensor.device_id}", f"/api/machines/{sensor.device_id}", "/api/machines/web01"):
        assert served.client.get(path, **narrow).status == 404, path
    for path in ("/api/v1/weaknesses", "/api/v1/software", f"/api/v1/software/{quote('debian-_-curl')}/devices"):
        answered = served.client.get(path, **narrow)
        assert answered.status == 404 or answered.json["total"] == 0, path
    for path in ("/api/machines", "/api/vulnerabilities", "/api/Software"):
        assert served.client.get(path, **narrow).json["value"] == [], path
    dashboard = served.client.get("/api/v1/dashboard", **narrow).json
    assert (dashboard["devices"], dashboard["exposure_score"]) == (0, None)


def test_a_slash_inside_an_id_stays_in_it(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    answered = served.call("GET", "/api/v1/software/npm-_-%40scope%2Fname/devices")
    assert answered.status == 404
    assert "path" not in answered.json["detail"]
