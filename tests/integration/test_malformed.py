"""Bad input against a running server: never a 5xx, never a change of state, always an answer that says what to do."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.test_feeds import advisory
from tests.support.device import RealDevice, digest, package
from tests.support.server import Reply, ServerProcess

GENERATED = 120
# Written by requests of the tests themselves, or by time: who asked what, when a device was last seen, and that its
# sensor was refused.
NOT_STATE = {"access_audit", "inventory_device_seen", "scoring_score_point", "access_session", "inventory_trouble"}
WRONG: list[Any] = [
    None,
    True,
    3,
    -1,
    1e400,
    "",
    "x",
    "x" * 5000,
    [],
    [[]],
    {},
    {"a": {"b": {}}},
    "\x00",
    "ÿ\u202e",
    2**70,
]


@pytest.fixture(scope="module")
def device(server: ServerProcess) -> RealDevice:
    """A device with an inventory that must stay as it is."""
    found = RealDevice(server, "unharmed")
    found.report(package("alpha"), package("beta"))
    return found


def state(server: ServerProcess) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that input can change."""
    with closing(sqlite3.connect(f"file:{server.data / 'weakspot.db'}?mode=ro", uri=True)) as conn:
        tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(conn.execute(f"SELECT * FROM {name}"), key=repr) for name in tables if name not in NOT_STATE
        }


@pytest.fixture
def unchanged(server: ServerProcess, device: RealDevice) -> Iterator[None]:
    """The database is the same before and after."""
    before = state(server)
    yield
    after = state(server)
    assert {name for name in after if after[name] != before.get(name)} == set()


def problem(reply: Reply, what: object) -> None:
    """The answer is a problem document whose detail says something."""
    assert 400 <= reply.status < 500, (reply.status, reply.body[:300], str(what)[:300])
    assert reply.headers["content-type"].startswith("application/problem+json"), (reply.headers, str(what)[:300])
    document = reply.json
    assert document["status"] == reply.status
    assert document["type"].rpartition("/")[2]
    assert len(document["detail"]) > 15, document
    assert "Traceback" not in document["detail"]


def spoiled(report: dict[str, Any], rng: random.Random) -> tuple[Any, str]:
    """The report with one value somewhere replaced, removed or doubled; and what was done."""
    copy = json.loads(json.dumps(report))
    path: list[Any] = []
    here: Any = copy
    while isinstance(here, dict | list) and here and (not path or rng.random() < 0.75):
        key = rng.choice(list(here)) if isinstance(here, dict) else rng.randrange(len(here))
        parent, here = here, here[key]
        path.append(key)
    how = rng.choice(["replace", "replace", "remove"])
    if how == "remove":
        del parent[path[-1]]
    else:
        parent[path[-1]] = rng.choice([one for one in WRONG if one != here])
    return copy, f"{how} {path}"


def test_generated_reports_change_nothing(device: RealDevice, unchanged: None) -> None:
    """Wrong types, missing fields, NUL, huge numbers, ... anywhere in a report that would otherwise be good.

    A change that leaves a good report (an unknown member, another free text) would be accepted, so the digest is wrong
    in each of them too.
    """
    rng = random.Random(20_261_122)
    for _ in range(GENERATED):
        good = device.full([package("alpha"), package("gamma", "2.0-1")], digest="ab" * 32)
        bad, how = spoiled(good, rng)
        body = json.dumps(bad).encode()
        reply = (
            device.send_raw(gzip.compress(body, 1))
            if rng.random() < 0.5
            else device.send_raw(body, Content_Encoding="")
        )
        problem(reply, how)


