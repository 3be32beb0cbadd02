"""Sign-in, sessions, tokens, roles and the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import database_url
from weakspot import access
from weakspot.access import Permission, Scope, rules
from weakspot.access.tables import api_token, audit, session, sign_in_link
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, SECOND
from weakspot.runtime.database import Database, metadata
from weakspot.runtime.errors import AccessError, Conflict, Forbidden, InvalidField, NotFound

NOW = 1_800_000_000 * SECOND
HOUR = 3600 * SECOND
ROOT = access.internal_caller("test")


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    opened = Database(database_url(tmp_path / "test.db"))
    opened.write(lambda connection: metadata.create_all(connection))
    access.create_first_administrator(opened, NOW)
    yield opened
    opened.close()


def signed_in(database: Database, user: str | None = None, now: int = NOW) -> str:
    link = access.issue_sign_in_link(database, ROOT, user, now)
    return access.redeem_sign_in_link(database, link.secret, now).secret


def test_first_administrator_is_made_once(database: Database) -> None:
    again = access.create_first_administrator(database, NOW + DAY)
    assert (again.name, again.role, again.scope) == ("administrator", "administrator", Scope(None))
    with database.read() as connection:
        assert sum(entry.action == "user.create" for entry in access.audit_entries(connection)) == 1


def test_link_signs_in_once(database: Database) -> None:
    link = access.issue_sign_in_link(database, ROOT, None, NOW)
    issued = access.redeem_sign_in_link(database, link.secret, NOW + SECOND)
    assert issued.caller.role == "administrator"
    assert issued.caller.may(Permission.MANAGE_SECURITY)
    with pytest.raises(AccessError, match="used already or has expired"):
        access.redeem_sign_in_link(database, link.secret, NOW + 2 * SECOND)


@pytest.mark.parametrize("secret", ["", "wsl_", "wsl_" + "x" * 43, "wsl_" + "x" * 100_000, "wsl_\udcff", "nonsense"])
def test_unknown_link_is_refused_alike(database: Database, secret: str) -> None:
    with pytest.raises(AccessError, match="used already or has expired"):
        access.redeem_sign_in_link(database, secret, NOW)


def test_link_expires_after_ten_minutes(database: Database) -> None:
    link = access.issue_sign_in_link(database, ROOT, None, NOW)
    assert link.expires_at == NOW + 600 * SECOND
    with pytest.raises(AccessError):
        access.redeem_sign_in_link(database, link.secret, link.expires_at)


def test_session_ends_when_idle_and_lives_on_when_used(database: Database) -> None:
    secret = signed_in(database)
    now = NOW
    for _ in range(3):
        now += 11 * HOUR
        assert access.authenticate_session(database, secret, now) is not None
        database.write(lambda connection: None)  # the noted use is written by then
    assert access.authenticate_session(database, secret, now + 12 * HOUR) is None


def test_session_ends_after_seven_days_however_busy(database: Database) -> None:
    secret = signed_in(database)
    for hour in range(6, 7 * 24, 6):
        assert access.authenticate_session(database, secret, NOW + hour * HOUR) is not None
        database.write(lambda connection: None)
    assert access.authenticate_session(database, secret, NOW + 7 * DAY) is None


def test_sign_out_ends_the_session_and_says_so(database: Database) -> None:
    secret = signed_in(database)
    with database.read() as connection:
        before = changes.last_seq(connection)
    access.sign_out(database, secret, NOW)
    access.sign_out(database, secret, NOW)
    assert access.authenticate_session(database, secret, NOW) is None
    with database.read() as connection:
        assert [change.kind for change in changes.since(connection, before)] == [access.CHANGED]


def test_role_and_scope_are_in_force_from_the_next_request(database: Database) -> None:
    access.create_user(database, ROOT, "Ada", "administrator", None, NOW)
    secret = signed_in(database, "Ada")
    access.set_user_role(database, ROOT, "Ada", "reader", NOW)
    access.set_user_scope(database, ROOT, "Ada", frozenset({3, 5}), NOW)
    caller = access.authenticate_session(database, secret, NOW)
    assert caller is not None
    assert (caller.role, caller.scope) == ("reader", Scope(frozenset({3, 5})))
    assert not caller.may(Permission.MANAGE_SECURITY)
    assert caller.may(Permission.MACHINE_READ)


def test_user_without_groups_sees_nothing(database: Database) -> None:
    access.create_user(database, ROOT, "Bob", "reader", frozenset(), NOW)
    caller = access.authenticate_session(database, signed_in(database, "Bob"), NOW)
    assert caller is not None
    assert caller.scope == Scope(frozenset())


def test_deactivated_user_is_out_at_once(database: Database) -> None:
    access.create_user(database, ROOT, "Bob", "reader", None, NOW)
    secret = signed_in(database, "Bob")
    link = access.issue_sign_in_link(database, ROOT, "Bob", NOW)
    access.deactivate_user(database, ROOT, "Bob", NOW)
    assert access.authenticate_session(database, secret, NOW) is None
    with pytest.raises(AccessError):
        access.redeem_sign_in_link(database, link.secret, NOW)
    with pytest.raises(Conflict):
        access.issue_sign_in_link(database, ROOT, "Bob", NOW)


def test_last_administrator_stays(database: Database) -> None:
    with pytest.raises(Conflict, match="last active administrator"):
        access.deactivate_user(database, ROOT, "administrator", NOW)
    with pytest.raises(Conflict, match="last active administrator"):
        access.set_user_role(database, ROOT, "administrator", "reader", NOW)
    assert access.authenticate_session(database, signed_in(database), NOW) is not None


def test_names_are_checked(database: Database) -> None:
    for name in ("", "   ", "x" * 101, "a\x00b"):
        with pytest.raises(InvalidField):
            access.create_user(database, ROOT, name, "reader", None, NOW)
    with pytest.raises(Conflict):
        access.create_user(database, ROOT, "administrator", "reader", None, NOW)
    with pytest.raises(InvalidField, match="known are: administrator, reader"):
        access.create_user(database, ROOT, "Eve", "owner", None, NOW)
    with pytest.raises(NotFound):
        access.set_user_scope(database, ROOT, "nobody", None, NOW)


def test_api_token_lives_until_it_expires_or_is_revoked(database: Database) -> None:
    token = access.create_api_token(database, ROOT, name="export", role="reader", life=DAY, now=NOW)
    caller = access.authenticate_api_token(database, token.secret, NOW)
    assert caller is not None
    assert (caller.kind, caller.id, caller.scope) == ("token", token.id, Scope(None))
    assert access.authenticate_api_token(database, token.secret, NOW + DAY) is None
    access.revoke_api_token(database, ROOT, token.id, NOW)
    assert access.authenticate_api_token(database, token.secret, NOW) is None
    with pytest.raises(NotFound):
        access.revoke_api_token(database, ROOT, token.id, NOW)


def test_api_token_has_only_what_was_chosen(database: Database) -> None:
    token = access.create_api_token(
        database,
        ROOT,
        name="machines",
        role="reader",
        life=DAY,
        now=NOW,
        permissions=[Permission.MACHINE_READ],
        group_ids=frozenset({2}),
    )
    caller = access.authenticate_api_token(database, token.secret, NOW)
    assert caller is not None
    assert (caller.permissions, caller.scope) == (frozenset({Permission.MACHINE_READ}), Scope(frozenset({2})))


def test_api_token_is_never_more_than_its_maker_or_its_role(database: Database) -> None:
    access.create_user(database, ROOT, "Ada", "reader", frozenset({2}), NOW)
    ada = access.authenticate_session(database, signed_in(database, "Ada"), NOW)
    assert ada is not None
    with pytest.raises(Forbidden):
        access.create_api_token(
            database,
            ada,
            name="t",
            role="reader",
            life=DAY,
            now=NOW,
            permissions=[Permission.MANAGE_SECURITY],
        )
    token = access.create_api_token(
        database, ada, name="t", role="reader", life=DAY, now=NOW, group_ids=frozenset({2, 3})
    )
    caller = access.authenticate_api_token(database, token.secret, NOW)
    assert caller is not None
    assert caller.scope == Scope(frozenset({2}))
    over_role = access.create_api_token(
        database, ROOT, name="r", role="reader", life=DAY, now=NOW, permissions=[Permission.MANAGE_SECURITY]
    )
    reader = access.authenticate_api_token(database, over_role.secret, NOW)
    assert reader is not None
    assert reader.permissions == frozenset()


def test_a_role_above_the_maker_is_refused(database: Database) -> None:
    access.create_user(database, ROOT, "Ada", "reader", None, NOW)
    ada = access.authenticate_session(database, signed_in(database, "Ada"), NOW)
    assert ada is not None
    with pytest.raises(Forbidden):
        access.create_api_token(database, ada, name="t", role="administrator", life=DAY, now=NOW)


@pytest.mark.parametrize("life", [0, -1, 367 * DAY])
def test_token_life_is_bounded(database: Database, life: int) -> None:
    with pytest.raises(InvalidField, match="366 days"):
        access.create_api_token(database, ROOT, name="t", role="reader", life=life, now=NOW)


def test_kinds_of_secrets_are_not_interchangeable(database: Database) -> None:
    token = access.create_api_token(database, ROOT, name="t", role="reader", life=DAY, now=NOW)
    secret = signed_in(database)
    assert access.authenticate_session(database, token.secret, NOW) is None
    assert access.authenticate_api_token(database, secret, NOW) is None
    with pytest.raises(AccessError):
        access.redeem_sign_in_link(database, secret, NOW)


def test_no_secret_is_stored_or_shown(database: Database) -> None:
    link = access.issue_sign_in_link(database, ROOT, None, NOW)
    issued = access.redeem_sign_in_link(database, link.secret, NOW)
    token = access.create_api_token(database, ROOT, name="t", role="reader", life=DAY, now=NOW)
    for shown in (repr(link), repr(issued), repr(token)):
        assert not any(made.secret in shown for made in (link, issued, token))
    with database.read() as connection:
        for table in (sign_in_link, session, api_token, audit):
            stored = repr(connection.execute(table.select()).all())
            assert not any(made.secret in stored for made in (link, issued, token))


def test_csrf_token_follows_from_the_session_alone() -> None:
    assert access.csrf_token("wss_a") == access.csrf_token("wss_a")
    assert access.csrf_token("wss_a") != access.csrf_token("wss_b")
    assert "wss_a" not in access.csrf_token("wss_a")


def test_audit_log_shows_tampering(database: Database) -> None:
    signed_in(database)
    with database.read() as connection:
        assert access.audit_break(connection) is None
        first = access.audit_entries(connection)[0]
    database.write(
        lambda connection: connection.execute(audit.update().where(audit.c.id == 2).values(actor="user:9:x"))
    )
    with database.read() as connection:
        assert access.audit_break(connection) == 2
        assert first.actor == "internal:0:setup"


def test_stale_links_and_sessions_are_deleted(database: Database) -> None:
    signed_in(database)
    signed_in(database, now=NOW + 30 * DAY)
    with database.read() as connection:
        assert len(connection.execute(sign_in_link.select()).all()) == 1
        assert len(connection.execute(session.select()).all()) == 1


def test_roles_are_data_and_are_brought_up_to_date(database: Database) -> None:
    assert rules.BUILT_IN_ROLES["reader"] < rules.BUILT_IN_ROLES["administrator"] <= rules.KNOWN_PERMISSIONS


@pytest.mark.parametrize(
    ("scope", "groups", "expected"),
    [
        (Scope(None), None, Scope(None)),
        (Scope(None), frozenset({1}), Scope(frozenset({1}))),
        (Scope(frozenset({1, 2})), frozenset({2, 3}), Scope(frozenset({2}))),
        (Scope(frozenset({1})), None, Scope(frozenset({1}))),
        (Scope(frozenset({1})), frozenset(), Scope(frozenset())),
    ],
)
def test_a_scope_only_narrows(scope: Scope, groups: frozenset[int] | None, expected: Scope) -> None:
    assert scope.narrowed(groups) == expected
