"""What access hands to everybody: who calls, what they may do and which device groups they see."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

CallerKind = Literal["user", "token", "internal"]
RoleName = Literal["administrator", "reader"]


class Permission:
    """Names of permissions. Roles are data (table ``access_role``); these words are what routes ask for."""

    VIEW_DATA = "ViewData"
    TVM_VIEW_DATA = "TvmViewData"
    REMEDIATION_SECURITY_OPERATIONS = "ActiveRemediation.SecurityOperations"
    REMEDIATION_EXCEPTIONS = "ActiveRemediation.ExceptionHandling"
    REMEDIATION_HANDLING = "ActiveRemediation.RemediationHandling"
    REMEDIATION_APPLICATIONS = "ActiveRemediation.ApplicationHandling"
    MANAGE_BASELINES = "ManageSecurityBaselines"
    INVESTIGATE_ALERTS = "AlertsInvestigation"
    MANAGE_SYSTEM = "ManageSystemSettings"
    MANAGE_SECURITY = "ManageSecurity"

    MACHINE_READ = "Machine.Read.All"
    MACHINE_WRITE = "Machine.ReadWrite.All"
    SOFTWARE_READ = "Software.Read.All"
    VULNERABILITY_READ = "Vulnerability.Read.All"
    SCORE_READ = "Score.Read.All"
    RECOMMENDATION_READ = "SecurityRecommendation.Read.All"
    REMEDIATION_READ = "RemediationTasks.Read.All"
    BASELINES_READ = "SecurityBaselinesAssessment.Read.All"
    ALERT_READ = "Alert.Read.All"
    ALERT_WRITE = "Alert.ReadWrite.All"


class Scope(msgspec.Struct, frozen=True):
    """The device groups that a caller may see; a parameter of every query.

    ``group_ids`` None means every group, also ones made later. Only ``access`` makes a Scope from a caller's
    roles; everybody else may only narrow it.
    """

    group_ids: frozenset[int] | None

    def narrowed(self, groups: frozenset[int] | None) -> Scope:
        """The part of this scope inside ``groups``; None changes nothing. Never wider than before."""
        if groups is None:
            return self
        return Scope(groups if self.group_ids is None else self.group_ids & groups)

    def includes(self, group_id: int) -> bool:
        """Whether devices of the group are in this scope."""
        return self.group_ids is None or group_id in self.group_ids


class Caller(msgspec.Struct, frozen=True):
    """An authenticated somebody. ``id`` is the id of the user or token; 0 for the product itself."""

    kind: CallerKind
    id: int
    name: str
    role: str
    permissions: frozenset[str]
    scope: Scope

    def may(self, permission: str) -> bool:
        """Whether the caller has the permission."""
        return permission in self.permissions


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of permissions (spec/features.md 20). Built-in ones cannot be changed."""

    name: str
    description: str
    permissions: frozenset[str]
    is_built_in: bool
    users: int


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person who can sign in."""

    id: int
    name: str
    role: str
    is_active: bool
    scope: Scope


class IssuedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in link just made. ``secret`` is shown once and kept nowhere."""

    secret: str
    user_name: str
    expires_at: Micros

    def __repr__(self) -> str:
        return f"IssuedLink(user_name={self.user_name!r}, expires_at={self.expires_at})"


class IssuedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session just made. ``secret`` goes into the cookie and is kept nowhere."""

    secret: str
    caller: Caller
    expires_at: Micros

    def __repr__(self) -> str:
        return f"IssuedSession(caller={self.caller.name!r}, expires_at={self.expires_at})"


class IssuedApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """An API token just made. ``secret`` is shown once and kept nowhere."""

    id: int
    secret: str
    name: str
    expires_at: Micros

    def __repr__(self) -> str:
        return f"IssuedApiToken(id={self.id}, name={self.name!r}, expires_at={self.expires_at})"


class ApiTokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as it is listed: everything but the secret."""

    id: int
    name: str
    role: str
    permissions: frozenset[str] | None
    scope: Scope
    created_at: Micros
    expires_at: Micros
    revoked_at: Micros | None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log."""

    id: int
    at: Micros
    actor: str
    action: str
    target: str
    details: dict[str, str]