def bodies() -> dict[str, bytes]:
    """Bodies that are no report at all."""
    deep = b"[" * 100_000 + b"]" * 100_000
    rng = random.Random(3)
    return {
        "empty": b"",
        "gzip of nothing": gzip.compress(b""),
        "not gzip": b"this is not gzip",
        "cut off": gzip.compress(b'{"schema": 1}' * 50)[:-12],
        "wrong checksum": gzip.compress(b"{}")[:-8] + b"\x00" * 8,
        "two members": gzip.compress(b"{}") + gzip.compress(b"{}"),
        "something after": gzip.compress(b"{}") + b"tail",
        "zlib, not gzip": zlib.compress(b"{}"),
        "no JSON": gzip.compress(b"<report/>"),
        "half of a JSON": gzip.compress(b'{"schema": 1, '),
        "a list": gzip.compress(b"[]"),
        "a number": gzip.compress(b"1"),
        "null": gzip.compress(b"null"),
        "twice": gzip.compress(b"{}{}"),
        "deep": gzip.compress(deep),
        "deep objects": gzip.compress(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        "latin-1": gzip.compress(b'{"schema": "\xe4\xf6"}'),
        "utf-16": gzip.compress('{"schema": 1}'.encode("utf-16")),
        "byte order mark": gzip.compress(b"\xef\xbb\xbf{}"),
        "lone surrogate": gzip.compress(b'{"schema": "\\ud800"}'),
        "NaN": gzip.compress(b'{"schema": NaN}'),
        "long number": gzip.compress(b'{"schema": ' + b"9" * 100_000 + b"}"),
        "bomb": gzip.compress(b" " * 80_000_000, 9),
        "duplicate keys": gzip.compress(b'{"schema": 1, "schema": 2}'),
        **{f"noise {n}": rng.randbytes(rng.randrange(1, 5000)) for n in range(10)},
        **{f"compressed noise {n}": gzip.compress(rng.randbytes(rng.randrange(1, 5000))) for n in range(5)},
    }


@pytest.mark.parametrize("name", sorted(bodies()))
def test_bodies_that_are_no_report(device: RealDevice, name: str) -> None:
    problem(device.send_raw(bodies()[name]), name)


def test_a_body_over_the_limit_is_refused(device: RealDevice, unchanged: None) -> None:
    noise = random.Random(1).randbytes(17 * 1024 * 1024)
    try:
        reply = device.send_raw(noise)
    except OSError:
        return  # refused while it was still being sent
    assert reply.status == 413
    problem(reply, "17 MiB")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Encoding": "br"},
        {"Content_Encoding": "gzip, gzip"},
        {"Content_Encoding": "\x00"[:0] + "identity;q=1"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/xml"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wsd_" + "x" * 43},
        {"Authorization": "Bearer " + "x" * 3000},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer ünïcödé"},
    ],
)
def test_headers_that_do_not_fit(device: RealDevice, unchanged: None, headers: dict[str, str]) -> None:
    given = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    problem(device.send(device.full([package("gamma")]), **given), headers)


def consistent_but_wrong() -> dict[str, Callable[[RealDevice], dict[str, Any]]]:
    """Reports that are well formed and contradict themselves or what is stored."""
    one, two = package("alpha"), package("gamma")
    return {
        "wrong digest": lambda d: d.full([one], digest="0" * 64),
        "listed twice": lambda d: d.full([one, one]),
        "of a future version": lambda d: d.full([one], schema=2),
        "from the future": lambda d: d.full([one], observed_at="2999-01-01T00:00:00.000000Z"),
        "delta with software": lambda d: d.delta([two], [], software=[one]),
        "full with removed": lambda d: d.full([one], removed=[one]),
        "delta from elsewhere": lambda d: d.delta([two], [], base_digest="0" * 64),
        "delta to elsewhere": lambda d: d.delta([two], [], digest="0" * 64),
        "removes what is not there": lambda d: d.delta([], [two]),
        "sequence of the past": lambda d: d.full([one], sequence=1),
        "too many items": lambda d: d.full([package(f"p{n}") for n in range(50_001)]),
        "too many paths": lambda d: d.full([one | {"paths": ["/a"] * 21}]),
        "long name": lambda d: d.full([package("n" * 1025)]),
        "NUL in a name": lambda d: d.full([package("a\x00b")]),
        "unknown type": lambda d: d.full([one | {"type": "Not A Type"}]),
    }


