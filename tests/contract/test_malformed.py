"""Whatever is sent: never a fault of ours, never a change, always a text that says what to do."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from tests.support.asgi import Answered
from tests.support.served import Sensor, Served, serving
from weakspot.api import openapi
from weakspot.runtime.database import metadata

CASES = 150
TEXTS = [
    *("", "0", "-1", "NaN", "1e999", "9" * 300, "null", "'", '"', "';--", "%00", "%ff", "%F0%9F%92%A9", "../.."),
    *("\\", "<script>", "${jndi:x}", "{{7*7}}", "a" * 5000, "true", "[]", "é", "%E2%80%AE", "x,y,,z", "-name"),
    *("$filter", "id eq 'x'", "+", "%20", "2024-13-45"),
]
VALUES: list[Any] = [
    *(None, True, -1, 0, 1.5, 1 << 70, 1e308, "", "x" * 2000, "\x00", "\ud800", [], [[]], {}, {"a": {}}),
    *(["x"] * 60, "2024-01-01"),
]


def _rows(table: sa.Table) -> sa.Select[Any]:
    query = sa.select(table)
    match table.name:
        case "access_audit":
            return query.where(table.c.action != "sensor.refused")
        case "inventory_trouble":
            return query.where(table.c.kind != "refused")
    return query


class Harness:
    """An application with one device, and a picture of all that is stored."""

    def __init__(self, served: Served, sensor: Sensor) -> None:
        self.served = served
        self.sensor = sensor
        self.document = json.loads(openapi.encoded())

    def stored(self) -> dict[str, int]:
        """Rows of each table and the sum of what is in them; that a sensor was refused may be noted."""
        with self.served.application.database.read() as connection:
            return {
                table.name: hash(tuple(sorted(repr(tuple(row)) for row in connection.execute(_rows(table)))))
                for table in metadata.sorted_tables
            }

    def paths(self, method: str) -> list[tuple[str, dict[str, Any]]]:
        """(path, operation) with this method; streams are left out, as they do not end."""
        return [
            (path, methods[method])
            for path, methods in self.document["paths"].items()
            if method in methods and not path.endswith(("/events", "/feeds/sync", "/check", "/rebuild"))
        ]


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    folder: Path = tmp_path_factory.mktemp("malformed")
    with serving(folder) as served:
        served.load_starter()
        sensor = served.enrol()
        sensor.report(("openssl", "3.0.9-1"), ("curl", "7.88.1-10"))
        served.settle()
        yield Harness(served, sensor)


def check(answered: Answered, case: object) -> None:
    assert answered.status < 500, (case, answered.body)
    if answered.status >= 400 and answered.body:  # HEAD has none
        told = answered.json
        text = told["error"]["message"] if "error" in told else told["detail"]
        assert len(text) >= 15, (case, text)
        assert text.isprintable(), (case, text)
        assert "Traceback" not in text


@pytest.mark.parametrize("seed", range(4))
def test_query_strings_and_paths(harness: Harness, seed: int) -> None:
    chance = random.Random(seed)
    before = harness.stored()
    reads = harness.paths("get")
    for _ in range(CASES):
        path, operation = chance.choice(reads)
        for name in ("{id}", "{name}"):
            good = harness.sensor.device_id if name == "{id}" else "CVE-2023-38545"
            text = good if chance.random() < 0.5 else quote(chance.choice(TEXTS), safe="%") or "-"
            path = path.replace(name, text)
        names = [one["name"] for one in operation["parameters"] if one["in"] == "query"] + ["unknown", "", "page[]"]
        pairs = [
            f"{quote(chance.choice(names), safe='$[]')}={quote(chance.choice(TEXTS), safe='%,')}"
            for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 120]))
        ]
        target = path + "?" + chance.choice(["&", "&", ";"]).join(pairs)
        harness.served.clock.forward(1)
        check(harness.served.call(chance.choice(["GET", "GET", "HEAD"]), target[:9000]), target[:300])
    assert harness.stored() == before


@pytest.mark.parametrize("seed", range(2))
def test_bodies(harness: Harness, seed: int) -> None:
    chance = random.Random(seed)
    before = harness.stored()
    writes = [(path, operation) for path, operation in harness.paths("post") if "requestBody" in operation]
    for _ in range(CASES):
        path, operation = chance.choice([one for one in writes if not is_file(one[1])])
        body = spoiled(chance, harness.document, operation["requestBody"]["content"]["application/json"]["schema"])
        headers = dict(harness.sensor.headers if "/sensor/" in path else harness.served.admin)
        headers["content-type"] = "application/json"
        harness.served.clock.forward(5)
        answered = harness.served.client.request("POST", path, headers=headers, body=body)
        check(answered, (path, body[:300]))
        assert answered.status >= 400, (path, body[:300])
    assert harness.stored() == before


def is_file(operation: dict[str, Any]) -> bool:
    """Whether a body is a foreign document: one that cannot be read is told in the answer."""
    return all(one["schema"].get("format") == "binary" for one in operation["requestBody"]["content"].values())


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff" * 50, b"[" * 50_000, b"PK\x03\x04nothing", b"\x1f\x8b\x08", b"\x00"]
)
def test_files(harness: Harness, body: bytes) -> None:
    before = harness.stored()
    writes = [(path, operation) for path, operation in harness.paths("post") if "requestBody" in operation]
    for path, operation in writes:
        if is_file(operation):
            target = path.replace("{id}", harness.sensor.device_id)
            answered = harness.served.client.request("POST", target, headers=dict(harness.served.admin), body=body)
            check(answered, (path, body[:50]))
            assert answered.status >= 400 or answered.json["devices"] == [], path
    assert harness.stored() == before


def spoiled(chance: random.Random, document: dict[str, Any], schema: dict[str, Any]) -> bytes:
    """A body that cannot be right: damaged JSON, or one value of a wrong kind."""
    good = example(document, schema)
    kind = chance.randrange(4)
    if kind == 0:
        text = json.dumps(good).encode()
        return text[: chance.randrange(len(text))]
    if kind == 1:
        return json.dumps(chance.choice([[], "x", 7, None, [good]])).encode()
    if kind == 2:
        return bytes(chance.randrange(128, 256) for _ in range(50))
    place: Any = good
    while True:
        key = chance.choice(list(place) or ["extra"]) if isinstance(place, dict) else 0
        if isinstance(place.get(key) if isinstance(place, dict) else place[0], dict) and chance.random() < 0.7:
            place = place[key]
            continue
        place[key] = {"wrong": [chance.choice(VALUES)]}
        return json.dumps(good).encode()


def example(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Something that the schema allows, as small as can be."""
    if "$ref" in schema:
        return example(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return example(document, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: example(document, part) for name, part in schema.get("properties", {}).items()}
    return {"string": "x" * schema.get("minLength", 1), "integer": schema.get("minimum", 0), "array": []}.get(kind)
