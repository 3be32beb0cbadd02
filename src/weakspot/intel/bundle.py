"""Feeds in one signed file, for instances without a network.

A bundle is a zip: ``manifest.json`` (format, time, and for each file of the mirror folder its place, size and
SHA-256), ``manifest.sig`` (Ed25519 over the manifest's bytes, with the public key and its fingerprint; neither counts
for anything until the operator has said so), and ``blobs/<sha256>``: content once each. A *delta* leaves out what the
bundle it is based on has; the importing side must have that content in place already.

Importing verifies the signature against keys that the operator trusts, then every digest, and only then moves files
into place, so that a broken or foreign bundle changes nothing. Files that the manifest does not name are left alone.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import files
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import SourceUnavailable

FORMAT = 1
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
MAX_SIGNATURE_BYTES = 64 * 1024
MAX_BLOB_BYTES = 4 * 1024**3
_CHUNK = 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BundledFile(msgspec.Struct, frozen=True):
    """One file below the mirror folder."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a bundle holds. ``base``: SHA-256 of the manifest that a delta adds to; empty: whole."""

    format: int
    created_at: str
    files: tuple[BundledFile, ...]
    base: str = ""


class _Signature(msgspec.Struct, frozen=True):
    key: str
    signature: str
    public_key: str = ""


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the raw public key, in hexadecimal: what an operator compares."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def signer(bundle: Path) -> Ed25519PublicKey:
    """The key that a bundle says it is signed by; proves nothing before its fingerprint was compared. Raises
    SourceUnavailable when the bundle does not carry one.
    """
    with files.open_archive(bundle) as archive:
        told = _signature(_entry(archive, "manifest.sig", MAX_SIGNATURE_BYTES))
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(told.public_key, validate=True))
    except ValueError as error:
        raise SourceUnavailable("The bundle does not carry the key that it is signed by.") from error


