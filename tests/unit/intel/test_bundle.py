"""Bundles: whole and delta, and that nothing that was not signed gets in."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weakspot.intel.bundle import BundledFile, Manifest, fingerprint, import_bundle, write_bundle
from weakspot.runtime.errors import SourceUnavailable

KEY = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
TRUSTED = [KEY.public_key()]


def quiet(*_: object) -> None:
    pass


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    for place, text in {"kev/a.json": "{}", "osv/PyPI/b.json": "[]", "osv/npm/c.json": "[]", ".state/x": "no"}.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, "utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


def rewrite(bundle: Path, **changed: bytes) -> None:
    """Replace entries of a bundle; a name with ``blob`` stands for the first blob."""
    with zipfile.ZipFile(bundle) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    blob = next(name for name in entries if name.startswith("blobs/"))
    names = {"manifest": "manifest.json", "signature": "manifest.sig", "blob": blob}
    entries.update({names[key]: body for key, body in changed.items()})
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, body in entries.items():
            archive.writestr(name, body)


def test_a_bundle_brings_the_folder_across(mirror: Path, tmp_path: Path) -> None:
    bundle, other = tmp_path / "b.zip", tmp_path / "other"
    manifest = write_bundle(mirror, bundle, KEY, 0, quiet)
    assert len(manifest.files) == 3
    _, changed = import_bundle(bundle, other, TRUSTED, quiet)
    assert changed == 3
    assert contents(other) == {"kev/a.json": "{}", "osv/PyPI/b.json": "[]", "osv/npm/c.json": "[]"}
    assert import_bundle(bundle, other, TRUSTED, quiet)[1] == 0


def test_the_same_folder_gives_the_same_bytes(mirror: Path, tmp_path: Path) -> None:
    write_bundle(mirror, tmp_path / "1.zip", KEY, 0, quiet)
    write_bundle(mirror, tmp_path / "2.zip", KEY, 0, quiet)
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_a_delta_holds_only_what_is_new_and_needs_its_base(mirror: Path, tmp_path: Path) -> None:
    whole, delta, other = tmp_path / "w.zip", tmp_path / "d.zip", tmp_path / "other"
    write_bundle(mirror, whole, KEY, 0, quiet)
    (mirror / "kev/a.json").write_text('{"new": 1}', "utf-8")
    write_bundle(mirror, delta, KEY, 1, quiet, base=whole)
    with zipfile.ZipFile(delta) as archive:
        assert sum(name.startswith("blobs/") for name in archive.namelist()) == 1
    with pytest.raises(SourceUnavailable, match="import its base first"):
        import_bundle(delta, other, TRUSTED, quiet)
    assert contents(other) == {}
    import_bundle(whole, other, TRUSTED, quiet)
    assert import_bundle(delta, other, TRUSTED, quiet)[1] == 1
    assert contents(other)["kev/a.json"] == '{"new": 1}'


def test_a_foreign_key_is_not_trusted(mirror: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    foreign = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
    write_bundle(mirror, bundle, foreign, 0, quiet)
    with pytest.raises(SourceUnavailable, match=fingerprint(foreign.public_key())[:20]):
        import_bundle(bundle, tmp_path / "other", TRUSTED, quiet)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"blob": b"xx"}, "not what was signed"),
        ({"blob": b"longer than before"}, "not as large"),
        ({"manifest": b'{"format":1,"created_at":"","files":[]}'}, "signature is wrong"),
        ({"signature": b"{}"}, "signature cannot be read"),
    ],
)
def test_what_was_changed_on_the_way_is_refused(
    mirror: Path, tmp_path: Path, changed: dict[str, bytes], reason: str
) -> None:
    bundle, other = tmp_path / "b.zip", tmp_path / "other"
    write_bundle(mirror, bundle, KEY, 0, quiet)
    rewrite(bundle, **changed)
    with pytest.raises(SourceUnavailable, match=reason):
        import_bundle(bundle, other, TRUSTED, quiet)
    assert contents(other) == {}


@pytest.mark.parametrize("place", ["../evil", "/etc/evil", ".state/x", "a/../../b", ""])
def test_a_signed_bundle_cannot_leave_its_folder_either(mirror: Path, tmp_path: Path, place: str) -> None:
    import base64

    bundle = tmp_path / "b.zip"
    write_bundle(mirror, bundle, KEY, 0, quiet)
    raw = msgspec.json.encode(Manifest(1, "", (BundledFile(place, 2, "0" * 64),)))
    signature = {"key": fingerprint(KEY.public_key()), "signature": base64.b64encode(KEY.sign(raw)).decode()}
    rewrite(bundle, manifest=raw, signature=msgspec.json.encode(signature))
    with pytest.raises(SourceUnavailable, match="not below the folder"):
        import_bundle(bundle, tmp_path / "other", TRUSTED, quiet)


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"hello")
    with pytest.raises(SourceUnavailable, match="not a whole zip"):
        import_bundle(tmp_path / "x.zip", tmp_path / "other", TRUSTED, quiet)
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(SourceUnavailable, match="no manifest"):
        import_bundle(tmp_path / "y.zip", tmp_path / "other", TRUSTED, quiet)
