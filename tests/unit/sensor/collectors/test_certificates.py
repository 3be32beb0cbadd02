from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.sensor.certificate_fixture import make_certificate
from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import base, certificates


def test_each_certificate_once_and_keys_left_alone(tmp_path: Path) -> None:
    first, second = (make_certificate(name).public_bytes(Encoding.PEM) for name in ("one", "two"))
    files: dict[str, str | bytes] = {
        "/etc/ssl/certs/ca-certificates.crt": first + second,
        "/etc/letsencrypt/live/web/fullchain.pem": second + b"text between\n" + first,
        "/etc/letsencrypt/live/web/privkey.pem": first.replace(b"CERTIFICATE", b"PRIVATE KEY"),
        "/etc/ssl/broken.pem": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    }
    result = base.run(certificates.COLLECTOR, make_root(tmp_path, files), "linux")
    rows = result.facts["details"]["certificates"]
    assert sorted(row["subject"] for row in rows) == ["CN=one", "CN=two"]
    assert {row["store"] for row in rows} == {"/etc/ssl/certs/ca-certificates.crt"}
    assert result.status == "partly"
    assert "/etc/ssl/broken.pem" in result.reason
