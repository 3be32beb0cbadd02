"""What crosses the border of the exceptions: decisions not to act, with their scope, reason and time."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

SubjectKind = Literal["recommendation", "vulnerability"]
ScopeKind = Literal["global", "device_group", "tag", "device", "software"]
Justification = Literal[
    "third_party_control", "alternate_mitigation", "risk_accepted", "planned_remediation", "no_patch"
]
"""spec/features.md 9.3; ``no_patch`` is for single vulnerabilities only."""
State = Literal["requested", "approved", "refused", "cancelled", "expired"]
"""What is stored. ``approved`` is in force from ``since`` on, unless a global one suspends it."""
Status = Literal["Requested", "Active", "Suspended", "Expired", "Cancelled", "Refused"]
"""What is shown (spec/features.md 9.4)."""
Decision = Literal["approved", "refused"]


class ExceptionScope(msgspec.Struct, frozen=True, kw_only=True):
    """Where an exception holds. Only the field of its kind is filled.

    device_ids and software_ids are internal ids. within_group_ids: device groups of who asked for it, outside of which
    it never reaches; None: every group.
    """

    kind: ScopeKind = "global"
    group_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    device_ids: tuple[int, ...] = ()
    software_ids: tuple[int, ...] = ()
    within_group_ids: tuple[int, ...] | None = None


class NewException(msgspec.Struct, frozen=True, kw_only=True):
    """An exception as somebody asks for it. ``until_at``: when it ends by itself."""

    subject_kind: SubjectKind
    subject: str
    """Id of a recommendation, or name of a vulnerability."""
    scope: ExceptionScope
    justification: Justification
    context: str
    until_at: Micros


class KeptException(msgspec.Struct, frozen=True, kw_only=True):
    """An exception with all that was decided about it. Persons are ``kind:id:name`` of that time."""

    id: int
    subject_kind: SubjectKind
    subject: str
    scope: ExceptionScope
    justification: Justification
    context: str
    state: State
    requested_by: str
    requested_at: Micros
    decided_by: str | None
    decided_at: Micros | None
    note: str
    since: Micros | None
    """In force from then on; None: it never was."""
    until_at: Micros
    ended_at: Micros | None
    ended_by: str | None
    ended_group_ids: tuple[int, ...] = ()
    """Groups for which it was cancelled alone."""

    @property
    def group_ids(self) -> tuple[int, ...]:
        """Device groups for which it still holds; empty unless it is by device group."""
        return tuple(one for one in self.scope.group_ids if one not in self.ended_group_ids)

    @property
    def is_reducing(self) -> bool:
        """Whether it lowers scores and impacts: every exception of a vulnerability, and where a control is in place.

        spec/features.md 9.3, 9.4 (rule 4) and 9.5.
        """
        return self.subject_kind == "vulnerability" or self.justification in (
            "third_party_control",
            "alternate_mitigation",
        )


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How exceptions are decided. is_four_eyes: whoever asks for one cannot approve it."""

    is_four_eyes: bool = False
