"""Own certificates: trusted by who trusts the authority, renewed in time, never readable by others."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest

from weakspot.runtime import tls
from weakspot.runtime.clock import DAY, system_clock
from weakspot.runtime.errors import InvalidField

NAMES = frozenset({"localhost", "127.0.0.1", "::1", "weak.example.org"})


def shake_hands(files: tls.TlsFiles, name: str) -> str | None:
    """The TLS version agreed on by a client that trusts the authority alone."""
    context = ssl.create_default_context(cafile=str(files.authority))
    left, right = socket.socketpair()

    def serve() -> None:
        with tls.server_context(files).wrap_socket(right, server_side=True) as wrapped:
            wrapped.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with context.wrap_socket(left, server_hostname=name) as wrapped:
            wrapped.send(b"x")
            return wrapped.version()
    finally:
        left.close()
        thread.join()


def test_clients_that_trust_the_authority_accept_every_name(tmp_path: Path) -> None:
    files = tls.own_files(tmp_path, NAMES, system_clock())
    for name in ("localhost", "127.0.0.1", "weak.example.org"):
        assert shake_hands(files, name) == "TLSv1.3"
    assert len(files.fingerprint) == 64


def test_keys_are_private(tmp_path: Path) -> None:
    tls.own_files(tmp_path, NAMES, system_clock())
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}


def test_a_second_start_keeps_both(tmp_path: Path) -> None:
    now = system_clock()
    first = tls.own_files(tmp_path, NAMES, now)
    before = first.certificate.read_bytes()
    again = tls.own_files(tmp_path, NAMES, now + DAY)
    assert (again.fingerprint, again.certificate.read_bytes()) == (first.fingerprint, before)


@pytest.mark.parametrize(("days", "names"), [(380, NAMES), (1, NAMES | {"other.example.org"})])
def test_the_server_certificate_is_renewed_under_the_same_authority(
    tmp_path: Path, days: int, names: frozenset[str]
) -> None:
    now = system_clock()
    first = tls.own_files(tmp_path, NAMES, now)
    before = first.certificate.read_bytes()
    again = tls.own_files(tmp_path, names, now + days * DAY)
    assert again.fingerprint == first.fingerprint
    assert again.certificate.read_bytes() != before


def test_damaged_files_are_made_anew(tmp_path: Path) -> None:
    first = tls.own_files(tmp_path, NAMES, system_clock())
    first.key.write_text("garbage")
    again = tls.own_files(tmp_path, NAMES, system_clock())
    assert again.fingerprint == first.fingerprint
    assert shake_hands(again, "localhost")


def test_a_given_pair_is_checked(tmp_path: Path) -> None:
    own = tls.own_files(tmp_path / "a", NAMES, system_clock())
    other = tls.own_files(tmp_path / "b", NAMES, system_clock())
    assert tls.given_files(own.certificate, own.key).authority is None
    for certificate, key in ((own.certificate, other.key), (tmp_path / "none", own.key)):
        with pytest.raises(InvalidField, match="WEAKSPOT_TLS_CERTIFICATE"):
            tls.given_files(certificate, key)
