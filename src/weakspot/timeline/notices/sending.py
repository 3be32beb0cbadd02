"""Senders: e-mail (SMTP), a signed webhook, and incoming webhooks as Slack and Microsoft Teams have them.

Each either delivers, or raises ``SendBusy`` to be tried again or ``SendRefused`` where trying again cannot help. Texts
of errors hold no secret. What comes from outside is escaped as the receiving product needs it.
"""

from __future__ import annotations

import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import msgspec

from weakspot.timeline.notices.contracts import ChannelKind, Message

TIMEOUT_SECONDS = 20.0
MAX_TEXT = 8_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

FIELDS: dict[ChannelKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "email": (("server", "port", "security", "sender", "user"), ("password",)),
    "webhook": (("url",), ("secret",)),
    "slack": ((), ("url",)),
    "teams": ((), ("url",)),
}
"""Kind -> names of settings that may be shown, names of secrets. An incoming webhook's address is a secret."""


class SendError(Exception):
    """A message was not delivered; the text is shown to people."""


class SendBusy(SendError):
    """Try again later. ``retry_after``: seconds, None where not said."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class SendRefused(SendError):
    """Settings, credentials or recipients must change first."""


class Sender(Protocol):
    """One configured channel."""

    def send(self, key: str, message: Message) -> None:
        """Deliver. The same key for every try. Raises SendBusy, SendRefused."""


def make_sender(kind: ChannelKind, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Sender:
    """A sender of a channel. Raises SendRefused for settings that cannot work."""
    if kind == "email":
        return _Mail(settings, secrets)
    return _Hook(kind, settings.get("url") or secrets.get("url", ""), secrets.get("secret", ""))


class _Mail:
    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._server, port = settings.get("server", ""), settings.get("port") or "587"
        self._security = settings.get("security") or "starttls"
        if not self._server or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise SendRefused("Give the mail server's name, and its port as a number from 1 to 65535.")
        if self._security not in ("starttls", "tls", "none"):
            raise SendRefused("The security of the mail server is starttls, tls or none.")
        if self._security == "none" and self._server not in _LOOPBACK:
            raise SendRefused("Mail without encryption is for this machine alone; use starttls or tls.")
        self._port = int(port)
        self._sender = address(settings.get("sender", ""))
        self._user, self._password = settings.get("user", ""), secrets.get("password", "")

    def send(self, key: str, message: Message) -> None:
        mail = EmailMessage()
        mail["Subject"] = "".join(one if one.isprintable() else " " for one in message.subject)[:200]
        mail["From"], mail["To"] = self._sender, ", ".join(address(one) for one in message.recipients)
        mail["Message-ID"] = f"<{key}@weakspot.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        for one in message.attachments:
            main, _, sub = one.media_type.partition("/")
            mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
        try:
            self._deliver(mail)
        except smtplib.SMTPAuthenticationError as error:
            raise SendRefused(f"The mail server refuses the sign-in ({error.smtp_code}).") from None
        except smtplib.SMTPRecipientsRefused as error:
            worst = min((code for code, _ in error.recipients.values()), default=0)
            kind = SendBusy if 400 <= worst < 500 else SendRefused
            raise kind(f"The mail server refuses the recipients ({worst}).") from None
        except smtplib.SMTPResponseException as error:
            kind = SendRefused if error.smtp_code >= 500 else SendBusy
            raise kind(f"The mail server answered {error.smtp_code}.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise SendBusy(f"The mail server does not answer: {type(error).__name__}.") from None

    def _deliver(self, mail: EmailMessage) -> None:
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self._server, self._port, timeout=TIMEOUT_SECONDS, context=context)
            if self._security == "tls"
            else smtplib.SMTP(self._server, self._port, timeout=TIMEOUT_SECONDS)
        )
        with server:
            if self._security == "starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
            server.send_message(mail)


class _Hook:
    def __init__(self, kind: ChannelKind, url: str, secret: str) -> None:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not is_safe or not parts.hostname:
            raise SendRefused("The address begins with https:// (http:// is for this machine alone).")
        if kind == "webhook" and len(secret) < 16:
            raise SendRefused("A webhook is signed with a secret of at least 16 characters.")
        self._kind, self._url, self._secret = kind, url, secret

    def send(self, key: str, message: Message) -> None:
        body = msgspec.json.encode(payload(self._kind, message))
        headers = {"content-type": "application/json", "idempotency-key": key, "user-agent": "weakspot"}
        if self._kind == "webhook":
            headers["x-weakspot-signature"] = signature(self._secret, body)
        try:
            with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
                answer = client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise SendBusy(f"The address does not answer: {type(error).__name__}.") from None
        if answer.status_code == 429 or answer.status_code >= 500:
            given = answer.headers.get("retry-after", "")
            raise SendBusy(f"It answered {answer.status_code}.", float(given) if given.isdecimal() else None)
        if answer.status_code >= 300:
            raise SendRefused(f"It answered {answer.status_code}; check the address and its rights.")


def payload(kind: ChannelKind, message: Message) -> dict[str, object]:
    """A message as a product takes it."""
    text = message.text[:MAX_TEXT]
    if kind == "slack":
        return {"text": f"*{_slack(message.subject)}*\n{_slack(text)}"}
    if kind == "teams":
        blocks = [
            {"type": "TextBlock", "text": _teams(message.subject), "weight": "Bolder", "wrap": True},
            *({"type": "TextBlock", "text": _teams(line), "wrap": True} for line in text.splitlines() if line.strip()),
        ]
        card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks[:100]}
        kind_of_card = "application/vnd.microsoft.card.adaptive"
        return {"type": "message", "attachments": [{"contentType": kind_of_card, "content": card}]}
    return {"subject": message.subject, "text": text, **message.data}


def signature(secret: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256 of the body in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def address(text: str) -> str:
    """A mail address. Raises SendRefused for what is none."""
    try:
        return str(Address(addr_spec=text.strip()))
    except (ValueError, IndexError):
        raise SendRefused(f"{text.strip()[:80]!r} is no mail address.") from None


def _slack(text: str) -> str:
    """As Slack wants control characters of its markup escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(text: str) -> str:
    """Markdown of cards is taken for text."""
    return "".join(f"\\{one}" if one in "\\`*_[]()#<>|" else one for one in text)
