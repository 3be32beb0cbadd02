"""Settings: read, checked, documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from weakspot.runtime import settings
from weakspot.runtime.errors import InvalidField

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"


def test_defaults_are_for_one_machine() -> None:
    loaded = settings.load({}, data="/srv/data")
    assert (loaded.listen_host, loaded.listen_port, loaded.is_tls) == ("127.0.0.1", 8484, False)
    assert loaded.url == "sqlite:////srv/data/weakspot.db"
    assert loaded.host_names == {"localhost", "127.0.0.1", "::1"}


def test_variables_and_the_command_line_which_wins() -> None:
    environment = {
        "WEAKSPOT_DATA": "/srv/a",
        "WEAKSPOT_LISTEN_PORT": "9000",
        "WEAKSPOT_ALLOWED_HOSTS": "Weak.Example.org, 192.0.2.1",
        "WEAKSPOT_SHUTDOWN_SECONDS": "3",
        "WEAKSPOT_LOG_LEVEL": "",
    }
    loaded = settings.load(environment, listen_port=9100, mirror=None)
    assert (loaded.data, loaded.listen_port, loaded.shutdown_seconds) == (Path("/srv/a"), 9100, 3.0)
    assert {"weak.example.org", "192.0.2.1"} < loaded.host_names
    assert loaded.log_level == "info"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_other_machines_are_answered_over_tls_alone(host: str) -> None:
    loaded = settings.load({}, data="/srv", listen_host=host)
    assert loaded.is_tls
    assert not {"0.0.0.0", "::"} & loaded.host_names


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_loopback(host: str) -> None:
    assert not settings.load({}, data="/srv", listen_host=host).is_tls


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LISTEN_PORT", "no", "WEAKSPOT_LISTEN_PORT"),
        ("LISTEN_PORT", "65536", "WEAKSPOT_LISTEN_PORT"),
        ("READ_THREADS", "0", "WEAKSPOT_READ_THREADS"),
        ("LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("TLS_KEY", "/k.pem", "belong together"),
        ("DATABASE_URL", "mysql://x", "sqlite:///"),
        ("ALLOWED_HOSTS", "https://example.org", "not a host name"),
        ("ALLOWED_HOSTS", "*.example.org", "not a host name"),
        ("ALLOWED_HOSTS", "example.org:8484", "not a host name"),
    ],
)
def test_a_wrong_value_names_its_setting(name: str, value: str, told: str) -> None:
    with pytest.raises(InvalidField, match=re.escape(told)):
        settings.load({f"WEAKSPOT_{name}": value})


def test_data_folder_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert settings.default_data_folder({"XDG_DATA_HOME": "/x"}) == Path("/x/weakspot")
    assert settings.default_data_folder({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/weakspot"


def test_every_setting_is_documented_with_its_default() -> None:
    text = DOCUMENT.read_text("utf-8")
    described = set(re.findall(r"^\| `WEAKSPOT_([A-Z_]+)` \|", text, re.MULTILINE))
    assert described == {name.upper() for name in settings.Settings.__struct_fields__}
