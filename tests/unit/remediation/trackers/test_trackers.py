"""Each tracker against a stand-in of its product's documented API."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.support import trackers as support
from weakspot.remediation import trackers
from weakspot.remediation.connecting import with_state
from weakspot.remediation.trackers.base import Draft, Signal, TrackerBusy, TrackerClient, TrackerRefused, text_of
from weakspot.remediation.trackers.http import check_address
from weakspot.runtime.errors import InvalidField
from weakspot.runtime.outbound import split_settings

SECRET = support.StandIn.secret
HOSTILE = 'Update "x"; </pre>```\r\nBcc: <script> $(id)'
KINDS: dict[str, tuple[type[support.StandIn], dict[str, str]]] = {
    "jira": (support.JiraStandIn, {"project": "SEC", "user": "bot@example.org", "token": SECRET}),
    "servicenow": (support.ServiceNowStandIn, {"user": "bot", "password": SECRET}),
    "github": (support.GitHubStandIn, {"repository": "acme/fixes", "token": SECRET}),
    "gitlab": (support.GitLabStandIn, {"project": "acme/fixes", "token": SECRET}),
    "azure_devops": (support.AzureDevOpsStandIn, {"organisation": "acme", "project": "fixes", "token": SECRET}),
    "intune": (support.IntuneStandIn, {"tenant": "tenant-1", "client_id": "app", "client_secret": SECRET}),
    "webhook": (support.WebhookStandIn, {}),
}


def draft(key: str = "weakspot-0123456789abcdef0123-1", **fields: Any) -> Draft:
    values: dict[str, Any] = {
        "key": key, "title": "Update curl to 8.0-1", "description": "Weaknesses: CVE-2099-0001.",
        "remediation_type": "Update", "component": "curl", "vendor": "debian", "recommended_version": "8.0-1",
        "priority": "High", "due_on": "2030-01-31", "group_name": "one", "requester": "anne", "notes": "",
        "devices": 2, "device_names": ["web01", "web02"], "activity_id": "guid",
    }  # fmt: skip
    return Draft(**(values | fields))


def client_of(kind: str, stand_in: support.StandIn, **more: str) -> TrackerClient:
    values = {**KINDS[kind][1], "url": stand_in.url, "webhook_secret": SECRET, **more}
    if kind == "intune":
        values = {**values, "login_url": stand_in.url}
        del values["webhook_secret"]
    return trackers.ALL[kind](*split_settings(kind, trackers.FIELDS, values))


@pytest.fixture(params=sorted(KINDS))
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[str, support.StandIn, TrackerClient]]:
    stand_in = KINDS[request.param][0]()
    yield request.param, stand_in, client_of(request.param, stand_in)
    stand_in.stop()


def test_a_ticket_lives_its_life(pair: tuple[str, support.StandIn, TrackerClient]) -> None:
    kind, stand_in, client = pair
    assert client.find(draft().key) is None
    made = client.create(draft())
    assert made.state == "Pending"
    if kind != "webhook":
        assert client.find(draft().key) == client.read(made.id)
        assert client.find("weakspot-another-1") is None
    client.comment(made.id, "a note")
    client.close(made.id, "done")
    if kind != "webhook":
        assert client.read(made.id).state == "Completed"
    client.close(made.id, "done")  # told twice: no error, nothing changes
    client.reopen(made.id, "again")
    if kind != "webhook":
        assert client.read(made.id).state in ("Pending", "Accepted")
    assert len(stand_in.tickets) == 1
    assert "a note" in str(stand_in.notes)


def test_foreign_text_stays_text(pair: tuple[str, support.StandIn, TrackerClient]) -> None:
    _, stand_in, client = pair
    client.create(draft(title=HOSTILE, notes=HOSTILE, device_names=[HOSTILE]))
    (ticket,) = stand_in.tickets.values()
    assert "<script>" not in json.dumps(ticket.get("fields", {}).get("System.Description", ""))
    assert "\\r\\nBcc:" not in json.dumps({name: ticket.get(name) for name in ("body", "description")})


def test_what_cannot_be_reached_is_busy_and_what_is_wrong_is_refused(
    pair: tuple[str, support.StandIn, TrackerClient],
) -> None:
    kind, stand_in, client = pair
    stand_in.fault = lambda _: "limit"
    with pytest.raises(TrackerBusy) as limited:
        client.create(draft())
    assert limited.value.retry_after == 1
    stand_in.fault = lambda _: "before"
    with pytest.raises(TrackerBusy):
        client.create(draft())
    stand_in.fault = lambda _: ""
    wrong = {"jira": "token", "servicenow": "password", "intune": "client_secret", "webhook": ""}.get(kind, "token")
    if wrong:
        with pytest.raises(TrackerRefused) as refused:
            client_of(kind, stand_in, **{wrong: "another-secret"}).create(draft())
        assert "another-secret" not in str(refused.value)
    assert stand_in.tickets == {}
    stand_in.stop()
    with pytest.raises(TrackerBusy, match="did not answer"):
        client.create(draft())
    stand_in.start()


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


CALLBACKS: list[tuple[str, dict[str, Any], str, str]] = [
    ("jira", {"issue": {"key": "SEC-1", "fields": {"status": {"name": "In Progress", "statusCategory":
     {"key": "indeterminate"}}}}}, "SEC-1", "Accepted"),
    ("jira", {"issue": {"key": "SEC-1", "fields": {"resolution": {"name": "Won't Do"}, "status": {"name": "Done",
     "statusCategory": {"key": "done"}}}}}, "SEC-1", "Rejected"),
    ("servicenow", {"sys_id": "1", "state": 2, "note": "on it"}, "1", "Accepted"),
    ("github", {"action": "assigned", "issue": {"number": 1, "state": "open", "assignees": [{"login": "x"}]}}, "1",
     "Accepted"),
    ("github", {"issue": {"number": 1, "state": "closed", "state_reason": "not_planned"}}, "1", "Rejected"),
    ("gitlab", {"object_kind": "issue", "object_attributes": {"iid": 1, "state": "closed"},
     "labels": [{"title": "rejected"}]}, "1", "Rejected"),
    ("gitlab", {"object_kind": "issue", "object_attributes": {"iid": 1, "state": "opened"}, "assignees": [{"id": 1}]},
     "1", "Accepted"),
    ("azure_devops", {"eventType": "workitem.updated", "resource": {"id": 5, "workItemId": 1, "revision":
     {"id": 1, "fields": {"System.State": "Active"}}}}, "1", "Accepted"),
    ("webhook", {"id": "1", "state": "Rejected", "note": "no"}, "1", "Rejected"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "told", "remote_id", "state"), CALLBACKS)
def test_callbacks_are_heard_when_signed_and_only_then(
    kind: str, told: dict[str, Any], remote_id: str, state: str
) -> None:
    stand_in = KINDS[kind][0]()
    stand_in.stop()
    client = client_of(kind, stand_in)
    body = json.dumps(told).encode()

    def headers(secret: str) -> dict[str, str]:
        return {
            "x-hub-signature": signed(body, secret), "x-hub-signature-256": signed(body, secret),
            "x-weakspot-signature": signed(body, secret), "x-gitlab-token": secret, "x-weakspot-token": secret,
        }  # fmt: skip

    (signal,) = client.signals(headers(SECRET), body)
    assert (signal.remote_id, signal.state) == (remote_id, state)
    for wrong in ({}, headers("guessed")):
        with pytest.raises(TrackerRefused):
            client.signals(wrong, body)
    unset = client_of(kind, stand_in, webhook_secret="") if kind != "webhook" else None
    if unset is not None:
        with pytest.raises(TrackerRefused):
            unset.signals(headers(""), body)


def test_a_signal_without_a_state_is_asked_for() -> None:
    stand_in = support.GitHubStandIn()
    client = client_of("github", stand_in)
    made = client.create(draft())
    assert with_state(client, Signal(remote_id=made.id)).state == "Pending"
    stand_in.stop()


def test_tasks_are_found_on_later_pages_and_tokens_are_kept() -> None:
    stand_in = support.IntuneStandIn()
    client = client_of("intune", stand_in)
    for n in range(5):
        client.create(draft(f"weakspot-{n}-1"))
    before = stand_in.requests
    found = client.find("weakspot-4-1")
    assert found is not None
    assert found.id == "5"
    assert stand_in.requests - before == 3  # three pages, no further sign-in
    stand_in.stop()


def test_mail_is_one_thread_and_refusals_are_told_apart() -> None:
    server = support.MailStandIn()
    values = {"server": "127.0.0.1", "port": str(server.port), "security": "none", "sender": "w@example.org",
              "recipients": "it@example.org"}  # fmt: skip
    client = trackers.ALL["email"](*split_settings("email", trackers.FIELDS, values))
    made = client.create(draft(title=HOSTILE))
    client.close(made.id, "done")
    first, second = server.messages
    assert "Message-ID: <weakspot-0123456789abcdef0123-1@weakspot.invalid>" in first
    assert "In-Reply-To: <weakspot-0123456789abcdef0123-1@weakspot.invalid>" in second
    assert "\nBcc:" not in first
    server.replies = ["451 later", "554 never"]
    with pytest.raises(TrackerBusy):
        client.create(draft())
    with pytest.raises(TrackerRefused):
        client.create(draft())
    server.stop()
    with pytest.raises(TrackerBusy):
        client.create(draft())


@pytest.mark.parametrize(
    "address",
    [
        "http://jira.example.org",
        "https://user:pw@example.org",
        "ftp://x",
        "https://",
        "https://x:99999",
        "https://x?y=1",
    ],
)
def test_addresses_that_would_leak_are_refused(address: str) -> None:
    with pytest.raises(TrackerRefused):
        check_address(address)


def test_settings_are_checked_and_secrets_kept_apart() -> None:
    plain, secrets = split_settings("github", trackers.FIELDS, {"repository": "a/b", "token": "t"})
    assert (plain["url"], "token" in plain, secrets["token"]) == ("https://api.github.com", False, "t")
    for kind, values in (("github", {}), ("nope", {}), ("github", {"repository": "a/b", "token": "t", "odd": "1"})):
        with pytest.raises(InvalidField):
            split_settings(kind, trackers.FIELDS, values)


def test_lists_of_devices_are_cut_in_texts() -> None:
    text = text_of(draft(devices=10_500, device_names=[f"d{n}" for n in range(10_000)]))
    assert "and 10300 more" in text
    assert msgspec.json.encode(draft())
