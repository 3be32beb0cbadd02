from __future__ import annotations

import datetime
import hashlib
import ipaddress
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.unit.sensor import http_support
from tests.unit.sensor.support import KEY
from weakspot_sensor import limits
from weakspot_sensor.errors import SettingsError, UnreachableError
from weakspot_sensor.transport import Answer, Client, Server, check_server, retry_after


@pytest.fixture
def loopback() -> Iterator[http_support.LoopbackServer]:
    with http_support.running() as server:
        yield server


def _heartbeat(server: Server, key: str = KEY) -> Answer:
    return Client(server, key).post("/api/sensor/v1/heartbeat", json.dumps({"digest": None}).encode())


def test_a_request_and_its_answer(loopback: http_support.LoopbackServer) -> None:
    answer = _heartbeat(Server(loopback.url + "/base"))
    assert (answer.status, answer.document, answer.retry_after) == (200, {"resync": True}, None)
    path, headers, _ = loopback.requests[0]
    assert path == "/base/api/sensor/v1/heartbeat"
    assert headers["authorization"] == "Bearer " + KEY
    assert headers["user-agent"].startswith("weakspot-sensor/")


def test_problems_are_named_and_explained(loopback: http_support.LoopbackServer) -> None:
    answer = _heartbeat(Server(loopback.url), "another key")
    assert (answer.status, answer.problem) == (401, "key-revoked")
    assert "key-revoked" in answer.explanation
    assert "another key" not in answer.explanation


@pytest.mark.parametrize("fault", ["drop after", "late"])
def test_no_answer_in_time_is_unreachable(
    loopback: http_support.LoopbackServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.1)
    loopback.plan = [fault]
    with pytest.raises(UnreachableError, match="cannot be reached"):
        _heartbeat(Server(loopback.url))


def test_a_server_that_is_down_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(UnreachableError, match="refused"):
        _heartbeat(Server(f"http://127.0.0.1:{port}"))


def test_what_is_no_json_object_is_an_empty_document(loopback: http_support.LoopbackServer) -> None:
    loopback.plan = ["html"]
    assert _heartbeat(Server(loopback.url)).document == {}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host", "https://name"),
        ("weakspot.example", "https://name"),
        ("http://weakspot.example", "same device only"),
        ("http://10.0.0.1", "same device only"),
        ("https://user:secret@host", "may hold"),
        ("https://host/?x=1", "may hold"),
        ("https://host:99999", "not a web address"),
        ("https://[::1", "not a web address"),
    ],
)
def test_addresses_that_are_refused(url: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        check_server(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8484", "http://localhost:1", "http://[::1]:5/x", "https://host/base"]
)
def test_addresses_that_are_accepted(url: str) -> None:
    assert check_server(url + "/").url == url


def test_fingerprints_are_normalised_and_checked() -> None:
    digits = "ab" * 32
    written = "SHA256:" + ":".join(["AB"] * 32)
    assert check_server("https://host", fingerprint=written).fingerprint == digits
    with pytest.raises(SettingsError, match="64 hex digits"):
        check_server("https://host", fingerprint="abcd")
    with pytest.raises(SettingsError, match="not both"):
        check_server("https://host", "PEM", digits)
    with pytest.raises(SettingsError, match="cannot be used"):
        Client(Server("https://host", "no certificate"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", 5.0),
        ("0", 1.0),
        ("999999999999", 3600.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    assert retry_after(value, 60.0) == expected


class Certificate:
    """A self-signed certificate for 127.0.0.1, and what a client needs to trust it."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.fingerprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.pem").write_text(self.pem + secret.decode())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "server.pem")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def secure(certificate: Certificate) -> Iterator[http_support.LoopbackServer]:
    with http_support.running(certificate.context) as server:
        yield server


def test_an_own_authority_is_trusted(secure: http_support.LoopbackServer, certificate: Certificate) -> None:
    assert _heartbeat(Server(secure.url, certificate.pem)).status == 200


def test_a_pinned_certificate_is_trusted(secure: http_support.LoopbackServer, certificate: Certificate) -> None:
    assert _heartbeat(Server(secure.url, "", certificate.fingerprint)).status == 200


def test_another_certificate_gets_no_byte_of_the_request(secure: http_support.LoopbackServer) -> None:
    for server in (Server(secure.url), Server(secure.url, "", "ab" * 32)):
        with pytest.raises(UnreachableError, match=r"certificate|CERTIFICATE"):
            _heartbeat(server)
    assert secure.requests == []
