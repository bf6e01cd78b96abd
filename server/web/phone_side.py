"""What `--phone` adds: a second way in, over HTTPS, on this machine's address in the local network.

Browsers give cameras to secure pages only, and a phone's word for this machine is never "localhost". The first way in
stays as it is, on loopback only.
"""

import io
import re
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import segno

from server.web import certificate, network
from server.web.certificate import Certificate

PHONE_HELP = (
    "HTTPS on the local network too, for trying a phone; on ADDRESS, or the likeliest of this machine's own"
)
USUAL_PORT = 443
HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# On every terminal alike, dark or light: white paper, black ink, of the colours no theme changes.
WHITE_ON_BLACK, PLAIN = "\033[38;5;231;48;5;16m", "\033[0m"


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneSide:
    """`names` are this machine's own, for whoever's network knows them; links carry the address."""

    address: str
    port: int
    names: tuple[str, ...]
    certificate: Certificate
    # Addresses that could have been meant as well.
    others: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return self._at(self.address)

    @property
    def origins(self) -> frozenset[str]:
        return frozenset(map(self._at, (self.address, *self.names)))

    def _at(self, name: str) -> str:
        """As browsers write it: they leave the usual port out."""
        return f"https://{name}" if self.port == USUAL_PORT else f"https://{name}:{self.port}"


def phone_side(named: str, *, port: int, data: Path, now: datetime) -> PhoneSide:
    """`named` is the address to use, empty for the likeliest. Raises NoNetworkAddress.

    `now` is the phones' time, whatever time the pages are shown at: theirs decides whether a certificate is valid.
    """
    here = network.own_addresses()
    address = network.address_for_phones(named, here)
    names = host_names(socket.gethostname())
    return PhoneSide(
        address=address,
        port=port,
        names=names,
        certificate=certificate.kept_or_made(data, address=address, names=names, now=now),
        others=tuple(each for each in here if each != address) if not named else (),
    )


def host_names(own: str) -> tuple[str, ...]:
    """What the network may call this machine: its name, and that of its multicast DNS."""
    first = own.partition(".")[0].lower()
    usable = HOST_NAME.fullmatch(first) and first != "localhost"
    return (first, f"{first}.local") if usable else ()


def drawn(link: str, *, in_colour: bool) -> str:
    """`link` as a QR code of half blocks, two rows of it to a line. Light is drawn, dark is left out."""
    lines = io.StringIO()
    segno.make(link, error="m", micro=False).terminal(lines, compact=True)
    before, after = (WHITE_ON_BLACK, PLAIN) if in_colour else ("", "")
    return "\n".join(f"{before}{line}{after}" for line in lines.getvalue().splitlines())


def advice(side: PhoneSide, *, media_port: int) -> str:
    """What the phone will say, and what to do when it does not work: printed where the server was started."""
    lines = [
        "The phone warns, because this certificate is the machine's own. iPhone: Show Details, then visit this "
        "website. Android: Advanced, then Proceed.",
        "Safari may open the page and still not connect the call: then open "
        f"{side.url}/phone there and trust the certificate (README, On a phone). Not tried on a real iPhone.",
        "The phone must be in the same network, and this machine's firewall must let it in: "
        f"TCP {side.port} and UDP {media_port}.",
    ]
    if side.others:
        others = ", ".join(side.others)
        lines.append(f"This machine has other addresses too: {others}. Choose with --phone ADDRESS.")
    return "\n".join(lines)