def write_bundle(
    mirror: Path,
    target: Path,
    key: Ed25519PrivateKey,
    at: Micros,
    progress: Progress,
    base: Path | None = None,
) -> Manifest:
    """Write a bundle of a mirror folder; with ``base`` (an earlier bundle) only what is new since. Links are
    followed, hidden files are left out. The target appears when it is whole. Raises SourceUnavailable when the base
    is no bundle.
    """
    found = [_describe(mirror, path) for path in _files(mirror)]
    known: frozenset[str] = frozenset()
    base_digest = ""
    if base is not None:
        with files.open_archive(base) as archive:
            raw = _entry(archive, "manifest.json", MAX_MANIFEST_BYTES)
        known, base_digest = frozenset(f.sha256 for f in _manifest(raw).files), hashlib.sha256(raw).hexdigest()
    manifest = Manifest(FORMAT, to_iso(at), tuple(found), base_digest)
    raw = msgspec.json.encode(manifest)
    public = key.public_key()
    signature = _Signature(fingerprint(public), _text(key.sign(raw)), _text(public.public_bytes_raw()))
    partial = target.with_name(f".{target.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            archive.writestr(zipfile.ZipInfo("manifest.json", _EPOCH), raw)
            archive.writestr(zipfile.ZipInfo("manifest.sig", _EPOCH), msgspec.json.encode(signature))
            _write_blobs(archive, mirror, (f for f in found if f.sha256 not in known), progress, len(found))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _files(mirror: Path) -> Iterator[Path]:
    for path in sorted(mirror.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(mirror).parts):
            yield path


def _describe(mirror: Path, path: Path) -> BundledFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BundledFile(path.relative_to(mirror).as_posix(), path.stat().st_size, digest)


def _write_blobs(
    archive: zipfile.ZipFile, mirror: Path, wanted: Iterable[BundledFile], progress: Progress, total: int
) -> None:
    written: set[str] = set()
    for file in wanted:
        if file.sha256 in written:
            continue
        written.add(file.sha256)
        info = zipfile.ZipInfo(f"blobs/{file.sha256}", _EPOCH)
        with (mirror / file.path).open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
        progress(f"bundling {file.path}", len(written), total)


def import_bundle(
    bundle: Path, mirror: Path, trusted: Iterable[Ed25519PublicKey], progress: Progress
) -> tuple[Manifest, int]:
    """Verify a bundle and put its files into a mirror folder. The manifest, and how many files changed.

    Raises SourceUnavailable, having changed nothing in the folder's files, when the signature is not by a trusted
    key, a digest is wrong, or a delta's base is not in place.
    """
    with files.open_archive(bundle) as archive:
        raw = _entry(archive, "manifest.json", MAX_MANIFEST_BYTES)
        _verify(raw, _entry(archive, "manifest.sig", MAX_SIGNATURE_BYTES), trusted)
        manifest = _manifest(raw)
        staging = mirror / ".import"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            moves = list(_unpack(archive, manifest, mirror, staging, progress))
            for staged, place in moves:
                place.parent.mkdir(parents=True, exist_ok=True)
                staged.replace(place)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return manifest, len(moves)


def _entry(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise SourceUnavailable(f"The file is no bundle: it has no {name}.") from error
    if info.file_size > limit:
        raise SourceUnavailable(f"The bundle's {name} is larger than {limit} bytes.")
    try:
        return files.read_entry(archive, info)
    except files.Refused as error:
        raise SourceUnavailable(f"The bundle's {name} {error}.") from error


def _manifest(raw: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SourceUnavailable(f"The bundle's manifest cannot be read: {error}.") from error
    if manifest.format != FORMAT:
        raise SourceUnavailable(f"The bundle has format {manifest.format}; this version reads format {FORMAT}.")
    for file in manifest.files:
        hidden = any(part.startswith(".") for part in file.path.split("/"))
        if hidden or not files.is_safe_name(file.path) or not file.path or len(file.sha256) != 64:
            raise SourceUnavailable(f"The bundle names a place that is not below the folder: {file.path[:80]!r}.")
    return manifest


def _signature(raw: bytes) -> _Signature:
    try:
        return msgspec.json.decode(raw, type=_Signature)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SourceUnavailable("The bundle's signature cannot be read.") from error


def _verify(raw: bytes, signature: bytes, trusted: Iterable[Ed25519PublicKey]) -> None:
    keys = {fingerprint(key): key for key in trusted}
    told = _signature(signature)
    try:
        blob = base64.b64decode(told.signature, validate=True)
    except ValueError as error:
        raise SourceUnavailable("The bundle's signature cannot be read.") from error
    if told.key not in keys:
        raise SourceUnavailable(f"The bundle is signed by the key {told.key[:64]!r}, which is not trusted here.")
    try:
        keys[told.key].verify(blob, raw)
    except InvalidSignature as error:
        raise SourceUnavailable("The bundle's signature is wrong: its list of files was changed.") from error


def _unpack(
    archive: zipfile.ZipFile, manifest: Manifest, mirror: Path, staging: Path, progress: Progress
) -> Iterator[tuple[Path, Path]]:
    blobs = {info.filename.removeprefix("blobs/"): info for info in archive.infolist()}
    for number, file in enumerate(manifest.files, 1):
        place = mirror / file.path
        if place.is_file() and _describe(mirror, place).sha256 == file.sha256:
            continue
        info = blobs.get(file.sha256)
        if info is None:
            raise SourceUnavailable(f"{file.path} is in neither the bundle nor this instance; import its base first.")
        if info.file_size != file.size or file.size > MAX_BLOB_BYTES:
            raise SourceUnavailable(f"{file.path} is not as large as the bundle says.")
        staged = staging / str(number)
        _copy_verified(archive, info, file, staged)
        progress(f"importing {file.path}", number, len(manifest.files))
        yield staged, place


def _copy_verified(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: BundledFile, staged: Path) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(info) as source, staged.open("wb") as sink:
            while block := source.read(_CHUNK):
                size += len(block)
                if size > file.size:
                    break
                digest.update(block)
                sink.write(block)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise SourceUnavailable(f"{file.path} cannot be unpacked: {error}.") from error
    if size != file.size or digest.hexdigest() != file.sha256:
        raise SourceUnavailable(f"{file.path} is not what was signed.")
