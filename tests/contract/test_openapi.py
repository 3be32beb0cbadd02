"""docs/openapi.json is what the code declares, and what is declared is valid OpenAPI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from weakspot.api import openapi

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == openapi.encoded(), "run: python -m weakspot.api.openapi > docs/openapi.json"


def test_references_resolve_and_operations_are_complete() -> None:
    document = json.loads(openapi.encoded())
    schemas = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    ids = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"] not in ids
            ids.add(operation["operationId"])
            assert operation["summary"]
            assert all(
                scheme in document["components"]["securitySchemes"] for one in operation["security"] for scheme in one
            )
            placeholders = {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert placeholders == {one["name"] for one in operation["parameters"] if one["in"] == "path"}, (
                path,
                method,
            )
            assert any(status.startswith("2") for status in operation["responses"])


def test_every_schema_of_ours_is_described() -> None:
    document = json.loads(openapi.encoded())
    bare = [name for name, schema in document["components"]["schemas"].items() if not schema.get("description")]
    assert bare == []


def references(document: Any) -> set[str]:
    if isinstance(document, dict):
        own = {document["$ref"]} if isinstance(document.get("$ref"), str) else set()
        return own.union(*(references(value) for value in document.values()))
    if isinstance(document, list):
        return set().union(*(references(value) for value in document))
    return set()
