"""Access: who calls, what they may do, which device groups they see.

Purpose: users, roles, sign-in links, sessions, API tokens and the audit log. In: secrets that callers
present, and decisions of administrators. Out: ``Caller`` with its permissions and ``Scope``; every query
takes a Scope, and only this context makes one. Changes: ``access.changed`` {"action"} whenever a session,
role, scope or token is not what it was. Invariants: no secret is stored, logged or put into an error; a
sign-in link works once; a token never has more than its role and its maker; there is always an active
administrator; the audit log only grows, and ``audit_break`` proves it.
"""

from weakspot.access.contracts import (
    ApiTokenRow,
    AuditEntry,
    Caller,
    IssuedApiToken,
    IssuedLink,
    IssuedSession,
    Permission,
    Role,
    Scope,
    User,
)
from weakspot.access.service import (
    CHANGED,
    api_tokens,
    audit_break,
    audit_entries,
    authenticate_api_token,
    authenticate_session,
    create_api_token,
    create_first_administrator,
    create_user,
    csrf_token,
    deactivate_user,
    internal_caller,
    issue_sign_in_link,
    put_role,
    record_audit,
    redeem_sign_in_link,
    remove_role,
    revoke_api_token,
    roles,
    set_user_role,
    set_user_scope,
    sign_out,
    users,
)

__all__ = [
    "CHANGED",
    "ApiTokenRow",
    "AuditEntry",
    "Caller",
    "IssuedApiToken",
    "IssuedLink",
    "IssuedSession",
    "Permission",
    "Role",
    "Scope",
    "User",
    "api_tokens",
    "audit_break",
    "audit_entries",
    "authenticate_api_token",
    "authenticate_session",
    "create_api_token",
    "create_first_administrator",
    "create_user",
    "csrf_token",
    "deactivate_user",
    "internal_caller",
    "issue_sign_in_link",
    "put_role",
    "record_audit",
    "redeem_sign_in_link",
    "remove_role",
    "revoke_api_token",
    "roles",
    "set_user_role",
    "set_user_scope",
    "sign_out",
    "users",
]
