"""A node that speaks osquery's TLS remote API as documented, against a real server with its own authority."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ServerProcess, running

HOUR = 3600
FACTS = {
    "os_version": {"name": "Debian GNU/Linux", "version": "12 (bookworm)", "major": "12", "minor": "0",
                   "platform": "debian", "codename": "bookworm"},
    "system_info": {"hostname": "node", "uuid": "", "hardware_serial": "", "cpu_brand": "CPU"},
    "osquery_info": {"version": "5.12.1"},
}  # fmt: skip


class Node:
    """One osqueryd: enrols, fetches its configuration, buffers its logs until they are acknowledged."""

    def __init__(self, server: ServerProcess, name: str, secret: str, serial: str = "") -> None:
        self.server = server
        self.name = name
        self.secret = secret
        self.key = ""
        self.details = json.loads(json.dumps(FACTS))
        self.details["system_info"] |= {"hostname": name, "hardware_serial": serial or f"SN-{name}"}

    def post(self, path: str, body: dict[str, Any], *, compress: bool = False) -> tuple[int, Any]:
        """One request. Returns status and JSON."""
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "osquery/5.12.1"}
        if compress:
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        reply = self.server.request("POST", f"/api/osquery/{path}", raw=data, headers=headers)
        return reply.status, reply.json

    def enroll(self) -> bool:
        """As at start, and whenever the node key was refused."""
        body = {"enroll_secret": self.secret, "host_identifier": self.name, "platform_type": "9",
                "host_details": self.details}  # fmt: skip
        status, answer = self.post("enroll", body)
        if status != 200 or answer.get("node_invalid"):
            return False
        self.key = answer["node_key"]
        return True

    def call(self, path: str, **body: Any) -> Any:
        """A request with the node key; an invalid key makes the node enrol again, as osquery does."""
        status, answer = self.post(path, {"node_key": self.key, **body}, compress=path == "log")
        assert status == 200, answer
        if answer.get("node_invalid"):
            self.key = ""
            return None
        return answer

    def log(self, *lines: dict[str, Any]) -> Any:
        """Deliver result lines."""
        return self.call("log", log_type="result", data=list(lines))


def line(name: str, row: dict[str, str], *, counter: int, at: int, epoch: int = 0, action: str = "added") -> Any:
    """A differential result in the event format."""
    return {"name": name, "hostIdentifier": "x", "unixTime": at, "epoch": epoch, "counter": counter,
            "columns": row, "action": action}  # fmt: skip


def deb(name: str, version: str = "1.0-1", source: str = "") -> dict[str, str]:
    """A row of deb_packages."""
    return {"name": name, "version": version, "arch": "amd64", "source": source, "maintainer": "",
            "status": "install ok installed"}  # fmt: skip


def shown(server: ServerProcess, name: str) -> set[tuple[str, str]]:
    """(package, version) of the device of that name."""
    server.settle()
    (row,) = server.get(f"/api/v1/devices?search={name}")["items"]
    got = server.get(f"/api/v1/devices/{row['id']}/software?page_size=500")
    return {(one["software"]["name"], one["version"]) for one in got["items"]}


@pytest.fixture
def node(server: ServerProcess, request: pytest.FixtureRequest) -> Node:
    """An enrolled node of its own for each test."""
    made = Node(server, f"n-{abs(hash(request.node.name)) % 10**8}", server.enrolment_token())
    assert made.enroll()
    return made


def test_from_enrolment_to_a_changed_device(server: ServerProcess, node: Node) -> None:
    config = node.call("config")
    assert "deb_packages" in config["schedule"]["weakspot/deb_packages"]["query"]
    epoch = config["options"]["schedule_epoch"]
    name = "weakspot/deb_packages"
    node.log(*(line(name, deb(one), counter=0, at=1000, epoch=epoch) for one in ("curl", "bash")))
    assert shown(server, node.name) == {("curl", "1.0-1"), ("bash", "1.0-1")}
    change = [
        line(name, deb("curl"), counter=1, at=1000 + HOUR, epoch=epoch, action="removed"),
        line(name, deb("curl", "1.1-1"), counter=1, at=1000 + HOUR, epoch=epoch),
    ]
    for _ in range(2):  # the answer to the first was lost: it is sent again
        node.log(*change)
    assert shown(server, node.name) == {("curl", "1.1-1"), ("bash", "1.0-1")}
    assert node.call("log", log_type="status", data=[{"severity": "0", "message": "<b>hello</b>"}]) is not None


def test_distributed_queries_fill_a_new_device_at_once(server: ServerProcess, node: Node) -> None:
    asked = node.call("distributed/read")["queries"]
    assert "weakspot/deb_packages" in asked
    assert "weakspot/programs" not in asked
    answers = {name: [] for name in asked} | {"weakspot/deb_packages": [deb("vim")]}
    node.call("distributed/write", queries=answers, statuses=dict.fromkeys(asked, 0), messages={})
    assert shown(server, node.name) == {("vim", "1.0-1")}
    assert node.call("distributed/read")["queries"] == {}


def test_a_bad_secret_and_a_bad_key_are_refused(server: ServerProcess, node: Node) -> None:
    stranger = Node(server, "stranger", "wse_" + "x" * 43)
    assert not stranger.enroll()
    stranger.key = "wsn_" + "y" * 43
    assert stranger.call("config") is None
    used_up = Node(server, "another", node.secret)
    assert not used_up.enroll()
    assert server.get("/api/v1/devices?search=stranger")["total"] == 0


def test_a_node_that_lost_its_key_waits_for_an_approval(server: ServerProcess, node: Node) -> None:
    node.log(line("weakspot/deb_packages", deb("curl"), counter=0, at=1000))
    again = Node(server, node.name, server.enrolment_token())
    assert not again.enroll()
    (waiting,) = [one for one in server.get("/api/v1/admin/enrolment-requests") if one["device_name"] == node.name]
    server.admin("POST", "/api/v1/admin/enrolment-requests", {"id": waiting["id"], "decision": "approved"})
    assert again.enroll()
    assert again.call("config") is not None
    assert node.call("config") is None, "the old key ended"
    assert shown(server, node.name) == {("curl", "1.0-1")}


def test_nobody_takes_over_a_known_device_by_its_hardware(server: ServerProcess, node: Node) -> None:
    clone = Node(server, "clone", server.enrolment_token(), serial=f"SN-{node.name}")
    assert not clone.enroll()
    assert server.get("/api/v1/devices?search=clone")["total"] == 0


def test_results_without_a_beginning_ask_for_everything(server: ServerProcess, node: Node) -> None:
    epoch = node.call("config")["options"]["schedule_epoch"]
    node.log(line("weakspot/deb_packages", deb("curl"), counter=8, at=1000, epoch=epoch))
    assert shown(server, node.name) == set()
    assert node.call("config")["options"]["schedule_epoch"] == epoch + 1


def test_carves_and_other_methods_are_refused(server: ServerProcess, node: Node) -> None:
    status, answer = node.post("carve/begin", {"node_key": node.key, "carve_size": 1})
    assert status == 403
    assert "error" in answer
    assert server.request("GET", "/api/osquery/config").status == 405


@pytest.mark.full
def test_too_much_is_told_to_wait(server: ServerProcess, node: Node) -> None:
    for _ in range(200):
        status, answer = node.post("config", {"node_key": node.key})
        if status == 429:
            break
    assert status == 429
    assert "wait" in answer["error"].lower()


def test_malformed_messages_change_nothing(server: ServerProcess, node: Node) -> None:
    bomb = gzip.compress(b"0" * 200_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert server.request("POST", "/api/osquery/log", raw=bomb, headers=headers).status == 413
    for body in (b"", b"[]", b"{", b'{"node_key": 5}', b'{"node_key":"x","log_type":"result","data":[5]}',
                 b'{"a":' * 50_000):  # fmt: skip
        reply = server.request("POST", "/api/osquery/log", raw=body, headers={"Content-Type": "application/json"})
        assert reply.status in (200, 400, 413, 422), body[:20]
        assert "error" in reply.json or reply.json == {"node_invalid": True}
    assert shown(server, node.name) == set()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that others could reach: it speaks TLS with a certificate of its own authority."""
    folder = tmp_path_factory.mktemp("tls")
    with running(folder / "data", ("serve", "--host", "0.0.0.0")) as found:
        yield found


def test_the_flag_file_and_the_authority_are_enough_to_trust_the_server(secured: ServerProcess, tmp_path: Path) -> None:
    done = secured.cli("agents", "osquery-flags", "--folder", str(tmp_path))
    assert done.returncode == 0, done.stderr
    flags = dict(
        one.removeprefix("--").split("=", 1) for one in (tmp_path / "osquery.flags").read_text().splitlines() if one
    )
    context = ssl.create_default_context(cafile=flags["tls_server_certs"])
    host, _, port = flags["tls_hostname"].partition(":")
    secret = Path(flags["enroll_secret_path"]).read_text().strip()
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=20)
    body = {"enroll_secret": secret, "host_identifier": "tls-node", "host_details": FACTS}
    connection.request("POST", flags["enroll_tls_endpoint"], json.dumps(body), {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert answer["node_key"].startswith("wsn_")