@pytest.mark.parametrize("name", sorted(consistent_but_wrong()))
def test_reports_that_contradict_what_is_known(device: RealDevice, unchanged: None, name: str) -> None:
    problem(device.send(consistent_but_wrong()[name](device)), name)


def test_a_report_of_another_device_is_refused(server: ServerProcess, device: RealDevice) -> None:
    other = RealDevice(server, "other")
    before = state(server)
    reply = device.send(device.full([package("gamma")], device=other.described))
    assert reply.status == 409
    problem(reply, "foreign")
    assert reply.json["field"] == "device.hardware_ids"
    after = state(server)
    # That one key speaks for two devices may be noted by now, as a question to an administrator; nothing else changes.
    assert {name for name in after if after[name] != before[name]} <= {"inventory_identity_event"}
    deadline = time.monotonic() + 60
    while not server.get("/api/v1/identity-findings"):  # or it would be noted in the middle of another test
        assert time.monotonic() < deadline, "an administrator is not asked about the key"
        time.sleep(0.05)


def test_the_field_at_fault_is_named(device: RealDevice) -> None:
    item = package("alpha") | {"version": 7}
    reply = device.send(device.full([]) | {"software": [item], "digest": digest([])})
    assert reply.status == 422
    assert reply.json["field"].startswith("software")
    assert "version" in reply.json["field"]


PATHS = ("weaknesses", "software", "devices", "weaknesses/CVE-2099-0001/devices", "search", "knowledge", "dashboard")
QUERIES = [
    "page=0", "page=-1", "page=x", "page=1.5", "page=99999999999999999999", "page=1&page=2", "page_size=0",
    "page_size=100000", "page_size=%00", "sort=nothing", "sort=", "sort=--name", "nonsense=1", "severity=Purple",
    "search=" + "x" * 3000, "page=%F0%28%8C%28", "%FF=%FF", "=", "page==1", "a" * 9000 + "=1",
    "&".join(f"k{n}=1" for n in range(300)), "sort=name;drop", "page[]=1", "unknown=%27%20OR%201=1--",
]  # fmt: skip


def test_query_strings_that_cannot_be_used(server: ServerProcess, unchanged: None) -> None:
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    for path in PATHS:
        for query in QUERIES:
            reply = server.request("GET", f"/api/v1/{path}?{query}", headers=headers)
            assert reply.status < 500, (path, query, reply.body[:300])
            if reply.status >= 400:
                problem(reply, (path, query))
            if query in ("nonsense=1", "%FF=%FF", "page=x"):
                assert reply.status >= 400, (path, query)


COMPATIBLE = [
    "$filter=" + quote(text)
    for text in (
        "(", ")", "name eq", "eq 'x'", "name eq 'x", "nothing eq 1", "name eq name eq name", "not", "'" * 99,
        "(" * 500, "name eq '" + "x" * 5000 + "'", " and ".join(["name eq 'x'"] * 500), "name lt null", "1 eq 1",
        "startswith(name)", "startswith(name,'x'", "contains()", "name eq \x00", "healthStatus in ()",
    )
] + [
    "$top=-1", "$top=x", "$top=99999999999", "$skip=-1", "$skip=x", "$orderby=nothing", "$orderby=", "$select=nothing",
    "$count=perhaps", "$expand=all", "$unknown=1", "$top=1&$top=2", "$filter=%FF%FE", "$orderby=" + quote("name up"),
]  # fmt: skip


