"""Notifier: only sends. What to say, to whom and when is decided elsewhere."""

import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import aiohttp
import aiosmtplib

PLAIN, STARTTLS, TLS = "none", "starttls", "tls"
# What a gateway answers to a number or text that it will never take.
REFUSED_FOR_GOOD = frozenset({400, 404, 410, 422})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class UnsafeHeader(Exception):
    """A header's text holds a line break or a zero byte: it would start a header of its own."""


class NotSent(Exception):
    """The message was not taken. `for_good` when the other side said never to try this one again."""

    def __init__(self, problem: str, *, for_good: bool) -> None:
        super().__init__(problem)
        self.for_good = for_good


@dataclass(frozen=True, kw_only=True, slots=True)
class MailSettings:
    """How mail leaves. `security` is "none" (loopback only), "starttls" or "tls"."""

    host: str
    port: int
    security: str
    sender_name: str
    sender_address: str
    username: str = ""
    password: str = ""
    timeout_seconds: float = 20.0

    def __post_init__(self) -> None:
        if self.security not in (PLAIN, STARTTLS, TLS):
            raise ValueError('security must be "none", "starttls" or "tls"')
        if self.security == PLAIN and self.host not in LOOPBACK:
            raise ValueError("mail leaves this machine over TLS only")


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsSettings:
    """A gateway's address and the token it knows us by."""

    url: str
    token: str
    timeout_seconds: float = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TextMessage:
    """One SMS, ready to send. `number` names it for good, so that a gateway can tell a second copy."""

    number: str
    to: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One e-mail, ready to send. `number` names it for good: a second copy is recognised as the same message."""

    number: str
    to: str
    subject: str
    text: str
    written_at: datetime
    # A calendar's bytes and its METHOD, or neither.
    calendar: bytes | None = None
    method: str = "REQUEST"


def message_of(letter: Letter, settings: MailSettings) -> EmailMessage:
    """The letter as an e-mail. Raises UnsafeHeader."""
    message = EmailMessage(policy=SMTP)
    domain = settings.sender_address.rpartition("@")[2]
    message["From"] = Address(display_name=settings.sender_name, addr_spec=settings.sender_address)
    headers = {
        "To": letter.to,
        "Subject": letter.subject,
        "Date": format_datetime(letter.written_at),
        "Message-ID": f"<{letter.number}@{domain}>",
        # Nobody's holiday reply should answer a machine.
        "Auto-Submitted": "auto-generated",
    }
    for name, text in headers.items():
        if any(mark in text for mark in "\r\n\0"):
            raise UnsafeHeader(name)
        message[name] = text
    message.set_content(letter.text)
    if letter.calendar is not None:
        _add_calendar(message, letter.calendar, letter.method)
    return message


def _add_calendar(message: EmailMessage, calendar: bytes, method: str) -> None:
    """Twice, as calendars expect it: a part to act on beside the text, and a file for those who ignore that."""
    text = calendar.decode("utf-8")
    message.add_alternative(text, subtype="calendar", params={"method": method})
    name = "invite.ics" if method == "REQUEST" else "cancelled.ics"
    message.add_attachment(calendar, maintype="application", subtype="ics", filename=name)


class Notifier:
    """Sends letters over one SMTP connection each, and text messages through a gateway where there is one."""

    def __init__(self, settings: MailSettings, sms: SmsSettings | None = None) -> None:
        self.settings = settings
        self.sms = sms

    async def send_text(self, message: TextMessage) -> None:
        """Returns once the gateway has taken it. Raises NotSent."""
        if self.sms is None:
            raise NotSent("no text message gateway is configured", for_good=True)
        headers = {"Authorization": f"Bearer {self.sms.token}", "Idempotency-Key": message.number}
        patience = aiohttp.ClientTimeout(total=self.sms.timeout_seconds)
        said = {"to": message.to, "text": message.text}
        try:
            async with (
                aiohttp.ClientSession(timeout=patience) as session,
                session.post(self.sms.url, json=said, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise NotSent("text message gateway not reachable", for_good=False) from problem
        if not 200 <= status < 300:
            raise NotSent(f"text message gateway answered {status}", for_good=status in REFUSED_FOR_GOOD)

    async def send(self, letter: Letter) -> None:
        """Returns once the other side has taken responsibility for it. Raises NotSent."""
        try:
            message = message_of(letter, self.settings)
        except (UnsafeHeader, ValueError, UnicodeError) as problem:
            raise NotSent(f"not a sendable message ({type(problem).__name__})", for_good=True) from problem
        try:
            await self._deliver(message)
        except aiosmtplib.SMTPRecipientsRefused as problem:
            codes = [refused.code for refused in problem.recipients]
            for_good = all(code >= 500 for code in codes)
            raise NotSent(f"address refused ({', '.join(map(str, codes))})", for_good=for_good) from problem
        except aiosmtplib.SMTPResponseException as problem:
            raise NotSent(f"mail server answered {problem.code}", for_good=False) from problem
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
            raise NotSent("mail server not reachable", for_good=False) from problem

    async def _deliver(self, message: EmailMessage) -> None:
        settings = self.settings
        await aiosmtplib.send(
            message,
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security == TLS,
            start_tls=settings.security == STARTTLS,
            tls_context=ssl.create_default_context() if settings.security != PLAIN else None,
            username=settings.username or None,
            password=settings.password or None,
            timeout=settings.timeout_seconds,
        )
