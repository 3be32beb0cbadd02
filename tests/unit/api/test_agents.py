"""What GLPI and FusionInventory agents are answered, over the whole application."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.support.asgi import Answered
from tests.support.served import Served, serving

PATH = "/api/agents/glpi"
PROLOG = b"<REQUEST><DEVICEID>pc-1</DEVICEID><QUERY>PROLOG</QUERY></REQUEST>"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("agents")) as made:
        yield made


@pytest.fixture
def token(served: Served) -> str:
    served.clock.forward(61)  # what was refused before is forgotten
    answered = served.call("POST", "/api/v1/admin/enrolment-tokens", {"name": "t", "uses": 2, "days": 1})
    return str(answered.json["token"])


def send(served: Served, body: bytes, password: str, *, path: str = PATH, **headers: str) -> Answered:
    """A message as agents send it."""
    given = {"content-type": "application/x-compress-zlib"} | {k.replace("_", "-"): v for k, v in headers.items()}
    if password:
        given["authorization"] = "Basic " + base64.b64encode(f"agent:{password}".encode()).decode()
    return served.client.request("POST", path, headers=given, body=body)


def inventory(agent: str, *names: str, serial: str = "") -> bytes:
    """An inventory in XML."""
    items = "".join(f"<SOFTWARES><NAME>{n}</NAME><VERSION>1-1</VERSION><FROM>deb</FROM></SOFTWARES>" for n in names)
    return (
        f"<REQUEST><DEVICEID>{agent}</DEVICEID><QUERY>INVENTORY</QUERY><CONTENT><HARDWARE><NAME>{agent}</NAME>"
        f"</HARDWARE><BIOS><SSN>{serial}</SSN></BIOS><OPERATINGSYSTEM><NAME>Debian</NAME><VERSION>12</VERSION>"
        f"<KERNEL_NAME>linux</KERNEL_NAME></OPERATINGSYSTEM>{items}</CONTENT></REQUEST>"
    ).encode()


def shown(served: Served, name: str) -> set[str]:
    """Packages of the device of that name."""
    served.settle()
    (row,) = served.call("GET", f"/api/v1/devices?search={name}").json["items"]
    items = served.call("GET", f"/api/v1/devices/{row['id']}/software?page_size=500").json["items"]
    return {one["software"]["name"] for one in items}


@pytest.mark.parametrize("pack", [bytes, zlib.compress, gzip.compress], ids=["plain", "zlib", "gzip"])
@pytest.mark.parametrize("path", [PATH, "/plugins/fusioninventory/", "/front/inventory.php"])
def test_prolog_and_inventory(served: Served, token: str, pack: Any, path: str) -> None:
    name = f"pc-{token[-8:]}".replace("_", "x")
    answered = send(served, pack(PROLOG), token, path=path)
    assert answered.status == 200
    reply = ET.fromstring(answered.body)
    assert (reply.tag, reply.findtext("RESPONSE"), reply.findtext("PROLOG_FREQ")) == ("REPLY", "SEND", "24")
    assert send(served, pack(inventory(name, "curl", "bash")), token, path=path).status == 200
    assert shown(served, name) == {"curl", "bash"}
    assert send(served, pack(inventory(name, "curl")), token, path=path).status == 200
    assert shown(served, name) == {"curl"}


def test_json_contact_and_inventory(served: Served, token: str) -> None:
    contact = {"action": "contact", "deviceid": "json-1", "name": "GLPI-Agent", "version": "1.7"}
    answered = send(served, json.dumps(contact).encode(), token, content_type="application/json")
    assert answered.json["status"] == "ok"
    assert "inventory" in answered.json["tasks"]
    content = {
        "hardware": {"name": "json-1", "uuid": "4c4c4544-0042-3010-8051-b6c04f4d3133"},
        "operatingsystem": {"name": "Debian", "version": "12", "kernel_name": "linux", "full_name": "Debian 12"},
        "softwares": [{"name": "vim", "version": "1-1", "from": "deb"}],
    }  # fmt: skip
    body = {"action": "inventory", "deviceid": "json-1", "itemtype": "Computer", "content": content}
    assert send(served, zlib.compress(json.dumps(body).encode()), token).json["status"] == "ok"
    assert shown(served, "json-1") == {"vim"}
    partial = body | {"partial": True, "content": {"hardware": content["hardware"]}}
    assert send(served, json.dumps(partial).encode(), token, content_type="application/json").status == 200
    assert shown(served, "json-1") == {"vim"}


def test_further_tasks_have_nothing_to_do(served: Served) -> None:
    answered = served.client.get(f"{PATH}?action=getConfig&machineid=pc-1")
    assert (answered.status, answered.json) == (200, {})
    assert served.client.get(PATH).status == 405


def test_without_a_good_password_nothing_is_taken(served: Served, token: str) -> None:
    answered = send(served, PROLOG, "")
    assert (answered.status, answered.headers["www-authenticate"]) == (401, 'Basic realm="weakspot"')
    assert b"<ERROR>" in answered.body
    statuses = [send(served, inventory("evil", "x"), "wse_" + "x" * 43).status for _ in range(31)]
    assert statuses[:30] == [401] * 30
    assert statuses[30] == 429
    assert send(served, inventory("good-1", "x"), token).status == 200, "good secrets go on working"
    assert served.call("GET", "/api/v1/devices?search=evil").json["total"] == 0


def test_a_secret_speaks_for_the_agent_that_it_admitted(served: Served, token: str) -> None:
    assert send(served, inventory("mine", "curl"), token).status == 200
    other = served.call("POST", "/api/v1/admin/enrolment-tokens", {"name": "t", "uses": 2, "days": 1}).json["token"]
    assert send(served, inventory("mine", "gone"), other).status == 401
    assert shown(served, "mine") == {"curl"}


def test_a_known_devices_hardware_waits_for_an_approval(served: Served, token: str) -> None:
    assert send(served, inventory("first", "curl", serial="SN-0001"), token).status == 200
    assert send(served, inventory("second", "x", serial="SN-0001"), token).status == 401
    assert served.call("GET", "/api/v1/devices?search=second").json["total"] == 0
    waiting = served.call("GET", "/api/v1/admin/enrolment-requests").json
    assert "second" in {one["asking_name"] for one in waiting}


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><REQUEST><DEVICEID>&c;</DEVICEID></REQUEST>'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<REQUEST>", 400),
        (b"<html/>", 400),
        (BOMB, 400),
        (b"<REQUEST>" + b"<A>" * 10_000, 400),
        (b"<REQUEST><QUERY>PROLOG</QUERY></REQUEST>", 400),
        (b'{"action": "inventory", "deviceid": "x"}', 400),
        (b'{"action": "contact"}', 400),
        (b"[" * 100_000, 400),
        (zlib.compress(b"0" * 100_000_000), 413),
        (gzip.compress(gzip.compress(PROLOG)), 400),
        (zlib.compress(PROLOG)[:-3], 400),
        (b"\x78garbage", 400),
    ],
    # Bytes in a test's name would differ from one process to the next: gzip writes the time into them.
    ids=(
        "empty",
        "cut",
        "html",
        "entities",
        "deep",
        "no device",
        "no content",
        "no device id",
        "deep json",
        "bomb",
        "packed twice",
        "cut stream",
        "no stream",
    ),
)
def test_malformed_messages_are_refused(served: Served, token: str, body: bytes, status: int) -> None:
    assert send(served, body, token).status == status


def test_foreign_text_stays_text(served: Served, token: str) -> None:
    assert send(served, inventory("odd", "&lt;script&gt;alert(1)&lt;/script&gt;"), token).status == 200
    assert shown(served, "odd") == {"<script>alert(1)</script>"}