def test_filters_of_the_compatible_api(server: ServerProcess, device: RealDevice) -> None:
    token = server.admin("POST", "/api/v1/admin/api-tokens", {"name": "malformed"}).json["token"]
    before = state(server)
    for number, query in enumerate(COMPATIBLE):
        path = ("machines", "vulnerabilities", "Software")[number % 3]
        reply = server.request("GET", f"/api/{path}?{query}", headers={"Authorization": f"Bearer {token}"})
        assert reply.status < 500, (path, query, reply.body[:300])
        if reply.status >= 400:
            error = reply.json["error"]
            assert error["code"]
            assert len(error["message"]) > 10
    assert state(server) == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing/here", 404),
        ("DELETE", "/api/v1/weaknesses", 405),
        ("GET", "/api/sensor/v1/reports", 405),
        ("POST", "/api/sensor/v1/nothing", 404),
        ("GET", "/api/v1/devices/" + "z" * 40, 404),
        ("GET", "/api/v1/devices/%00", 404),
        ("GET", "/api/v1/devices/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/api/v1/weaknesses/" + "C" * 4000, 404),
        ("GET", "/api/v1/weaknesses/%FF%FE", 404),
    ],
)
def test_paths_that_lead_nowhere(server: ServerProcess, unchanged: None, method: str, path: str, status: int) -> None:
    reply = server.request(method, path, headers={"Authorization": f"Bearer {server.admin_token}"})
    assert 400 <= reply.status < 500, reply.body
    problem(reply, path)


def feeds() -> dict[str, bytes]:
    """Files for a mirror's ``own`` folder that hold no advisory that can be used."""
    good = advisory("TEST-2099-7000", "alpha", "9.0-1")
    return {
        "empty": b"",
        "no JSON": b"<xml/>",
        "half": json.dumps(good).encode()[:-20],
        "a list": b"[1, 2]",
        "a number": b"7",
        "without id": json.dumps({k: v for k, v in good.items() if k != "id"}).encode(),
        "id of another type": json.dumps(good | {"id": 7}).encode(),
        "affected of another type": json.dumps(good | {"affected": "all"}).encode(),
        "deep": b"[" * 100_000 + b"]" * 100_000,
        "noise": random.Random(5).randbytes(4000),
        "latin-1": b'{"id": "TEST-\xe4"}',
        "lone surrogate": b'{"id": "TEST-\\ud800", "modified": "2026-01-01T00:00:00Z"}',
    }


def knowledge(server: ServerProcess) -> dict[str, Any]:
    """Advisories and all that follows from them. (That a file was put into quarantine is recorded, and is to be.)"""
    kept = ("intel_advisory", "intel_vulnerability", "intel_affected_range", "matching_match")
    return {name: rows for name, rows in state(server).items() if name in kept}


@pytest.mark.parametrize("name", sorted(feeds()))
def test_feeds_that_cannot_be_read_say_so_and_change_nothing(
    server: ServerProcess, device: RealDevice, tmp_path: Path, name: str
) -> None:
    before = knowledge(server)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "bad.json").write_bytes(feeds()[name])
    (outcome,) = server.sync(tmp_path, "own")
    assert outcome["counts"].get("quarantined") or (outcome["status"] == "failed" and outcome["reason"]), outcome
    assert "Traceback" not in outcome["reason"]
    assert knowledge(server) == before


def test_one_bad_advisory_does_not_spoil_its_neighbours(
    server: ServerProcess, device: RealDevice, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "bad.json").write_bytes(b"<xml/>")
    good = advisory("TEST-2099-7001", "alpha", "9.0-1")
    (tmp_path / "own" / "good.json").write_text(json.dumps(good), "utf-8")
    (outcome,) = server.sync(tmp_path, "own")
    assert (outcome["counts"]["added"], outcome["status"]) == (1, "partly")


def test_after_all_that_the_server_is_well(server: ServerProcess, device: RealDevice) -> None:
    device.sequence += 1000
    device.report(package("alpha"), package("beta"), package("delta"))
    assert {name for name, _ in device.software()} == {"alpha", "beta", "delta"}
    assert server.cli("check").returncode == 0
    assert "Traceback" not in server.log, server.log[server.log.index("Traceback") - 500 :][:4000]
