"""What `doctor` looks at that calls need: the relay, its addresses, the TURN servers, the public address."""

import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from server.app import carrier, relay_settings
from server.commands import public_addresses
from server.commands.wrong import Wrong
from server.config import Config, is_loopback
from server.web import network
from server.web.clock import Clock
from webrtc.participants.call_check import place_call
from webrtc.participants.turn_check import TurnTrouble, allocate
from webrtc.relay.control import is_held
from webrtc.relay_client import RelayBusy, RelayClient, RelayGone
from webrtc.relay_process import RelayProcess, RelaySettings, RelayWouldNotStart
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

PATIENCE = aiohttp.ClientTimeout(total=15)
ENDS_SOON = timedelta(days=14)
HEALTH = "/healthz"
# A permission is for an address, whatever the port; 0 is none that could be asked for.
IPV4, ANY_PORT = 4, 9
# Of a web server whose own server is away, and of ours to a name that is not ours.
NOBODY_BEHIND, OTHER_NAME = frozenset({502, 503, 504}), 421
STEPS = {
    "relay": "it makes no connection",
    "connect": "nothing comes through it: something on this machine keeps packets to itself",
    "media": "it connects, but picture or sound does not arrive: the machine may have too much to do",
}
TURN_TROUBLE = {
    "silent": "does not answer ({said}): is it running, and its port open?",
    "certificate": "has a certificate that browsers do not trust: {said}",
    "credentials": (
        "does not take our credentials ({said}): BEDSIDE_TURN_SECRET and its static-auth-secret must be the same, and "
        "both clocks right"
    ),
    "peer": (
        "passes nothing on to the relay at {relay} ({said}): its allowed-peer-ip must name that address (docs/turn.md)"
    ),
}

Check = Callable[[Config], Awaitable[str]]


def checks(config: Config) -> list[tuple[str, Check]]:
    return [
        ("relay", look_at_relay),
        ("call", call_ourselves),
        ("addresses", look_at_addresses),
        *((f"TURN server {url}", turn_check(url)) for url in config.turn.urls),
    ]


async def look_at_relay(config: Config) -> str:
    """The one in service: left to whoever controls it."""
    path = relay_settings(config).socket
    try:
        client = await RelayClient.connect(path)
    except RelayBusy:
        return "it answers, and a server is in control of it"
    except RelayGone as problem:
        if not is_held(path):
            return "none is running; `serve` starts it"
        raise Wrong(
            f"its process is there and does not answer ({problem}): end it, and `serve` starts another"
        ) from problem
    await client.close()
    return f"it answers on port {client.port}, and no server is in control of it"


async def call_ourselves(config: Config) -> str:
    """Through a relay of its own, beside the one in service, whose calls must not be touched; or the TURN servers."""
    with TemporaryDirectory() as folder:
        kind = relay_settings(config)
        settings = RelaySettings(
            data=Path(folder), address=kind.address, memory=kind.memory, orphan_minutes=1
        )
        relay = RelayProcess()
        try:
            await relay.start_or_find(settings)
        except (RelayWouldNotStart, TimeoutError, OSError) as problem:
            raise Wrong(f"a relay cannot be started: {problem}") from problem
        try:
            rooms = Rooms(relay, RoomSettings(carrier=carrier(config, Clock())), time.monotonic)
            await rooms.start()
            checked = await place_call(rooms)
            await rooms.close_all()
        finally:
            await relay.stop(kill=True)
    by = "the TURN servers" if kind.memory else "a relay like it"
    if checked.failed is not None:
        raise Wrong(f"no call through {by}: {STEPS[checked.failed]}")
    return f"picture and sound pass through {by}"


async def look_at_addresses(config: Config) -> str:
    if config.media.relay == "turn":
        return "browsers are told those of the TURN servers"
    own = network.own_addresses()
    if words := public_addresses.trouble(config, own):
        raise Wrong(words)
    told = ", ".join(public_addresses.offered(config, own)) or "loopback"
    port = config.media.port or "any"
    return (
        f"browsers are told {told}, port {port} for UDP and TCP; whether it is open cannot be seen from here"
    )


def turn_check(url: str) -> Check:
    async def check(config: Config) -> str:
        pool = carrier(config, Clock()).pool
        assert pool is not None
        relay = passed_on_to(config, network.own_addresses())
        try:
            ends = await allocate(pool, url, relay=relay)
        except TurnTrouble as problem:
            at = relay[0] if relay else ""
            raise Wrong(TURN_TROUBLE[problem.kind].format(said=problem.said, relay=at)) from problem
        return f"takes our credentials{until(ends)}"

    return check


def passed_on_to(config: Config, own: tuple[str, ...]) -> tuple[str, int] | None:
    """Where a TURN server has to reach the relay. It allocates an IPv4 address, which leads to none of IPv6."""
    if config.media.relay == "turn":
        return None  # they pass packets to each other only
    told = (each for each in public_addresses.offered(config, own) if ip_address(each).version == IPV4)
    return next(((each, config.media.port or ANY_PORT) for each in told), None)


async def knock_at_the_public_address(config: Config) -> str:
    """As a browser does: a page's certificate, a page, a WebSocket."""
    address = config.base_url
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.ws_connect(address + HEALTH) as socket,
        ):
            ends = until(end_of(socket.get_extra_info("peercert")))
            alone = " (this machine only: server.base_url)" if is_loopback(address) else ""
            return f"a WebSocket opens at {address}{alone}{ends}"
    except aiohttp.WSServerHandshakeError as refused:
        raise Wrong(refused_with(refused.status, address)) from refused
    except aiohttp.ClientConnectorCertificateError as problem:
        raise Wrong(
            f"the certificate of {address} is not to be trusted: {problem.certificate_error}"
        ) from problem
    except (aiohttp.ClientError, OSError, TimeoutError) as problem:
        raise Wrong(f"{address} does not answer ({problem}): is the server running?") from problem


def refused_with(status: int, address: str) -> str:
    if status in NOBODY_BEHIND:
        return f"{address} answers, but no server behind it ({status}): is `serve` running, and on that port?"
    if status == OTHER_NAME:
        return f"the web server in front of {address} does not pass the Host header on (README.md)"
    return (
        f"pages come through {address}, WebSockets do not ({status}), and calls need one: the web server in front must "
        "pass Upgrade and Connection on (README.md)"
    )


def end_of(certificate: dict[str, Any] | None) -> datetime | None:
    if not certificate:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def until(ends: datetime | None) -> str:
    """Raises Wrong for a certificate that is about to end."""
    if ends is None:
        return ""
    if ends - Clock().now() < ENDS_SOON:
        raise Wrong(f"works, but its certificate ends on {ends:%Y-%m-%d}: renew it")
    return f"; its certificate is good until {ends:%Y-%m-%d}"
