"""Certificates in the machine's store and in the places where servers keep theirs. Private keys are left alone.

The system's bundle of public authorities counts as one store; only PEM blocks of certificates are taken from files.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Dict, Iterator, List, Tuple

from weakspot_sensor import der, items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_FOLDERS = (
    "/etc/ssl",
    "/etc/pki/tls/certs",
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/nginx/ssl",
    "/etc/nginx/certs",
    "/etc/apache2/ssl",
    "/etc/httpd/ssl",
    "/etc/letsencrypt/live/*",
    "/etc/postgresql/*/*",
    "/etc/dovecot/private",
    "/etc/postfix",
)
_ENDINGS = (".crt", ".pem", ".cer")
_BLOCK = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----\s(.{1,65536}?)-----END ", re.DOTALL)
_FILE_BYTES = 4 * 1024 * 1024


def applies(root: Root) -> bool:
    return bool(watched(root))


def watched(root: Root) -> Tuple[str, ...]:
    bundles = [path for path in _BUNDLES if root.is_file(path)][:1]
    return (*bundles, *root.folders(_FOLDERS))


def read(root: Root) -> Findings:
    found = Findings()
    rows: Dict[str, Dict[str, Any]] = {}
    for path in _files(root):
        try:
            data = root.read(path, _FILE_BYTES)
        except OSError as error:
            found.problems.append("{}: {}".format(path, error.strerror or error))
            continue
        for raw in blocks(data):
            try:
                row = der.certificate(raw)
            except der.DerError as error:
                found.problems.append("{}: {}".format(path, error))
                continue
            rows.setdefault(row["sha256"], {**row, "store": items.text(path)})
        if len(rows) > limits.CERTIFICATES:
            found.problems.append("more than {} certificates; the rest is left out".format(limits.CERTIFICATES))
            break
    found.tell("certificates", [rows[key] for key in sorted(rows)][: limits.CERTIFICATES])
    return found


def blocks(data: bytes) -> Iterator[bytes]:
    """The DER form of each certificate in a PEM file (RFC 7468)."""
    for match in _BLOCK.finditer(data):
        try:
            yield base64.b64decode(b"".join(match.group(1).split()), validate=True)
        except binascii.Error:
            yield b""


def _files(root: Root) -> List[str]:
    found: List[str] = []
    for place in watched(root):
        if root.is_file(place):
            found.append(place)
            continue
        names = (name for name in root.names(place) if name.endswith(_ENDINGS) and "key" not in name)
        inside = (place + "/" + name for name in names)
        found.extend(path for path in inside if root.is_file(path) and path not in found)
    return found[: limits.CERTIFICATE_FILES]


COLLECTOR = Collector("certificates", ("linux",), True, (), applies, read, watched)
