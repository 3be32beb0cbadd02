"""Authenticated scans: who is asked, one after the other and some at once, and what is recorded of it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence

from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.access import Caller
from weakspot.inventory import SourceInventory, scans
from weakspot.inventory.protocols import ReadInventory, ssh
from weakspot.inventory.scans import NewScan, Outcome, Run, Scan
from weakspot.runtime.errors import Conflict, DeviceKnown, InputError, InvalidField
from weakspot.runtime.vault import Vault
from weakspot.workflows.agents import record_source
from weakspot.workflows.services import Services

logger = logging.getLogger(__name__)

SOURCE = "ssh"
AT_ONCE = 16
TESTED = 5
"""Addresses that a test run asks at most."""


class Scanner:
    """Use cases of scans; blocking. One run of a scan at a time."""

    def __init__(self, services: Services, vault: Vault) -> None:
        self._services = services
        self._vault = vault
        self._running: set[int] = set()
        self._lock = threading.Lock()

    def add(self, actor: Caller, new: NewScan) -> Scan:
        """Keep a scan. Raises InvalidField, Conflict."""
        now = self._services.clock()

        def unit(conn: Connection) -> Scan:
            made = scans.add_scan(conn, self._vault, new, now)
            access.record_audit(conn, now, actor, "scan.add", new.name, {"targets": ", ".join(new.targets)[:500]})
            return made

        return self._services.database.write(unit)

    def remove(self, actor: Caller, scan_id: int) -> None:
        """Forget a scan with its credentials. Raises NotFound."""
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            found = scans.find_scan(conn, scan_id)
            scans.remove_scan(conn, scan_id)
            access.record_audit(conn, now, actor, "scan.remove", found.name)

        self._services.database.write(unit)

    def all(self) -> list[Scan]:
        """All scans."""
        with self._services.database.read() as conn:
            return scans.list_scans(conn)

    def history(self, scan_id: int) -> list[Run]:
        """Runs of a scan, newest first. Raises NotFound."""
        with self._services.database.read() as conn:
            scans.find_scan(conn, scan_id)
            return scans.runs(conn, scan_id)

    def accept(self, actor: Caller, scan_id: int, address: str, fingerprint: str) -> None:
        """Trust the key that an address shows now, if it is the one that a person looked at.

        Raises NotFound, InvalidField (not an address of the scan, or another key by now), InputError (no answer).
        """
        with self._services.database.read() as conn:
            found = scans.find_scan(conn, scan_id)
        if address not in scans.addresses_of(found.targets):
            raise InvalidField("That is no address of this scan.", field="address")
        try:
            key, shown = asyncio.run(ssh.key_of(address, found.port))
        except ssh.Unreachable as error:
            raise InputError(f"{address} cannot be reached: {error}.") from None
        if shown != fingerprint:
            raise InvalidField(f"{address} shows the key {shown} now; look at it again.", field="fingerprint")
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            scans.accept_key(conn, address, found.port, key, now)
            access.record_audit(conn, now, actor, "scan.accept_key", address, {"key": shown})

        self._services.database.write(unit)

    def run(self, actor: Caller, scan_id: int, kind: str) -> Run:
        """Ask all addresses (a test: the first five, and nothing is recorded of the devices).

        Raises NotFound, Conflict while the scan runs.
        """
        with self._services.database.read() as conn:
            found = scans.find_scan(conn, scan_id)
            login = ssh.Access(
                username=found.username, port=found.port, **scans.credentials(conn, self._vault, scan_id)
            )
        with self._lock:
            if scan_id in self._running:
                raise Conflict("The scan is running; wait until it has ended.")
            self._running.add(scan_id)
        began = self._services.clock()
        try:
            addresses = scans.addresses_of(found.targets)
            outcomes = asyncio.run(self._all(found, login, addresses[:TESTED] if kind == "test" else addresses, kind))
        finally:
            with self._lock:
                self._running.discard(scan_id)
        ended = self._services.clock()

        def unit(conn: Connection) -> int:
            access.record_audit(conn, ended, actor, f"scan.{kind}", found.name, {"addresses": str(len(outcomes))})
            return scans.record_run(conn, scan_id, kind, began, ended, outcomes)

        number = self._services.database.write(unit)
        return Run(id=number, kind=kind, started_at=began, ended_at=ended, outcomes=tuple(outcomes))

    def run_quietly(self, actor: Caller, scan_id: int, kind: str = "asked") -> None:
        """As ``run``, for a thread of its own: what goes wrong is in the log."""
        try:
            self.run(actor, scan_id, kind)
        except Conflict:
            return
        except Exception:
            logger.exception("a scan failed", extra={"fields": {"scan": scan_id}})

    def start_due(self) -> None:
        """Start every scan whose time has come, each in a thread of its own."""
        with self._services.database.read() as conn:
            waiting = scans.due(conn, self._services.clock())
        actor = access.internal_caller("schedule")
        for one in waiting:
            if one.id not in self._running:
                thread = threading.Thread(target=self.run_quietly, args=(actor, one.id, "schedule"), daemon=True)
                thread.start()

    async def _all(self, found: Scan, login: ssh.Access, addresses: Sequence[str], kind: str) -> list[Outcome]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(address: str) -> Outcome:
            async with places:
                return await self._one(found, login, address, kind)

        return await asyncio.gather(*(one(address) for address in addresses))

    async def _one(self, found: Scan, login: ssh.Access, address: str, kind: str) -> Outcome:
        shown, is_new = "", False
        try:
            key, shown = await ssh.key_of(address, found.port)
            is_new = await asyncio.to_thread(self._is_new, address, found.port, key)
            answers = await ssh.ask(address, login, key, ssh.COMMANDS)
            if "dpkg" in answers.cut or "rpm" in answers.cut or "apk" in answers.cut:
                raise InputError("The list of packages is too long, or took too long.")
            read = ssh.inventory_of(answers.outputs)
        except (ssh.Unreachable, ssh.KeyChanged, ssh.LoginRefused, Conflict, InputError) as error:
            return Outcome(address=address, status=_status(error), reason=str(error), key=shown, is_new_key=is_new)
        done = Outcome(
            address=address, status="reached", device_name=read.device.name, software=len(read.software), key=shown,
            is_new_key=is_new,
        )  # fmt: skip
        if kind == "test":
            return done
        return await asyncio.to_thread(self._record, f"{address}:{found.port}", read, done)

    def _is_new(self, address: str, port: int, key: str) -> bool:
        """Whether the address is met for the first time; its key is pinned then. Raises KeyChanged."""
        now = self._services.clock()

        def unit(conn: Connection) -> bool:
            known = scans.pinned_key(conn, address, port)
            if known is None:
                scans.pin_key(conn, address, port, key, now)
            elif known != key:
                raise ssh.KeyChanged("it shows another key than before; look at it, then accept it if it is right")
            return known is None

        return self._services.database.write(unit)

    def _record(self, external_id: str, read: ReadInventory, done: Outcome) -> Outcome:
        now = self._services.clock()
        told = SourceInventory(source=SOURCE, device=read.device, software=read.software)

        def unit(conn: Connection) -> str:
            agent = inventory.admit_scanned(conn, SOURCE, external_id, read.device, now)
            if agent is None:
                return ""
            record_source(self._services, conn, (agent.device_id, agent.public_id), told, now)
            return agent.public_id

        try:
            device_id = self._services.database.write(unit)
        except (DeviceKnown, InputError) as error:
            return _as(done, "failed", error.detail)
        if not device_id:
            return _as(done, "waiting", "it is a known device; approve the request of the scan first")
        return Outcome(
            address=done.address, status="recorded", device_name=done.device_name, device_id=device_id,
            software=done.software, key=done.key, is_new_key=done.is_new_key,
        )  # fmt: skip


def _as(done: Outcome, status: scans.Status, reason: str) -> Outcome:
    return Outcome(
        address=done.address, status=status, reason=reason, device_name=done.device_name, key=done.key,
        is_new_key=done.is_new_key,
    )  # fmt: skip


def _status(error: Exception) -> scans.Status:
    if isinstance(error, ssh.KeyChanged):
        return "key_changed"
    if isinstance(error, ssh.LoginRefused):
        return "refused"
    return "unreachable" if isinstance(error, ssh.Unreachable) else "failed"
