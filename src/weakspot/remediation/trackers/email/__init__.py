"""E-mail (SMTP, RFC 5321): one message a ticket, follow-ups in the same thread.

Mail cannot be asked and tells nothing back, so the state stays Pending until the activity completes. A message that is
sent twice has the same Message-ID, by which mail programs show it once.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from typing import ClassVar

from weakspot.remediation.trackers.base import Draft, Remote, Signal, TrackerBusy, TrackerRefused, text_of
from weakspot.runtime.outbound import Field

TIMEOUT_SECONDS = 20.0
DOMAIN = "weakspot.invalid"
Connect = Callable[[str, int], smtplib.SMTP]


class Email:
    """One mailbox to write to."""

    kind: ClassVar[str] = "email"
    is_readable: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="server", description="Name of the mail server"),
        Field(name="port", description="Its port", default="587"),
        Field(name="security", description="starttls, tls, or none (this machine alone)", default="starttls"),
        Field(name="sender", description="Address to send from"),
        Field(name="recipients", description="Addresses to send to, comma-separated"),
        Field(name="user", description="User to sign in as; empty: none", default=""),
        Field(name="password", description="Password", is_secret=True, default=""),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._server = settings["server"]
        port = settings.get("port") or "587"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise TrackerRefused("The port of the mail server is a number from 1 to 65535.")
        self._port = int(port)
        self._security = settings.get("security") or "starttls"
        if self._security not in ("starttls", "tls", "none"):
            raise TrackerRefused("The security of the mail server is starttls, tls or none.")
        if self._security == "none" and self._server not in ("localhost", "127.0.0.1", "::1"):
            raise TrackerRefused("Mail without encryption is for this machine alone.")
        self._sender = _address(settings["sender"])
        self._recipients = tuple(_address(one) for one in settings["recipients"].split(",") if one.strip())
        if not self._recipients:
            raise TrackerRefused("Name at least one recipient.")
        self._user, self._password = settings.get("user", ""), secrets.get("password", "")

    def find(self, key: str) -> Remote | None:
        """Mail cannot be asked; the Message-ID is the same each time."""
        return None

    def create(self, draft: Draft) -> Remote:
        """The first message of the thread."""
        self._send(draft.key, f"[{draft.priority}] {draft.title}", text_of(draft, devices=2_000), "")
        return Remote(id=draft.key, url="", state="Pending", note="sent")

    def comment(self, remote_id: str, text: str) -> None:
        """A follow-up."""
        self._send(remote_id, f"Re: {remote_id}", text, "comment")

    def close(self, remote_id: str, text: str) -> None:
        """A follow-up that it is done."""
        self._send(remote_id, f"Completed: {remote_id}", text, "close")

    def reopen(self, remote_id: str, text: str) -> None:
        """A follow-up that it is not."""
        self._send(remote_id, f"Open again: {remote_id}", text, "reopen")

    def read(self, remote_id: str) -> Remote:
        """Mail cannot be asked."""
        raise TrackerRefused("Mail cannot be asked for a state.")

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """Mail tells nothing back."""
        raise TrackerRefused("Mail sends no callbacks.")

    def _send(self, key: str, subject: str, text: str, what: str) -> None:
        message = EmailMessage()
        message["Subject"] = "".join(one if one.isprintable() else " " for one in subject)[:200]
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Message-ID"] = f"<{key}{'.' + what if what else ''}@{DOMAIN}>"
        message["Auto-Submitted"] = "auto-generated"
        if what:
            message["In-Reply-To"] = message["References"] = f"<{key}@{DOMAIN}>"
        message.set_content(text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            raise TrackerRefused(f"The mail server refuses the sign-in ({error.smtp_code}).") from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            kind = TrackerBusy if any(400 <= code < 500 for code in codes) else TrackerRefused
            raise kind(f"The mail server refuses the recipients ({min(codes, default=0)}).") from None
        except smtplib.SMTPResponseException as error:
            kind = TrackerRefused if error.smtp_code >= 500 else TrackerBusy
            raise kind(f"The mail server answered {error.smtp_code}.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise TrackerBusy(f"The mail server does not answer: {type(error).__name__}.") from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self._security == "tls":
            server = smtplib.SMTP_SSL(self._server, self._port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._server, self._port, timeout=TIMEOUT_SECONDS)
        try:
            if self._security == "starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def _address(text: str) -> str:
    try:
        return str(Address(addr_spec=text.strip()))
    except (ValueError, IndexError):
        raise TrackerRefused(f"{text.strip()[:80]!r} is no mail address.") from None
