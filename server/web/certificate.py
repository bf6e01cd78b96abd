"""A certificate of this machine's own, for one address in the local network: made here, kept here, renewed in time.

Safari on an iPhone is reported to open no WebSocket on a certificate that was only waved through; it must be trusted,
and only an authority can be. So an authority is made for this one certificate and its key is forgotten with the
function that made it: whoever trusts it trusts this certificate and nothing else, ever. Its name constraints say the
same to anybody who looks (RFC 5280, 4.2.1.10).
"""

import os
import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FILE = "phone.pem"
FOR_OWNER_ONLY = 0o600
# Apple takes 825 days at most from an authority its owner added, and wants serverAuth and the address in the names.
LIVES = timedelta(days=365)
# Every new certificate is a new warning on every phone: not early, and never in the middle of a visit.
RENEWED_BEFORE_END = timedelta(days=30)
# A phone's clock may be behind.
SINCE = timedelta(days=1)
# Constraints bind a kind of name only when they name one of it; nobody can own this one (RFC 2606).
NOBODYS_NAME = "invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """`file` holds key, certificate and authority (PEM); `authority` is what a phone can be told to trust (DER)."""

    file: Path
    authority: bytes

    def context(self) -> ssl.SSLContext:
        """For a server's socket. HTTP/1.1 only: WebSockets live on it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.file)
        context.set_alpn_protocols(["http/1.1"])
        return context


def kept_or_made(folder: Path, *, address: str, names: tuple[str, ...], now: datetime) -> Certificate:
    """The certificate for `address` and the host `names` in `folder`: another one when the kept one does not do."""
    path = folder / FILE
    authority = _kept(path, address=address, names=names, now=now)
    if authority is None:
        authority = _make(path, address=address, names=names, now=now)
    return Certificate(file=path, authority=authority.public_bytes(serialization.Encoding.DER))


def _kept(path: Path, *, address: str, names: tuple[str, ...], now: datetime) -> x509.Certificate | None:
    """The kept certificate's authority; None when the file is missing, damaged, open to others or does not fit."""
    try:
        if path.stat().st_mode & 0o777 != FOR_OWNER_ONLY:
            return None
        text = path.read_bytes()
        serialization.load_pem_private_key(text, password=None)
        leaf, authority = x509.load_pem_x509_certificates(text)
    except (FileNotFoundError, ValueError):
        return None
    said = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    fits = said == _alternative_names(address, names) and leaf.subject == _name(_subject(address))
    in_time = leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEWED_BEFORE_END
    return authority if fits and in_time else None


def _make(path: Path, *, address: str, names: tuple[str, ...], now: datetime) -> x509.Certificate:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, address=address, names=names, now=now)
    leaf = (
        _begun(_subject(address), issuer=authority.subject, key=key.public_key(), now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_alternative_names(address, names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(path, private + leaf.public_bytes(pem) + authority.public_bytes(pem))
    return authority


def _authority(
    key: ec.EllipticCurvePrivateKey, *, address: str, names: tuple[str, ...], now: datetime
) -> x509.Certificate:
    """Signs itself, and after it one certificate for this machine."""
    named = f"Bedside on {address} only"
    may_name: list[x509.GeneralName] = [x509.IPAddress(IPv4Network(f"{address}/32"))]
    may_name += [x509.DNSName(name) for name in names or (NOBODYS_NAME,)]
    return (
        _begun(named, issuer=_name(named), key=key.public_key(), now=now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=may_name, excluded_subtrees=None), critical=True
        )
        .sign(key, hashes.SHA256())
    )


def _begun(
    named: str, *, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    """What both have in common."""
    return (
        x509.CertificateBuilder()
        .subject_name(_name(named))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SINCE)
        .not_valid_after(now + LIVES)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(address: str) -> str:
    """No name a host could have: OpenSSL holds a subject that looks like one, as a bare address does, against the
    authority's constraints where the certificate names no host beside it."""
    return f"Bedside on {address}"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative_names(address: str, names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [x509.IPAddress(IPv4Address(address)), *(x509.DNSName(name) for name in names)]
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, text: bytes) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    os.replace(name, path)
