"""Authenticated scans against a real SSH server on loopback that runs the commands on this machine."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import asyncssh
import pytest

from tests.support.server import ServerProcess
from weakspot.inventory.protocols.ssh import COMMANDS

PASSWORD = "correct horse"
LIST = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Version}\n"]

pytestmark = [
    pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="this machine has no dpkg"),
    pytest.mark.timeout(300),
]


class Login(asyncssh.SSHServer):
    """One user, by password or by key."""

    keys: Any = None

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("audit", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return self.keys is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "audit" and key.public_data == self.keys.public_data


class SshServer:
    """A server on a free port whose shell is this machine's; ``asked`` are the commands that it was given."""

    def __init__(self, key: asyncssh.SSHKey, port: int = 0, authorised: asyncssh.SSHKey | None = None) -> None:
        self.asked: list[str] = []
        self.replies: dict[str, bytes] = {}
        self._key, self._authorised = key, authorised
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(self._listen(port))
        self.port: int = self._server.get_port()

    def close(self) -> None:
        """Stop listening."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    async def _end(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _listen(self, port: int) -> Any:
        login = type("OwnLogin", (Login,), {"keys": self._authorised})
        return await asyncssh.create_server(
            login, "127.0.0.1", port, server_host_keys=[self._key], process_factory=self._run, encoding=None
        )

    async def _run(self, process: Any) -> None:
        command = process.command or ""
        self.asked.append(command)
        for start, reply in self.replies.items():
            if command.startswith(start):
                process.stdout.write(reply)
                process.exit(0)
                return
        done = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        output, _ = await done.communicate()
        process.stdout.write(output)
        process.exit(done.returncode or 0)


@pytest.fixture(scope="module")
def machine() -> Iterator[SshServer]:
    """This machine by SSH."""
    made = SshServer(asyncssh.generate_private_key("ssh-ed25519"))
    yield made
    made.close()


def installed() -> dict[str, str]:
    """What dpkg itself says is installed."""
    rows = [
        line.split("\t")
        for line in subprocess.run(LIST, capture_output=True, text=True, check=True).stdout.splitlines()
    ]
    return {name: version for status, name, version in rows if status[1] == "i"}


def add(server: ServerProcess, name: str, port: int, **fields: Any) -> int:
    """A scan of loopback."""
    body = {"name": name, "targets": ["127.0.0.1"], "username": "audit", "port": port, "every_hours": 0}
    return int(server.admin("POST", "/api/v1/scans", body | {"password": PASSWORD} | fields).json["id"])


def run(server: ServerProcess, scan: int) -> dict[str, Any]:
    """Run it by the command line, to its end; the newest run's only outcome."""
    (row,) = [one for one in server.get("/api/v1/scans") if one["id"] == scan]
    done = server.cli("ssh", "run", row["name"])
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = server.get(f"/api/v1/scans/{scan}/runs")[0]["outcomes"][0]
    return outcome


def test_a_device_without_an_agent_is_found(server: ServerProcess, machine: SshServer) -> None:
    scan = add(server, "this machine", machine.port)
    (tried,) = server.admin("POST", f"/api/v1/scans/{scan}/runs", {"kind": "test"}).json
    (outcome,) = tried["outcomes"]
    assert (outcome["status"], outcome["is_new_key"]) == ("reached", True)
    assert outcome["key"].startswith("SHA256:")
    assert server.get("/api/v1/devices")["total"] == 0, "a test records nothing"
    outcome = run(server, scan)
    assert (outcome["status"], outcome["is_new_key"]) == ("recorded", False)
    shown: dict[str, str] = {}
    page, total = 1, 1
    while (page - 1) * 500 < total:
        got = server.get(f"/api/v1/devices/{outcome['device_id']}/software?type=dpkg&page={page}&page_size=500")
        shown |= {row["software"]["name"]: row["version"] for row in got["items"]}
        page, total = page + 1, got["total"]
    assert shown == installed()
    again = run(server, scan)
    assert again["device_id"] == outcome["device_id"]
    server.settle()
    assert server.get("/api/v1/devices")["total"] == 1
    assert [one["kind"] for one in server.get(f"/api/v1/scans/{scan}/runs")] == ["asked", "asked", "test"]
    assert set(machine.asked) == set(COMMANDS.values()), "nothing but what only reads"


