"""VEX documents by API: in force before the answer, audited, and only by those who may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.served import Served
from tests.unit.api.test_own_advisories import advisory
from weakspot import access

PATH = "/api/v1/vex"
PRODUCT = "pkg:deb/debian/curl@{version}?distro=debian-12"


def openvex(status: str = "not_affected", product: str = "pkg:deb/debian/curl?distro=debian-12") -> dict[str, Any]:
    statement = {"vulnerability": {"name": "ACME-2026-1"}, "products": [{"@id": product}], "status": status}
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example/acme-1",
        "timestamp": "2026-02-01T00:00:00Z",
        "statements": [statement],
    }


@pytest.fixture
def served(own: Served) -> Served:
    """A server that knows a flaw of curl."""
    assert own.call("POST", "/api/v1/own-advisories", advisory()).status == 200
    return own


def is_open(served: Served) -> bool:
    return bool(served.call("GET", "/api/v1/weaknesses/ACME-2026-1").json["exposed_devices"])


def test_a_statement_hides_a_finding_and_its_withdrawal_shows_it_again(served: Served) -> None:
    answered = served.call("POST", PATH, openvex())
    assert answered.status == 200, answered.body
    said = answered.json
    assert (said["statements"], said["refused"], said["is_new"], said["is_in_force"]) == (1, 0, True, True)
    (row,) = served.call("GET", PATH).json
    assert (row["name"], row["statements"]) == ("https://vex.example/acme-1", 1)
    assert served.call("GET", f"{PATH}/{row['id']}").json == openvex()
    assert served.call("POST", PATH, openvex("under_investigation")).json["is_new"] is False
    assert served.call("DELETE", f"{PATH}/{row['id']}").json["is_in_force"] is True
    assert served.call("GET", PATH).json == []
    assert served.call("DELETE", f"{PATH}/{row['id']}").status == 404
    assert served.call("GET", "/api/v1/admin/check").json["is_exact"] is True


def test_a_state_that_is_not_known_hides_nothing_and_is_told(served: Served) -> None:
    answered = served.call("POST", PATH, openvex("perhaps"))
    assert answered.status == 422
    assert "state that is not known: 'perhaps'" in answered.json["detail"]
    mixed = openvex()
    mixed["statements"] += openvex("perhaps")["statements"]
    answered = served.call("POST", PATH, mixed)
    assert (answered.json["statements"], answered.json["refused"]) == (1, 1)
    assert answered.json["problems"] == ["The statement has a state that is not known: 'perhaps'."]


def test_cyclonedx_and_csaf_are_taken(served: Served) -> None:
    purl = PRODUCT.format(version="7.88.1-10")
    cyclonedx = {
        "bomFormat": "CycloneDX",
        "serialNumber": "urn:uuid:1",
        "components": [{"bom-ref": "c", "purl": purl}],
        "vulnerabilities": [{"id": "ACME-2026-1", "analysis": {"state": "not_affected"}, "affects": [{"ref": "c"}]}],
    }
    csaf = {
        "document": {"csaf_version": "2.0", "tracking": {"id": "ACME-VEX-1"}},
        "product_tree": {
            "full_product_names": [{"product_id": "p", "product_identification_helper": {"purl": purl}}],
        },
        "vulnerabilities": [{"cve": "CVE-2099-0001", "product_status": {"known_not_affected": ["p"]}}],
    }
    assert served.call("POST", PATH, cyclonedx).json["name"] == "urn:uuid:1"
    assert served.call("POST", PATH, csaf).json["name"] == "ACME-VEX-1"
    assert len(served.call("GET", PATH).json) == 2


@pytest.mark.parametrize("body", [[], {"statements": 5}, {"bomFormat": "CycloneDX"}, {"a": {"b": 1}}])
def test_what_cannot_be_taken_is_told(own: Served, body: object) -> None:
    assert own.call("POST", PATH, body).status == 422
    assert own.call("GET", PATH).json == []


def test_changes_are_audited_and_readers_do_not_write(served: Served) -> None:
    document_id = served.call("POST", PATH, openvex()).json["id"]
    token = served.call("POST", "/api/v1/admin/api-tokens", {"name": "t", "role": "reader", "days": 1}).json["token"]
    headers = {"authorization": f"Bearer {token}"}
    assert served.client.request("GET", PATH, headers=headers).status == 200
    assert served.client.request("POST", PATH, headers=headers, json_body=openvex()).status == 403
    assert served.client.request("DELETE", f"{PATH}/{document_id}", headers=headers).status == 403
    served.call("DELETE", f"{PATH}/{document_id}")
    with served.application.database.read() as conn:
        found = [entry.action for entry in access.audit_entries(conn)]
    assert {"vex.write", "vex.remove"} <= set(found)
