"""weakspot.workflows.bundles: keys are private, trust is given once and by fingerprint, and nothing else gets in."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.workflows import bundle_feeds, feeds_folder, import_feeds


def quiet(*_: object) -> None:
    pass


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / "own").mkdir(parents=True, exist_ok=True)
        (folder / "own" / f"{name}.json").write_text(text, "utf-8")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The data folder of a connected instance."""
    write(feeds_folder(tmp_path / "here"), a='{"id": "ACME-1"}')
    return tmp_path / "here"


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


def test_a_key_is_trusted_once_and_by_its_fingerprint(here: Path, tmp_path: Path) -> None:
    there, file = tmp_path / "there", tmp_path / "b.zip"
    written = bundle_feeds(here, file, None, None, 0, quiet)
    with pytest.raises(InvalidField, match=written.fingerprint):
        import_feeds(there, file, None, quiet)
    with pytest.raises(InvalidField, match="not by the key that you trust"):
        import_feeds(there, file, "0" * 64, quiet)
    assert not feeds_folder(there).exists()
    assert import_feeds(there, file, written.fingerprint.upper(), quiet).changed == 1
    write(feeds_folder(here), b='{"id": "ACME-2"}')
    again = bundle_feeds(here, tmp_path / "d.zip", None, file, 1, quiet)
    assert again.fingerprint == written.fingerprint
    assert import_feeds(there, tmp_path / "d.zip", None, quiet).changed == 1
    assert sorted(path.name for path in (feeds_folder(there) / "own").iterdir()) == ["a.json", "b.json"]
    assert modes(here / "keys") | modes(there / "keys") == {0o600}


def test_an_instance_trusts_its_own_bundles(here: Path, tmp_path: Path) -> None:
    bundle_feeds(here, tmp_path / "b.zip", None, None, 0, quiet)
    assert import_feeds(here, tmp_path / "b.zip", None, quiet).changed == 0


def test_a_bundle_that_fails_is_not_trusted_by_the_way(here: Path, tmp_path: Path) -> None:
    there, whole, delta = tmp_path / "there", tmp_path / "w.zip", tmp_path / "d.zip"
    key = bundle_feeds(here, whole, None, None, 0, quiet).fingerprint
    bundle_feeds(here, delta, None, whole, 1, quiet)
    with pytest.raises(Exception, match="import its base first"):
        import_feeds(there, delta, key, quiet)
    with pytest.raises(InvalidField, match="not trusted here"):
        import_feeds(there, whole, None, quiet)


def test_nothing_to_bundle_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="feeds sync"):
        bundle_feeds(tmp_path, tmp_path / "b.zip", None, None, 0, quiet)


def test_a_target_that_cannot_be_written_is_said(here: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="cannot be written"):
        bundle_feeds(here, tmp_path / "nowhere" / "b.zip", None, None, 0, quiet)


def test_a_damaged_key_is_told_and_not_replaced(here: Path, tmp_path: Path) -> None:
    (here / "keys").mkdir()
    (here / "keys" / "bundle.pem").write_text("gone", "utf-8")
    with pytest.raises(Conflict, match="no signing key"):
        bundle_feeds(here, tmp_path / "b.zip", None, None, 0, quiet)
    assert (here / "keys" / "bundle.pem").read_text("utf-8") == "gone"