def test_another_key_is_refused_until_a_person_accepts_it(server: ServerProcess) -> None:
    first = SshServer(asyncssh.generate_private_key("ssh-ed25519"))
    scan = add(server, "changing", first.port)
    run(server, scan)
    first.close()
    second = SshServer(asyncssh.generate_private_key("ssh-ed25519"), first.port)
    try:
        outcome = run(server, scan)
        assert outcome["status"] == "key_changed"
        assert second.asked == []
        wrong = {"address": "127.0.0.1", "fingerprint": "SHA256:other"}
        headers = {"Authorization": f"Bearer {server.admin_token}"}
        assert server.request("POST", f"/api/v1/scans/{scan}/keys", wrong, headers=headers).status == 422
        done = server.cli("ssh", "trust", "changing", "127.0.0.1", outcome["key"])
        assert done.returncode == 0, done.stderr
        assert run(server, scan)["status"] in ("recorded", "waiting")
    finally:
        second.close()


def test_a_private_key_and_refused_credentials(server: ServerProcess) -> None:
    own = asyncssh.generate_private_key("ssh-ed25519")
    there = SshServer(asyncssh.generate_private_key("ssh-rsa", key_size=2048), authorised=own)
    try:
        text = own.export_private_key("openssh", passphrase="open sesame").decode()
        scan = add(server, "by key", there.port, password="", private_key=text, passphrase="open sesame")
        (tried,) = server.admin("POST", f"/api/v1/scans/{scan}/runs", {"kind": "test"}).json
        assert tried["outcomes"][0]["status"] == "reached", tried
        scan = add(server, "wrong password", there.port, password="wrong")
        (tried,) = server.admin("POST", f"/api/v1/scans/{scan}/runs", {"kind": "test"}).json
        assert tried["outcomes"][0]["status"] == "refused"
    finally:
        there.close()
    (tried,) = server.admin("POST", f"/api/v1/scans/{scan}/runs", {"kind": "test"}).json
    assert tried["outcomes"][0]["status"] == "unreachable"


def test_a_device_that_is_no_linux_or_floods_says_why(server: ServerProcess) -> None:
    there = SshServer(asyncssh.generate_private_key("ssh-ed25519"))
    try:
        scan = add(server, "odd", there.port)
        there.replies = {"cat /etc/os-release": b"nonsense"}
        (tried,) = server.admin("POST", f"/api/v1/scans/{scan}/runs", {"kind": "test"}).json
        assert tried["outcomes"][0]["status"] == "failed"
        assert "os-release" in tried["outcomes"][0]["reason"]
        there.replies = {"dpkg-query": b"x" * (80 << 20)}
        (tried,) = server.admin("POST", f"/api/v1/scans/{scan}/runs", {"kind": "test"}).json
        assert "too long" in tried["outcomes"][0]["reason"]
    finally:
        there.close()


def test_credentials_are_nowhere_to_be_read(server: ServerProcess, machine: SshServer) -> None:
    scan = add(server, "sealed", machine.port)
    listed = server.admin("GET", "/api/v1/scans").body + server.admin("GET", f"/api/v1/scans/{scan}/runs").body
    assert PASSWORD.encode() not in listed
    files = [path for path in server.data.rglob("*") if path.is_file()]
    assert not any(PASSWORD.encode() in path.read_bytes() for path in files)
    assert PASSWORD not in server.log
    server.admin("DELETE", f"/api/v1/scans/{scan}")
    assert scan not in {one["id"] for one in server.get("/api/v1/scans")}


def test_wrong_targets_are_refused_at_once(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    for targets in (["10.0.0.0/8"], ["10.0.0.9-10.0.0.1"], ["a b"], ["999.1.1.1"], []):
        body = {"name": "x", "targets": targets, "username": "u", "password": "p"}
        assert server.request("POST", "/api/v1/scans", body, headers=headers).status == 422, targets
