"""Which addresses are asked, and how failures are told apart; the rest is shown against the stand-ins of trackers."""

from __future__ import annotations

import email.utils

import httpx
import pytest

from weakspot.runtime.errors import InvalidField
from weakspot.runtime.outbound import MAX_RETRY_AFTER, Busy, Field, Http, Refused, check_address, split_settings

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    "address", ["https://example.org/api/", "http://127.0.0.1:8000", "http://[::1]:1", " https://x "]
)
def test_addresses_that_are_asked(address: str) -> None:
    assert check_address(address) == address.strip().rstrip("/")


@pytest.mark.parametrize(
    "address", ["http://example.org", "ftp://x", "https://", "https://u:p@x", "https://x?a=b", "https://x:port", ""]
)
def test_addresses_that_are_not(address: str) -> None:
    with pytest.raises(Refused):
        Http(address)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "after"),
    [
        (429, {"retry-after": "7"}, Busy, 7.0),
        (429, {"retry-after": "999999"}, Busy, MAX_RETRY_AFTER),
        (503, {"retry-after": email.utils.formatdate(NOW + 30, usegmt=True)}, Busy, 30.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 60)}, Busy, 60.0),
        (500, {}, Busy, None),
        (401, {}, Refused, None),
    ],
)
def test_failures_are_of_two_kinds(status: int, headers: dict[str, str], kind: type, after: float | None) -> None:
    http = Http("https://example.org", now=lambda: NOW)
    failure = http._failure("GET", "/x?token=secret", httpx.Response(status, headers=headers, text="no\x00"))
    assert type(failure) is kind
    assert getattr(failure, "retry_after", None) == after
    assert "secret" not in str(failure)
    assert getattr(failure, "status", status) == status


FIELDS = {
    "chat": (
        Field(name="url", description="Address", default="https://chat.example"),
        Field(name="token", description="Secret of the sender", is_secret=True),
    )
}


def test_settings_are_parted_from_secrets_and_defaults_filled_in() -> None:
    assert split_settings("chat", FIELDS, {"token": " s3cret "}) == (
        {"url": "https://chat.example"},
        {"token": "s3cret"},
    )


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        pytest.param("pigeon", {}, "no kind 'pigeon'", id="unknown-kind"),
        pytest.param("chat", {"token": "x", "colour": "red"}, "no setting 'colour'", id="unknown-setting"),
        pytest.param("chat", {}, "needs token", id="missing"),
        pytest.param("chat", {"token": "x", "url": "https://\u202e"}, "printable", id="not-printable"),
        pytest.param("chat", {"token": "x" * 2_001}, "at most 2,000", id="too-long"),
    ],
)
def test_settings_that_do_not_fit_are_refused(kind: str, values: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidField, match=said):
        split_settings(kind, FIELDS, values)
