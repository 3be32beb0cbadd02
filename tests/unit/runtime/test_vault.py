"""Secrets at rest."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from weakspot.runtime.errors import Unavailable
from weakspot.runtime.vault import KEY_FILE, Vault

SECRETS = {"token": "hunter2", "name": "ünïcode"}


def test_what_is_sealed_opens_for_its_purpose_alone(tmp_path: Path) -> None:
    sealed = Vault(tmp_path).seal(SECRETS, "tracker:1")
    assert Vault(tmp_path).open(sealed, "tracker:1") == SECRETS
    for wrong, purpose in ((sealed, "tracker:2"), (sealed[:-1] + b"x", "tracker:1"), (b"", "tracker:1")):
        with pytest.raises(Unavailable):
            Vault(tmp_path).open(wrong, purpose)


def test_nothing_shows_in_what_is_stored(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    one, two = vault.seal(SECRETS, "x"), vault.seal(SECRETS, "x")
    assert b"hunter2" not in one
    assert one != two
    assert "hunter2" not in repr(vault)


def test_the_key_is_its_owners_alone_and_is_needed(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    sealed = vault.seal(SECRETS, "x")
    path = tmp_path / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        Vault(tmp_path).open(sealed, "x")
    path.unlink()
    with pytest.raises(Unavailable, match="missing or damaged"):
        Vault(tmp_path).open(sealed, "x")
    assert not path.exists()  # a lost key is not silently replaced
    path.write_text("not base64!")
    path.chmod(0o600)
    with pytest.raises(Unavailable, match="damaged"):
        Vault(tmp_path).open(sealed, "x")
