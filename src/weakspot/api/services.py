"""What the composition root hands to the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from weakspot.access import Caller
from weakspot.api.authentication import Authenticator
from weakspot.api.metrics import Counters
from weakspot.api.rate import RateLimiter
from weakspot.api.reads import ReadPool
from weakspot.api.streaming import EventHub
from weakspot.inventory.protocols import Document
from weakspot.inventory.scans import NewScan, Run, Scan
from weakspot.remediation import Deliverer
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.settings import Settings
from weakspot.runtime.vault import Vault
from weakspot.workflows import OwnOutcome, Uploaded, UploadOutcome, VexOutcome
from weakspot.workflows.business_context import BusinessContext


class EnrolmentTokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A new enrolment token; the secret is shown once."""

    token: str
    name: str
    uses: int
    expires_at: str
    server_fingerprint: str | None
    """SHA-256 of the certificate authority that a sensor should trust; null without TLS."""


class EnrolmentRequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor that asks to take over a known device."""

    id: int
    device_id: str
    device_name: str
    asking_name: str
    requested_at: str


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether everything derived equals a rebuild, and what differs."""

    is_exact: bool
    seq: int
    parts: dict[str, int]
    differences: list[str]


class AdminPort(Protocol):
    """What the command line asks a running server to do; blocking. The composition root binds it to
    ``workflows``.
    """

    def issue_enrolment_token(self, actor: Caller, name: str, uses: int, life: Micros) -> EnrolmentTokenRow:
        """A token that enrols devices."""

    def enrolment_requests(self) -> list[EnrolmentRequestRow]:
        """Takeovers that wait for a decision."""

    def decide_enrolment(self, actor: Caller, request_id: int, decision: str) -> None:
        """Approve or reject one."""

    def sync_feeds(self, actor: Caller, sources: tuple[str, ...], mirror: str | None) -> Iterator[dict[str, Any]]:
        """Load intelligence; yields progress and ends with the outcome."""

    def write_own_advisory(self, actor: Caller, document: bytes) -> OwnOutcome:
        """Keep an OSV record of the organisation's own."""

    def remove_own_advisory(self, actor: Caller, record_id: str) -> OwnOutcome:
        """Take one back."""

    def write_vex(self, actor: Caller, document: bytes) -> VexOutcome:
        """Keep a VEX document."""

    def remove_vex(self, actor: Caller, document_id: str) -> VexOutcome:
        """Take one back."""

    def check(self) -> CheckResult:
        """Compare everything derived with a rebuild."""

    def rebuild(self, actor: Caller) -> dict[str, Any]:
        """Derive everything again."""


class ScanPort(Protocol):
    """Authenticated scans; blocking. The composition root binds it to ``workflows``."""

    def all(self) -> list[Scan]:
        """All scans."""

    def add(self, actor: Caller, new: NewScan) -> Scan:
        """Keep a scan."""

    def history(self, scan_id: int) -> list[Run]:
        """Runs, newest first."""

    def run(self, actor: Caller, scan_id: int, kind: str) -> Run:
        """Run it to its end."""

    def run_quietly(self, actor: Caller, scan_id: int, kind: str = "asked") -> None:
        """Run it; what goes wrong is in the log."""

    def accept(self, actor: Caller, scan_id: int, address: str, fingerprint: str) -> None:
        """Trust another key."""

    def remove(self, actor: Caller, scan_id: int) -> None:
        """Forget it."""


class UploadPort(Protocol):
    """Inventories by upload; blocking. The composition root binds it to ``workflows``."""

    def for_device(self, actor: Caller, device_id: str, document: Document, component: str) -> Uploaded:
        """A bill of materials of a device."""

    def devices(
        self, actor: Caller, documents: list[Document], name: str, columns: dict[str, str] | None
    ) -> UploadOutcome:
        """Devices without an agent."""

    def remove(self, actor: Caller, device_id: str, source: str) -> None:
        """Forget one source of a device."""


class ApiServices(msgspec.Struct, frozen=True, kw_only=True):
    """All that routes need. ``sign_in_limit`` counts per client address."""

    settings: Settings
    database: Database
    clock: Clock
    reads: ReadPool
    hub: EventHub
    authenticator: Authenticator
    admin: AdminPort
    uploads: UploadPort
    scanner: ScanPort
    business: BusinessContext
    counters: Counters
    sign_in_limit: RateLimiter
    compatible_minute: RateLimiter
    compatible_hour: RateLimiter
    random: Callable[[int], bytes]
    vault: Vault
    deliverer: Deliverer
