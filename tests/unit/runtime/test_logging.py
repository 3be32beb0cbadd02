"""Log lines: one a record, never with a secret."""

from __future__ import annotations

import io
import json
import logging

import pytest

from weakspot.runtime import logging as log
from weakspot.runtime.secrets import SESSION, new_secret


@pytest.fixture(params=["text", "json"])
def lines(request: pytest.FixtureRequest) -> tuple[str, io.StringIO]:
    stream = io.StringIO()
    log.configure("debug", request.param, stream)
    return request.param, stream


def test_foreign_text_cannot_forge_a_line(lines: tuple[str, io.StringIO]) -> None:
    logging.getLogger("weakspot.test").warning("device %s", "x\n2026 ERROR forged", extra={"fields": {"name": "a\rb"}})
    written = lines[1].getvalue()
    assert written.count("\n") == 1
    assert "\r" not in written
    if lines[0] == "json":
        assert json.loads(written)["name"] == "a\rb"


def test_secrets_are_blotted_out_everywhere(lines: tuple[str, io.StringIO]) -> None:
    secret = new_secret(SESSION)
    try:
        raise ValueError(f"bad {secret}")
    except ValueError:
        logging.getLogger("weakspot.test").exception("failed for %s", secret, extra={"fields": {"cookie": secret}})
    written = lines[1].getvalue()
    assert secret not in written
    assert "[redacted]" in written
    assert "Traceback" in written
