"""Notifier: only sends. What to say, to whom and when is decided elsewhere."""

import json
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
# Something between us and the gateway gave up waiting for it: nobody knows whether it took the message.
NOBODY_KNOWS = frozenset({408, 504})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Of what a gateway says when it takes a message, nothing matters but a short number.
LONGEST_ANSWER, LONGEST_REFERENCE = 4096, 100


class UnsafeHeader(Exception):
    """A header's text holds a line break or a zero byte: it would start a header of its own."""


class NotSent(Exception):
    """The message was not taken. `for_good` when the other side said never to try this one again.

    `gateway`: the place of one that may have taken it all the same, because its answer never came.
    """

    def __init__(self, problem: str, *, for_good: bool, gateway: int | None = None) -> None:
        super().__init__(problem)
        self.for_good = for_good
        self.gateway = gateway


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
class Taken:
    """By which gateway, as its place in the settings, and under which number of its own; "" when it gave none."""

    gateway: int
    reference: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One e-mail, ready to send. `number` names it for good: a second copy is recognised as the same message."""

    number: str
    to: str
    subject: str
    text: str
    written_at: datetime
    # The same words with a shape, for programs that show it.
    html: str | None = None
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
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
    if letter.calendar is not None:
        _add_calendar(message, letter.calendar, letter.method)
    return message


def _add_calendar(message: EmailMessage, calendar: bytes, method: str) -> None:
    """Twice, as calendars expect it: a part to act on beside the text, and a file for those who ignore that."""
    text = calendar.decode("utf-8")
    message.add_alternative(text, subtype="calendar", params={"method": method})
    name = "invite.ics" if method == "REQUEST" else "cancelled.ics"
    message.add_attachment(calendar, maintype="application", subtype="ics", filename=name)


class _Perhaps(Exception):
    """The gateway may have it: its answer never came."""


class Notifier:
    """Sends letters over one SMTP connection each, and text messages through the first gateway that takes them."""

    def __init__(self, settings: MailSettings, sms: tuple[SmsSettings, ...] = ()) -> None:
        self.settings = settings
        self.sms = sms

    async def send_text(self, message: TextMessage, *, only: int | None = None) -> Taken:
        """Returns once a gateway has taken it. Raises NotSent.

        The next one is asked when it is certain that this one does not have it. `only` is the place of one that may:
        it knows a second copy by its number, the others would not.
        """
        if not self.sms:
            raise NotSent("no text message gateway is configured", for_good=True)
        if not message.to:
            raise NotSent("this number cannot take text messages", for_good=True)
        alone = only is not None and only < len(self.sms)
        problem = NotSent("text message gateway not reachable", for_good=False)
        for place in (only,) if alone else range(len(self.sms)):
            assert place is not None
            try:
                reference = await self._hand_to(self.sms[place], message)
                return Taken(gateway=place, reference=reference)
            except _Perhaps as unknown:
                raise NotSent(str(unknown), for_good=False, gateway=place) from unknown
            except NotSent as refused:
                problem = refused
                if refused.for_good:
                    break
        if alone and not problem.for_good:
            problem.gateway = only
        raise problem

    async def _hand_to(self, gateway: SmsSettings, message: TextMessage) -> str:
        """The number it gave the message. Raises NotSent, _Perhaps."""
        headers = {"Authorization": f"Bearer {gateway.token}", "Idempotency-Key": message.number}
        patience = aiohttp.ClientTimeout(total=gateway.timeout_seconds)
        said = {"to": message.to, "text": message.text, "client_reference": message.number}
        try:
            async with (
                aiohttp.ClientSession(timeout=patience) as session,
                session.post(gateway.url, json=said, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
                reference = await _reference(answer) if 200 <= status < 300 else ""
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as problem:
            raise NotSent("text message gateway not reachable", for_good=False) from problem
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise _Perhaps("text message gateway did not answer") from problem
        if status in NOBODY_KNOWS:
            raise _Perhaps(f"text message gateway answered {status}")
        if not 200 <= status < 300:
            raise NotSent(f"text message gateway answered {status}", for_good=status in REFUSED_FOR_GOOD)
        return reference

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

    async def greet(self) -> None:
        """As far as the mail server's door, sign-in included, and away again. Raises NotSent."""
        settings = self.settings
        try:
            async with aiosmtplib.SMTP(
                hostname=settings.host,
                port=settings.port,
                use_tls=settings.security == TLS,
                start_tls=settings.security == STARTTLS,
                tls_context=_tls(settings),
                username=settings.username or None,
                password=settings.password or None,
                timeout=settings.timeout_seconds,
            ) as server:
                await server.noop()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
            raise NotSent(str(problem) or "no answer", for_good=False) from problem

    async def _deliver(self, message: EmailMessage) -> None:
        settings = self.settings
        await aiosmtplib.send(
            message,
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security == TLS,
            start_tls=settings.security == STARTTLS,
            tls_context=_tls(settings),
            username=settings.username or None,
            password=settings.password or None,
            timeout=settings.timeout_seconds,
        )


def _tls(settings: MailSettings) -> ssl.SSLContext | None:
    return None if settings.security == PLAIN else ssl.create_default_context()


async def _reference(answer: aiohttp.ClientResponse) -> str:
    """The "id" of what it says. It has the message whatever it says, so nothing that is wrong here is a failure."""
    said = b""
    try:
        async for part in answer.content.iter_any():
            said += part
            if len(said) > LONGEST_ANSWER:
                return ""
        given = json.loads(said)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return ""
    number = str(given.get("id", "")) if isinstance(given, dict) else ""
    return number if len(number) <= LONGEST_REFERENCE else ""
