"""Bring the waiting reports to the server, in order, and turn each answer into what follows from it."""

from __future__ import annotations

import json
import logging
from typing import NamedTuple, Optional

from weakspot_sensor.errors import RevokedError, UnreachableError
from weakspot_sensor.journal import Journal, Pending
from weakspot_sensor.transport import Answer, Client

REPORTS = "/api/sensor/v1/reports"
HEARTBEAT = "/api/sensor/v1/heartbeat"

_REFUSED = frozenset((400, 413, 415, 422))
_REVOKED = "the server no longer accepts this device's key; enrol the device again ({})"

log = logging.getLogger("weakspot_sensor")


class Outcome(NamedTuple):
    """How a delivery ended.

    delivered: all that waited is confirmed. needs_full: a full report has to be recorded. Else it has to be
    tried again, after `wait` seconds when the server named a time.
    """

    delivered: bool
    needs_full: bool
    wait: Optional[float]
    reason: str


def deliver(journal: Journal, client: Client) -> Outcome:
    """Send what waits. Raises RevokedError when the key is no longer accepted, OSError on a full disk."""
    while True:
        report = journal.first()
        if journal.needs_full:
            return Outcome(False, True, None, "the server has to be given the whole inventory")
        if report is None:
            return Outcome(True, False, None, "")
        try:
            answer = client.post(REPORTS, report.data, "gzip")
        except UnreachableError as error:
            return Outcome(False, False, None, str(error))
        ended = _settle(journal, report, answer)
        if ended is not None:
            return ended


def _settle(journal: Journal, report: Pending, answer: Answer) -> Optional[Outcome]:
    """What an answer means; None to go on with the next report."""
    if answer.status == 200:
        return _confirmed(journal, report, answer)
    if answer.status == 401:
        raise RevokedError(_REVOKED.format(answer.explanation))
    if answer.status == 409 and answer.problem == "resync-required":
        journal.resync()
        return Outcome(False, True, None, "the server asks for the whole inventory")
    if answer.status == 409 and answer.problem == "report-superseded":
        number = answer.document.get("sequence")
        journal.supersede(number if isinstance(number, int) else 0)
        return Outcome(False, True, None, "the server has newer reports of this device")
    if answer.status in _REFUSED or answer.status == 409:
        reason = "the server refused report {}: {}".format(report.sequence, answer.explanation)
        log.error("%s (kept in spool/refused)", reason)
        journal.refuse(report, {"status": answer.status, **answer.document})
        return Outcome(False, True, None, reason)
    return Outcome(False, False, answer.retry_after, answer.explanation)


def _confirmed(journal: Journal, report: Pending, answer: Answer) -> Optional[Outcome]:
    # Only the sensor protocol answers like this: a proxy's or portal's page must not count as a receipt.
    if answer.document.get("sequence") != report.sequence or "device_id" not in answer.document:
        return Outcome(False, False, None, "the answer is not one of a Weakspot server")
    journal.confirm(report)
    log.info("report %d (%s) is delivered", report.sequence, report.kind)
    if answer.document.get("digest") == report.digest:
        return None
    if report.kind == "full":
        # A second one would end the same way; the next change or day tries again.
        log.error("the server computes another digest of the same inventory")
        return None
    journal.resync()
    return Outcome(False, True, None, "the server's inventory has drifted")


def heartbeat(journal: Journal, client: Client) -> bool:
    """Tell the server that all is well; whether it wants the whole inventory.

    Raises RevokedError, and UnreachableError when the server did not answer as it should.
    """
    digest = journal.confirmed.digest if journal.confirmed else None
    answer = client.post(HEARTBEAT, json.dumps({"digest": digest}).encode("ascii"))
    if answer.status == 401:
        raise RevokedError(_REVOKED.format(answer.explanation))
    if answer.status != 200:
        raise UnreachableError(answer.explanation)
    if answer.document.get("resync") is True:
        journal.resync()
        return True
    return False
