"""A real TURN server (Debian: coturn) for one test, with a certificate made for it and credentials of our kind."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.web.certificate import kept_or_made
from webrtc.ice_servers import TurnPool

SECRET = "a secret that only tests know, long enough to be one"
LONGEST_START = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Coturn:
    """`authority`: what has to be trusted (PEM), by whoever looks at certificates."""

    address: str
    tls_port: int
    port: int
    authority: Path
    pid: int

    @contextmanager
    def away(self) -> Iterator[None]:
        """It answers nobody."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    @property
    def tls(self) -> str:
        return f"turns:{self.address}:{self.tls_port}?transport=tcp"

    @property
    def udp(self) -> str:
        return f"turn:{self.address}:{self.port}?transport=udp"

    def pool(self, *urls: str, lifetime: float = 600) -> TurnPool:
        return TurnPool(urls=urls or (self.tls,), secret=SECRET, lifetime=lifetime, now=time.time)


def skip_without_coturn() -> None:
    if shutil.which("turnserver") is None:
        pytest.skip("needs the program turnserver (Debian: coturn)")


@contextmanager
def a_coturn(folder: Path, *, address: str = "127.0.0.1") -> Iterator[Coturn]:
    """Listens and relays at `address` only; TLS and plain."""
    skip_without_coturn()
    made = kept_or_made(folder, address=address, names=("turn.test",), now=datetime.now(UTC))
    authority = folder / "authority.pem"
    authority.write_text(ssl.DER_cert_to_PEM_cert(made.authority))
    tls_port, port = _free(address), _free(address)
    words = [
        *("turnserver", "-n", "--no-cli", "--no-dtls", "--fingerprint", "--simple-log"),
        # So short that a call's refreshes meet a new nonce in a test, as they do after ten minutes otherwise.
        "--stale-nonce=1",
        *("--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=clinic.test"),
        *(f"--listening-ip={address}", f"--relay-ip={address}"),
        *(f"--tls-listening-port={tls_port}", f"--listening-port={port}"),
        *(f"--cert={made.file}", f"--pkey={made.file}"),
        *(f"--userdb={folder / 'turn.db'}", f"--pidfile={folder / 'turn.pid'}"),
        f"--log-file={folder / 'turn.log'}",
        *(["--allow-loopback-peers"] if address.startswith("127.") else []),
    ]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    coturn = Coturn(address=address, tls_port=tls_port, port=port, authority=authority, pid=process.pid)
    try:
        _wait_for(coturn, process, folder / "turn.log")
        yield coturn
    finally:
        process.terminate()
        process.wait(10)


def _free(address: str) -> int:
    with socket.socket() as found:
        found.bind((address, 0))
        return int(found.getsockname()[1])


def _wait_for(coturn: Coturn, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + LONGEST_START
    while True:
        try:
            socket.create_connection((coturn.address, coturn.tls_port), 1).close()
            return
        except OSError:
            said = log.read_text()[-2000:] if log.exists() else "nothing"
            assert process.poll() is None and time.monotonic() < ends, f"coturn did not start: {said}"
            time.sleep(0.05)
