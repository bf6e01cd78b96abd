"""Sealing of clinical and identifying text: AES-256-GCM, a key per patient, wrapped by the master key.

Layout of a sealed value: one version byte, a 12-byte nonce, the ciphertext with its 16-byte tag. The additional
data names table, column, row and patient, so that a sealed value moved anywhere else no longer opens.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


class MasterKeyMissing(Exception):
    """There is no usable master key file; the message names what to do."""


class SealBroken(Exception):
    """A sealed value does not open: wrong key, wrong place, or changed bytes."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key outside the database that wraps every other. `kid` says which one wrapped what."""

    kid: str
    secret: bytes

    @classmethod
    def of(cls, secret: bytes) -> "MasterKey":
        return cls(kid=hashlib.sha256(b"bedside kid" + secret).hexdigest()[:16], secret=secret)


def read_master_key(path: Path) -> MasterKey:
    """The key in `path` (64 hexadecimal digits). Raises MasterKeyMissing with a sentence for the operator."""
    try:
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except (OSError, ValueError) as problem:
        raise MasterKeyMissing(f"The master key file {path} cannot be read: {problem}") from problem
    if len(secret) != KEY_BYTES:
        raise MasterKeyMissing(f"The master key file {path} must hold 64 hexadecimal digits.")
    return MasterKey.of(secret)


def create_master_key(path: Path) -> MasterKey:
    """A new key file, readable by its owner only. Never overwrites one: that would lose every record."""
    secret = secrets.token_bytes(KEY_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
    return MasterKey.of(secret)


def place(*, table: str, column: str, row_id: str, patient_id: str) -> bytes:
    """Where a value belongs. Ids never contain the separator, so two places never read the same."""
    return f"{table}|{column}|{row_id}|{patient_id}".encode()


def seal(key: bytes, text: str, where: bytes) -> bytes:
    """`text` sealed for `where`."""
    return seal_bytes(key, text.encode(), where)


def seal_bytes(key: bytes, data: bytes, where: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, data, where)


def unseal(key: bytes, sealed: bytes, where: bytes) -> str:
    """The text sealed for `where`. Raises SealBroken."""
    return unseal_bytes(key, sealed, where).decode()


def unseal_bytes(key: bytes, sealed: bytes, where: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise SealBroken("unknown layout")
    nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, where)
    except (InvalidTag, ValueError) as problem:
        raise SealBroken("does not open here") from problem


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose from the clinic's key (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def keyed_hash(key: bytes, text: str) -> bytes:
    """A blind index entry: equal texts give equal hashes, and only the clinic's key can make one."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]
