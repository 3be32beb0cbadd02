"""Secrets: made, hashed, compared and kept out of texts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from weakspot.runtime import secrets


def test_secrets_are_long_different_and_recognisable() -> None:
    made = {secrets.new_secret(secrets.API_TOKEN) for _ in range(100)}
    assert len(made) == 100
    assert all(one.startswith("wsa_") and len(one) == 47 for one in made)


@pytest.mark.parametrize(
    "text",
    [
        "token {} was refused",
        "Authorization: Bearer {}",
        "{{'cookie': 'weakspot_session={}'}}",
        "http://127.0.0.1:8484/#token={}",
    ],
)
def test_redact_blots_out_every_kind(text: str) -> None:
    for prefix in ("wsl_", "wss_", "wsa_", "wsc_", "wse_", "wsd_"):
        secret = secrets.new_secret(prefix)
        assert secret[8:] not in secrets.redact(text.format(secret))


def test_redact_leaves_other_text_alone() -> None:
    assert secrets.redact("bash 5.2.15 on news_server") == "bash 5.2.15 on news_server"
    assert "secret" not in secrets.redact("bearer foreign.secret.token")


def test_derived_secrets_differ_by_purpose() -> None:
    assert (
        len({secrets.derive("wss_a", "csrf"), secrets.derive("wss_a", "other"), secrets.derive("wss_b", "csrf")}) == 3
    )


def test_comparison_takes_any_text() -> None:
    assert secrets.is_same("é\udcff", "é\udcff")
    assert not secrets.is_same("a", "")


def test_private_files_are_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "run" / "token"
    for text in ("first", "second"):
        secrets.write_private(path, text)
        assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["token"]
