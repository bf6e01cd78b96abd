"""Whether a TURN server takes us: an address allocated at it with credentials as pages get them, and given back."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from aioice import stun
from aioice.turn import TurnClientProtocol, TurnClientTcpProtocol, TurnClientUdpProtocol
from aiortc.rtcicetransport import parse_stun_turn_uri

from webrtc.ice_servers import TurnPool

SECONDS = 10.0
LIFETIME = 60
CHANNEL = 0x4000

# Nobody answers; its certificate is not to be trusted; it does not take our credentials; or it takes us and passes
# nothing on to the relay.
Trouble = Literal["silent", "certificate", "credentials", "peer"]


class TurnTrouble(Exception):
    """`kind`, and what the other side or the system said about it."""

    def __init__(self, kind: Trouble, said: str) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind: Trouble = kind
        self.said = said


async def allocate(
    pool: TurnPool, url: str, *, relay: tuple[str, int] | None = None, seconds: float = SECONDS
) -> datetime | None:
    """When its certificate ends, where there is one. `relay`: what it has to pass packets on to. Raises TurnTrouble."""
    made: list[TurnClientProtocol] = []
    try:
        async with asyncio.timeout(seconds):
            protocol, ends = await _connect(pool, url)
            made.append(protocol)
            await protocol.connect()
            if relay is not None:
                await _bind(protocol, relay)
            await protocol.delete()
    except ssl.SSLError as problem:
        raise TurnTrouble("certificate", getattr(problem, "verify_message", "") or str(problem)) from problem
    except stun.TransactionFailed as problem:
        raise TurnTrouble("credentials", str(problem)) from problem
    except (OSError, TimeoutError, stun.TransactionError) as problem:
        raise TurnTrouble("silent", str(problem) or "no answer") from problem
    finally:
        for protocol in made:
            if protocol.refresh_task is not None:
                protocol.refresh_task.cancel()
            protocol.transport.close()
    return ends


async def _connect(pool: TurnPool, url: str) -> tuple[TurnClientProtocol, datetime | None]:
    asked, given = parse_stun_turn_uri(url), pool.server()
    server = (str(asked["host"]).strip("[]"), int(asked["port"]))

    def client(kind: Callable[..., TurnClientProtocol]) -> TurnClientProtocol:
        return kind(
            server, given.username, given.credential, lifetime=LIFETIME, channel_refresh_time=LIFETIME
        )

    loop = asyncio.get_running_loop()
    if asked["transport"] == "udp":
        _, protocol = await loop.create_datagram_endpoint(
            lambda: client(TurnClientUdpProtocol), remote_addr=server
        )
        return protocol, None
    context = ssl.create_default_context() if asked["scheme"] == "turns" else None
    transport, protocol = await loop.create_connection(
        lambda: client(TurnClientTcpProtocol), *server, ssl=context
    )
    certificate = transport.get_extra_info("peercert")
    if not certificate:
        return protocol, None
    return protocol, datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


async def _bind(protocol: TurnClientProtocol, relay: tuple[str, int]) -> None:
    """What coturn's `denied-peer-ip` and `allowed-peer-ip` say of the relay."""
    try:
        await protocol.channel_bind(CHANNEL, relay)
    except stun.TransactionFailed as problem:
        raise TurnTrouble("peer", str(problem)) from problem
