"""Mail leaves over TLS, with STARTTLS or from the first byte, to a server that proves who it is, and to no other."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import unused_port
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.jobs.mail import send_due
from server.notify import STARTTLS, TLS, MailSettings, Notifier
from server.services import appointments, outgoing
from tests.clocks import MONDAY_MORNING

NAME, PASSWORD = "clinic", "twelve grey herons"


@dataclass(slots=True)
class Server:
    """A real SMTP server with a certificate of its own; `kept` is what it took."""

    controller: Controller
    kept: list[bytes]
    certificate: Path


class Keep:
    def __init__(self, kept: list[bytes]) -> None:
        self.kept = kept

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- its name
        assert session.authenticated
        self.kept.append(envelope.content)
        return "250 Kept"


def certificate_for(name: str, folder: Path) -> tuple[Path, Path]:
    """(certificate, key), signed by itself and good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def check(server: Any, session: Any, envelope: Any, mechanism: str, said: LoginPassword) -> AuthResult:
    right = (said.login, said.password) == (NAME.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class Immediate(Controller):
    """TLS from the first byte. To see that it answers a knock is enough: it need not be trusted for that."""

    def _trigger_server(self) -> None:
        socket.create_connection((self.hostname, self.port), timeout=5).close()


@pytest.fixture(params=[STARTTLS, TLS])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["localhost"])
def server(request: pytest.FixtureRequest, security: str, tmp_path: Path) -> Iterator[Server]:
    certificate, key = certificate_for(request.param, tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    kept: list[bytes] = []
    asks: dict[str, Any] = {"authenticator": check, "auth_required": True, "hostname": "localhost"}
    if security == TLS:
        controller: Controller = Immediate(
            Keep(kept), port=unused_port(), ssl_context=context, auth_require_tls=False, **asks
        )
    else:
        controller = Controller(
            Keep(kept), port=unused_port(), tls_context=context, require_starttls=True, **asks
        )
    controller.start()
    yield Server(controller, kept, certificate)
    controller.stop()


@pytest.fixture
def trusted(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """This machine knows the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    return server


@pytest.fixture
async def booked(database, cast, clock):
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


def notifier(server: Server, security: str, *, password: str = PASSWORD) -> Notifier:
    return Notifier(
        MailSettings(
            host="localhost",
            port=server.controller.port,
            security=security,
            sender_name="Harbor Clinic",
            sender_address="visits@harbor.example",
            username=NAME,
            password=password,
        )
    )


@pytest.fixture
def told(database, booked):
    async def ask() -> list[tuple[str, str | None]]:
        async with database.read() as tx:
            return [(each.state, each.problem) for each in await outgoing.history(tx, booked.id)]

    return ask


async def test_a_server_that_proves_who_it_is_gets_the_letter_and_the_password(
    app, booked, trusted, security, told
) -> None:
    assert await send_due(app, notifier(trusted, security)) == 1
    assert await told() == [("sent", None)] and len(trusted.kept) == 1


async def test_a_server_with_a_certificate_nobody_vouches_for_gets_nothing_and_the_letter_waits(
    app, booked, server, security, told
) -> None:
    assert await send_due(app, notifier(server, security)) == 0
    assert await told() == [("pending", "mail server not reachable")] and server.kept == []


@pytest.mark.parametrize("server", ["mail.example.org"], indirect=True)
async def test_a_server_with_another_ones_certificate_gets_nothing_either(
    app, booked, trusted, security, told
) -> None:
    assert await send_due(app, notifier(trusted, security)) == 0
    assert [state for state, _ in await told()] == ["pending"] and trusted.kept == []


async def test_a_wrong_password_leaves_the_letter_waiting_and_says_so(
    app, booked, trusted, security, told
) -> None:
    assert await send_due(app, notifier(trusted, security, password="wrong")) == 0
    assert await told() == [("pending", "mail server answered 535")] and trusted.kept == []


async def test_a_server_that_cannot_do_starttls_gets_nothing(app, booked, told) -> None:
    kept: list[bytes] = []
    bare = Controller(Keep(kept), hostname="localhost", port=unused_port())
    bare.start()
    try:
        plain = Server(bare, kept, Path())
        assert await send_due(app, notifier(plain, STARTTLS)) == 0
    finally:
        bare.stop()
    assert [state for state, _ in await told()] == ["pending"] and kept == []


async def test_what_waited_leaves_once_the_certificate_is_right(
    app, booked, server, security, told, clock, monkeypatch
) -> None:
    await send_due(app, notifier(server, security))
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    clock.advance(minutes=1)
    assert await send_due(app, notifier(server, security)) == 1
    assert await told() == [("sent", None)]
    assert len(server.kept) == 1
