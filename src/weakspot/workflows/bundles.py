"""Carry intelligence to instances without a network: bundles, and the keys that sign them.

In the data folder: ``keys/bundle.pem`` is this instance's own signing key (made on first use, mode 0600);
``keys/trusted/<fingerprint>.pem`` are the keys whose bundles are taken in. A key gets there only when somebody names
its whole fingerprint; the instance's own key is always trusted.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from weakspot import intel
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.runtime.secrets import write_private


class BundleOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that was written or taken in. ``changed``: files that it holds that were not there before."""

    files: int
    changed: int
    fingerprint: str
    created_at: str


def feeds_folder(data: Path) -> Path:
    """Where a data folder keeps the last good copy of everything fetched or imported; laid out as a mirror."""
    return data / "feeds"


def bundle_feeds(
    data: Path, target: Path, mirror: Path | None, since: Path | None, now: Micros, progress: intel.Progress
) -> BundleOutcome:
    """Write a signed bundle of a mirror folder (None: of what this instance has fetched).

    since: an earlier bundle, whose content is left out. Raises NotFound where there is nothing to bundle,
    SourceUnavailable when ``since`` is no bundle, InvalidField when the target cannot be written.
    """
    folder = mirror or feeds_folder(data)
    if not folder.is_dir() or not intel.open_mirror(folder).readers:
        raise NotFound(
            f"There is no intelligence in {folder}; run `weakspot feeds sync` first, or name a mirror folder."
        )
    key = _own_key(data)
    try:
        manifest = intel.write_bundle(folder, target, key, now, progress, since)
    except OSError as error:
        raise InvalidField(f"{target} cannot be written: {error.strerror or error}.", field="file") from error
    told = intel.bundle_fingerprint(key.public_key())
    count = len(manifest.files)
    return BundleOutcome(files=count, changed=count, fingerprint=told, created_at=manifest.created_at)


def import_feeds(data: Path, bundle: Path, trust: str | None, progress: intel.Progress) -> BundleOutcome:
    """Verify a bundle and put its files into the data folder; the caller syncs from ``feeds_folder`` then.

    trust: fingerprint of the key to trust from now on; it must be the bundle's. Raises InvalidField (with the
    bundle's fingerprint) for a key that is not trusted, SourceUnavailable for a bundle that is not what was signed,
    Conflict while another import runs. Nothing is changed then.
    """
    key = intel.bundle_signer(bundle)
    fingerprint = intel.bundle_fingerprint(key)
    if trust is not None and trust.replace(":", "").strip().lower() != fingerprint:
        raise InvalidField(f"The bundle is signed by {fingerprint}, not by the key that you trust.", field="trust")
    trusted = _trusted_keys(data)
    if trust is None and fingerprint not in {intel.bundle_fingerprint(one) for one in trusted}:
        raise InvalidField(
            f"The bundle is signed by a key that is not trusted here: {fingerprint}. Compare it with what "
            "`weakspot feeds bundle` printed where the file was written, and repeat with --trust and the fingerprint.",
            field="trust",
        )
    with _alone(data):
        manifest, changed = intel.import_bundle(bundle, feeds_folder(data), [key], progress)
    if trust is not None:
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_private(_trusted_folder(data) / f"{fingerprint}.pem", pem.decode())
    return BundleOutcome(
        files=len(manifest.files), changed=changed, fingerprint=fingerprint, created_at=manifest.created_at
    )


def _own_key(data: Path) -> Ed25519PrivateKey:
    path = data / "keys" / "bundle.pem"
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(path, pem.decode())
        return made
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Conflict(f"{path} holds no signing key; move it away, and a new one is made.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Conflict(f"{path} is not an Ed25519 key; move it away, and a new one is made.")
    return key


def _trusted_folder(data: Path) -> Path:
    return data / "keys" / "trusted"


def _trusted_keys(data: Path) -> list[Ed25519PublicKey]:
    found = [_own_key(data).public_key()] if (data / "keys" / "bundle.pem").exists() else []
    for path in sorted(_trusted_folder(data).glob("*.pem")):
        try:
            key = load_pem_public_key(path.read_bytes())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Conflict(f"{path} holds no public key; remove it, and trust the key again.") from error
        if isinstance(key, Ed25519PublicKey):
            found.append(key)
    return found


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Two imports would clear away each other's files."""
    path = data / "keys" / "import.lock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Conflict("Another import runs; wait until it has finished.") from None
    finally:
        os.close(descriptor)
