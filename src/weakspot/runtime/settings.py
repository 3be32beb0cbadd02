"""Settings: one frozen struct, read from ``WEAKSPOT_*`` variables and overridden by the command line.

docs/settings.md describes each one; a test keeps the two together. A wrong value is refused at start with a
text that names the setting and says what it may be.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from weakspot.runtime.database import sqlite_url
from weakspot.runtime.engine import connectable
from weakspot.runtime.errors import InvalidField

PREFIX = "WEAKSPOT_"
MIB = 1024 * 1024
INTAKES = ("auto", "inside", "process")
MOVED_TO = "database-url"
"""File of a data folder whose database is elsewhere; it may hold a password and is its owner's alone."""

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set from outside. The name of a variable is ``WEAKSPOT_`` and the field in
    capitals.
    """

    data: Path
    database_url: str = ""
    """Empty: the database that ``weakspot database move`` chose, else SQLite in the data folder."""
    listen_host: str = "127.0.0.1"
    listen_port: Port = 8484
    """0: any free port, told when the server is ready."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names answered for, besides the loopback names and the listening address."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    mirror: Path | None = None
    """Folder to take intelligence from instead of the public feeds."""
    feeds_every_hours: Annotated[float, msgspec.Meta(ge=0, le=720)] = 6.0
    """How often intelligence is loaded by itself; 0: only when asked."""
    nvd_api_key_file: Path | None = None
    """File whose first line is a key of NVD's API; it is read at each run and shown nowhere."""
    history_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 400
    """How long ended revisions of intelligence are kept; 0: for ever."""
    organisation: str = ""
    """Name of the organisation, for notifications and reports."""
    log_level: str = "info"
    log_format: str = "text"
    intake: str = "auto"
    """``process``: what devices send is taken by a process of its own; ``inside``: by the server itself; ``auto``: by
    one of its own where the machine has several processors and the fleet is large."""
    read_threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
    read_queue: Count = 500
    """Requests that may wait for a read thread; more are answered 503."""
    device_retention_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 180
    """Devices silent for longer are removed; 0: never."""
    report_bytes: Count = 16 * MIB
    report_inflated_bytes: Count = 64 * MIB
    body_bytes: Count = 1 * MIB
    streams_per_user: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 8
    streams: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 500
    shutdown_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 1.5

    @property
    def url(self) -> str:
        """The database to use."""
        return self.database_url or sqlite_url(self.data / "weakspot.db")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback_host(self.listen_host)

    @property
    def is_tls(self) -> bool:
        """TLS is used with a given certificate, and always when others can reach the server."""
        return self.tls_certificate is not None or not self.is_loopback

    @property
    def host_names(self) -> frozenset[str]:
        """Names that the Host header may carry, lower case, without port."""
        own = {"localhost", "127.0.0.1", "::1"}
        if not ipaddress_is_any(self.listen_host):
            own.add(self.listen_host.lower())
        return frozenset(own | {name.lower().rstrip(".") for name in self.allowed_hosts})


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings of this process.

    environment: variables to read; None for those of the process. overrides: values of the command line,
    which win; None means not given. Raises InvalidField naming the setting.
    """
    source = os.environ if environment is None else environment
    values: dict[str, Any] = {"data": str(default_data_folder(source))}
    for name in Settings.__struct_fields__:
        text = source.get(PREFIX + name.upper())
        if text is not None and text != "":
            values[name] = (
                [part.strip() for part in text.split(",") if part.strip()] if name == "allowed_hosts" else text
            )
    values.update({name: _plain(value) for name, value in overrides.items() if value is not None})
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=decode_path)
    except msgspec.ValidationError as error:
        raise InvalidField(f"{_where(str(error))}: {error}. See docs/settings.md.") from None
    return _checked(settings)


def moved_to(data: Path) -> str:
    """URL that ``weakspot database move`` left in the data folder; empty: it was never moved."""
    try:
        return (data / MOVED_TO).read_text("utf-8").strip()
    except OSError:
        return ""


def default_data_folder(environment: Mapping[str, str]) -> Path:
    """``/var/lib/weakspot`` for root, else ``$XDG_DATA_HOME/weakspot`` or ``~/.local/share/weakspot``."""
    if os.geteuid() == 0:
        return Path("/var/lib/weakspot")
    base = environment.get("XDG_DATA_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "share") / "weakspot"


def is_loopback_host(host: str) -> bool:
    """Whether an address or name to listen on is reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ipaddress_is_any(host: str) -> bool:
    """Whether an address means all interfaces."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _checked(settings: Settings) -> Settings:
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise InvalidField("WEAKSPOT_TLS_CERTIFICATE and WEAKSPOT_TLS_KEY belong together: give both or none.")
    for name, allowed in (
        ("log_level", ("debug", "info", "warning", "error")),
        ("log_format", ("text", "json")),
        ("intake", INTAKES),
    ):
        if getattr(settings, name) not in allowed:
            raise InvalidField(f"{PREFIX}{name.upper()} is one of: {', '.join(allowed)}. See docs/settings.md.")
    database_url = connectable(settings.database_url or moved_to(settings.data.expanduser()))
    if database_url and not database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise InvalidField("WEAKSPOT_DATABASE_URL starts with sqlite:/// or postgresql://. See docs/settings.md.")
    for name in settings.allowed_hosts:
        if any(character in name for character in "/:* ") and not _is_address(name):
            raise InvalidField(
                f"WEAKSPOT_ALLOWED_HOSTS: {name[:80]!r} is not a host name: leave out scheme, port and star."
            )
    return msgspec.structs.replace(settings, data=settings.data.expanduser().absolute(), database_url=database_url)


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def decode_path(kind: type, value: Any) -> Any:
    """Paths from text, for ``msgspec``."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)


def _where(message: str) -> str:
    """``... - at `$.listen_port``` -> ``WEAKSPOT_LISTEN_PORT``."""
    _, _, path = message.partition("`$.")
    return PREFIX + path.rstrip("`").split("[")[0].upper() if path else "Settings"
