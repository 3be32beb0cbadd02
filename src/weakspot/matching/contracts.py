"""What crosses the border of the matching."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

MatchStatus = Literal["affected", "wont_fix", "end_of_life", "under_investigation", "unimportant", "pending_restart"]
"""``pending_restart``: the fix is installed and waits for a restart; the device is still exposed."""
Outcome = Literal["affected", "outside_range", "not_affected", "not_comparable", "superseded"]

DEFAULT_THRESHOLD = 50
"""Matches with less confidence are kept and can be shown, but are not counted."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """One identity under which a software version is looked up.

    version: the one that is compared (for Debian the source version); method: how the identity was found;
    confidence: 0-100, that this identity is that software.
    """

    software_version_id: int
    ecosystem: str
    name: str
    version: str
    method: str
    confidence: int
    module: str = ""
    """rpm module stream (``nodejs:18``) or CPE target software; claims about another one do not apply. For a Windows
    system: its updates (``vocabulary.windows.UpdateSet.to_text``)."""


class ClaimOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One claim that was looked at, and what the range test said."""

    advisory_id: int
    source: str
    record_id: str
    relation: str
    ecosystem: str
    name: str
    version: str
    introduced: str
    fixed: str | None = None
    last_affected: str | None = None
    end_kind: str
    status: str
    outcome: Outcome
    module: str = ""
    """What narrows the claim: a module stream, target software, or the update that fixes it."""
    note: str = ""
    """What else decided, in words that can stand alone."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """That a software version carries a vulnerability, and why."""

    software_version_id: int
    vulnerability_id: int
    fixed_version: str | None
    status: MatchStatus
    source: str
    method: str
    confidence: int
    evidence: tuple[ClaimOutcome, ...]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with the interval in which it held; ``until`` None: it holds now."""

    software_version_id: int
    vulnerability_id: int
    since: Micros
    until: Micros | None
    fixed_version: str | None
    status: MatchStatus
    source: str
    method: str
    confidence: int
    evidence: tuple[ClaimOutcome, ...]
    knowledge_version: int


CorrectionState = Literal["proposed", "approved", "refused", "withdrawn"]
CorrectionStatus = Literal["not_affected", "fixed", "affected", "wont_fix", "under_investigation"]
EndOfCorrection = Literal["fixed", "last_affected", "none"]


class ProposedCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says about a vulnerability in a software: for the versions in the range and no others.

    ecosystem, name: the software as it is looked up (``Debian:12``, ``openssl``); introduced "0": from the first
    version on; end_kind: ``fixed`` up to but without ``end_version``, ``last_affected`` with it, ``none``: no end.
    """

    ecosystem: str
    name: str
    vulnerability: str
    status: CorrectionStatus
    reason: str
    introduced: str = "0"
    end_version: str | None = None
    end_kind: EndOfCorrection = "none"
    replaces_id: int | None = None


class Correction(ProposedCorrection, frozen=True, kw_only=True):
    """A correction with its author and what was decided. Only ``approved`` ones are in force."""

    id: int
    state: CorrectionState
    author: str
    created_at: Micros
    decided_by: str | None
    decided_at: Micros | None
    note: str


FeedbackKind = Literal["support_wish", "software_detail", "not_installed", "device_count", "other"]
"""spec/features.md 6.8 and 11.3. ``support_wish``: "please support this CVE"."""
FeedbackSubject = Literal["vulnerability", "software", "recommendation"]
FeedbackState = Literal["open", "done", "refused"]


class GivenFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody tells the administrators of a page. ``subject``: name of a vulnerability, or an id.

    It changes nothing by itself: what is wrong with a match is said in a correction.
    """

    kind: FeedbackKind
    subject_kind: FeedbackSubject
    subject: str
    text: str = ""


class Feedback(GivenFeedback, frozen=True, kw_only=True):
    """Feedback with its author and what became of it. Persons are ``kind:id:name`` of that time."""

    id: int
    state: FeedbackState
    author: str
    created_at: Micros
    decided_by: str | None
    decided_at: Micros | None
    note: str


class MissingUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """An update of Microsoft's that a device lacks. ``cves``: what it fixes there, of all that it contains."""

    id: str
    """Its KB number, digits only; ``name`` has it with the letters."""
    name: str
    cves: tuple[str, ...]
    products: tuple[str, ...]
    """The vendor's names of what it is for, in lower case."""
    url: str
    is_waiting: bool = False
    """Installed, and not in effect before a restart."""
