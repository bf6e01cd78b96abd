"""The certificate of `--phone`: what phones ask of one, kept as long as it does, for its owner's eyes only."""

import contextlib
import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from server.web.certificate import FILE, LIVES, RENEWED_BEFORE_END, Certificate, kept_or_made
from server.web.clock import Clock

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
NAMES = ("frontdesk", "frontdesk.local")


def made(folder: Path, *, address: str = "192.168.1.20", names=NAMES, now: datetime = NOW) -> Certificate:
    return kept_or_made(folder, address=address, names=names, now=now)


def both(certificate: Certificate) -> tuple[x509.Certificate, x509.Certificate]:
    leaf, authority = x509.load_pem_x509_certificates(certificate.file.read_bytes())
    return leaf, authority


def part(certificate: x509.Certificate, kind):  # type: ignore[no-untyped-def]
    return certificate.extensions.get_extension_for_class(kind).value


def test_it_is_for_this_address_and_these_names(tmp_path) -> None:
    leaf, _ = both(made(tmp_path))
    names = part(leaf, x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.IPAddress) == [IPv4Address("192.168.1.20")]
    assert names.get_values_for_type(x509.DNSName) == ["frontdesk", "frontdesk.local"]


def test_apple_takes_it(tmp_path) -> None:
    """Apple, "Requirements for trusted certificates": SHA-2, names in the SAN, serverAuth, at most 825 days."""
    leaf, _ = both(made(tmp_path))
    assert leaf.signature_hash_algorithm is not None and leaf.signature_hash_algorithm.name == "sha256"
    assert list(part(leaf, x509.ExtendedKeyUsage)) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=825)
    assert leaf.not_valid_before_utc <= NOW - timedelta(hours=12), "a phone's clock may be behind"


def test_what_is_served_is_no_authority_and_its_authority_signs_nothing_else(tmp_path) -> None:
    certificate = made(tmp_path)
    leaf, authority = both(certificate)
    assert part(leaf, x509.BasicConstraints) == x509.BasicConstraints(ca=False, path_length=None)
    assert part(authority, x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=0)
    assert part(authority, x509.NameConstraints).permitted_subtrees == [
        x509.IPAddress(IPv4Network("192.168.1.20/32")),
        x509.DNSName("frontdesk"),
        x509.DNSName("frontdesk.local"),
    ]
    leaf.verify_directly_issued_by(authority)
    # Of the two keys only the served one is kept, so that nobody can sign with the other.
    text = certificate.file.read_text()
    assert len(re.findall("-----BEGIN [A-Z ]*PRIVATE KEY-----", text)) == 1
    kept = serialization.load_pem_private_key(text.encode(), password=None).public_key()
    assert kept == leaf.public_key() != authority.public_key()


@pytest.mark.parametrize(("names", "name"), [(NAMES, "frontdesk.local"), ((), None)])
def test_whoever_trusts_the_authority_trusts_it_for_this_machine_only(tmp_path, names, name) -> None:
    """RFC 5280, 4.2.1.10, by another implementation than ours."""
    leaf, authority = both(made(tmp_path, names=names))
    trusting = PolicyBuilder().store(Store([authority])).time(NOW)
    chain = trusting.build_server_verifier(x509.IPAddress(IPv4Address("192.168.1.20"))).verify(leaf, [])
    assert chain == [leaf, authority]
    if name:
        trusting.build_server_verifier(x509.DNSName(name)).verify(leaf, [])
    for other in (x509.IPAddress(IPv4Address("192.168.1.21")), x509.DNSName("bank.example")):
        with pytest.raises(VerificationError):
            trusting.build_server_verifier(other).verify(leaf, [])


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    """Both sides of TLS in memory, as OpenSSL has it. Raises SSLCertVerificationError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(down, up, server_hostname=host), server.wrap_bio(up, down, server_side=True)]
    for _ in range(4):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    assert ends[0].version() == "TLSv1.3"


@pytest.mark.parametrize("names", [NAMES, ()], ids=["with host names", "without"])
def test_openssl_takes_it_for_this_machine_and_for_no_other(tmp_path, names) -> None:
    """A subject that looks like a host's name is held against the constraints where no such name stands beside it."""
    certificate = made(tmp_path, names=names, now=Clock().now())
    client = ssl.create_default_context(cadata=certificate.authority)
    for host in ("192.168.1.20", *names):
        shake_hands(certificate.context(), client, host)
    for other in ("192.168.1.21", "bank.example"):
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            shake_hands(certificate.context(), client, other)


def test_one_that_openssl_would_not_take_is_made_anew(tmp_path, monkeypatch) -> None:
    """As it was made before: with the bare address as its subject."""
    monkeypatch.setattr("server.web.certificate._subject", lambda address: address)
    before = made(tmp_path).file.read_bytes()
    monkeypatch.undo()
    assert made(tmp_path).file.read_bytes() != before


def test_without_names_of_its_own_it_may_vouch_for_none(tmp_path) -> None:
    _, authority = both(made(tmp_path, names=()))
    assert x509.DNSName("invalid") in part(authority, x509.NameConstraints).permitted_subtrees


def test_the_phone_is_given_the_authority(tmp_path) -> None:
    certificate = made(tmp_path)
    assert x509.load_der_x509_certificate(certificate.authority) == both(certificate)[1]


def test_key_and_certificate_are_for_their_owner_only(tmp_path) -> None:
    before = os.umask(0)
    try:
        certificate = made(tmp_path)
    finally:
        os.umask(before)
    assert certificate.file == tmp_path / FILE
    assert certificate.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_server_can_use_it(tmp_path) -> None:
    context = made(tmp_path).context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


class TestItIsKept:
    @pytest.fixture
    def before(self, tmp_path) -> bytes:
        return made(tmp_path).file.read_bytes()

    def test_as_long_as_it_does_because_every_new_one_is_a_new_warning(self, tmp_path, before) -> None:
        latest = NOW + LIVES - RENEWED_BEFORE_END - timedelta(seconds=1)
        for now in (NOW, NOW + timedelta(days=100), latest):
            assert made(tmp_path, now=now).file.read_bytes() == before

    @pytest.mark.parametrize(
        "changed",
        [
            {"address": "192.168.1.21"},
            {"names": ("frontdesk",)},
            {"names": ()},
            {"now": NOW + LIVES - RENEWED_BEFORE_END},
            {"now": NOW + LIVES + timedelta(days=1)},
            {"now": NOW - timedelta(days=2)},
        ],
        ids=str,
    )
    def test_and_made_anew_when_it_no_longer_fits(self, tmp_path, before, changed) -> None:
        now = changed.get("now", NOW)
        certificate = made(tmp_path, **changed)
        leaf, _ = both(certificate)
        assert certificate.file.read_bytes() != before
        assert leaf.not_valid_before_utc < now < leaf.not_valid_after_utc

    def test_and_made_anew_when_others_could_have_read_it(self, tmp_path, before) -> None:
        (tmp_path / FILE).chmod(0o644)
        assert made(tmp_path).file.read_bytes() != before
        assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("keep", [0, 100, 300, 900, -40])
    def test_and_made_anew_when_it_is_damaged(self, tmp_path, before, keep) -> None:
        (tmp_path / FILE).write_bytes(before[:keep])
        made(tmp_path).context()
        assert len(both(made(tmp_path))) == 2
