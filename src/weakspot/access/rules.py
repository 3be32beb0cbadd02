"""Pure decisions of access: what roles mean, how long things live, whether a credential is good now."""

from __future__ import annotations

import hashlib

import msgspec

from weakspot.access.contracts import Permission, Scope
from weakspot.runtime.clock import DAY, SECOND, Micros

SIGN_IN_LINK_LIFE: Micros = 600 * SECOND
SESSION_IDLE_LIFE: Micros = 12 * 3600 * SECOND
SESSION_LIFE: Micros = 7 * DAY
SESSION_TOUCH_INTERVAL: Micros = 300 * SECOND
"""The last use of a session is written at most this often, so that reading a page is not a write."""
MAXIMUM_TOKEN_LIFE: Micros = 366 * DAY

VIEW = frozenset({Permission.VIEW_DATA, Permission.TVM_VIEW_DATA})
APPLICATION_READ = frozenset(
    {
        Permission.MACHINE_READ,
        Permission.SOFTWARE_READ,
        Permission.VULNERABILITY_READ,
        Permission.SCORE_READ,
        Permission.RECOMMENDATION_READ,
        Permission.REMEDIATION_READ,
        Permission.BASELINES_READ,
        Permission.ALERT_READ,
    }
)
ADMINISTRATOR = VIEW | frozenset(
    {
        Permission.REMEDIATION_SECURITY_OPERATIONS,
        Permission.REMEDIATION_EXCEPTIONS,
        Permission.REMEDIATION_HANDLING,
        Permission.REMEDIATION_APPLICATIONS,
        Permission.MANAGE_BASELINES,
        Permission.INVESTIGATE_ALERTS,
        Permission.MANAGE_SYSTEM,
        Permission.MANAGE_SECURITY,
    }
)
BUILT_IN_ROLES: dict[str, frozenset[str]] = {"administrator": ADMINISTRATOR, "reader": VIEW}
APPLICATION_WRITE = {
    Permission.INVESTIGATE_ALERTS: frozenset({Permission.ALERT_WRITE}),
    Permission.MANAGE_SECURITY: frozenset({Permission.MACHINE_WRITE}),
}
"""What a permission of people gives to programs besides reading."""
ROLE_PERMISSIONS = ADMINISTRATOR - {Permission.MANAGE_SYSTEM}
"""What a role of one's own can be given; to manage roles, groups and integrations is the built-in administrator's alone
(spec/features.md 20). Permissions of the compatible API follow from them.
"""
KNOWN_PERMISSIONS = ADMINISTRATOR | APPLICATION_READ | frozenset().union(*APPLICATION_WRITE.values())


def effective_permissions(role: frozenset[str], chosen: frozenset[str] | None = None) -> frozenset[str]:
    """What a caller may do.

    A role that may view vulnerability data may read it through the compatible API too. ``chosen`` restricts a
    token to some permissions; it can never add one that its role does not give.
    """
    granted = role | (APPLICATION_READ if Permission.TVM_VIEW_DATA in role else frozenset())
    granted = granted.union(*(given for needed, given in APPLICATION_WRITE.items() if needed in role))
    return granted if chosen is None else granted & chosen


def scope_of(is_all_groups: bool, group_ids: frozenset[int]) -> Scope:
    """The one place where a scope is made. No group and not all groups: nothing is visible."""
    return Scope(None if is_all_groups else group_ids)


def is_session_alive(now: Micros, *, last_used_at: Micros, expires_at: Micros, ended_at: Micros | None) -> bool:
    """A session lives until it is ended, idle for 12 hours, or 7 days old."""
    return ended_at is None and now < expires_at and now - last_used_at < SESSION_IDLE_LIFE


def is_link_usable(now: Micros, *, expires_at: Micros, used_at: Micros | None) -> bool:
    """A sign-in link works once, for ten minutes."""
    return used_at is None and now < expires_at


def is_token_usable(now: Micros, *, expires_at: Micros, revoked_at: Micros | None) -> bool:
    """An API token works until it is revoked or expires."""
    return revoked_at is None and now < expires_at


def audit_digest(previous: bytes, at: Micros, actor: str, action: str, target: str, details: dict[str, str]) -> bytes:
    """Chain value of an audit line: changing, removing or inserting a line breaks every later one."""
    line = msgspec.json.encode([at, actor, action, target, sorted(details.items())])
    return hashlib.sha256(previous + line).digest()
