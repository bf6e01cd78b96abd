"""The one seam between us and aioice: participants live on loopback and listen to the relay, or to the addresses at
TURN servers that a description names, and to nobody else.

Two things aioice 0.13 does not do are added by replacing two of its classes where it and aiortc look them up:

- it leaves 127.0.0.1 out of its host addresses; our participants have no other address;
- it hands any datagram from any source to DTLS, so that one forged packet can stop a call that is being set up.
  Here a datagram counts only when it comes from an address the description named, and anything but STUN only
  once a check with that address has succeeded (as in OWASP ASVS 5, 17.2.6).

Importing this module is enough; every module here that makes a connection does.
"""

import logging
from typing import Any

import aioice.ice
import aiortc.rtcicetransport
from aioice.ice import CandidatePair

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"


class GuardedProtocol(aioice.ice.StunProtocol):
    """Drops what does not come from the relay."""

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not data or not isinstance(data, bytes) or not self._may_speak((addr[0], addr[1]), data[0]):
            return
        try:
            super().datagram_received(data, addr)
        except Exception:  # its parser raises more than ValueError, and a socket's callback must not fail
            log.debug("a datagram that could not be read was dropped", exc_info=True)

    def _may_speak(self, source: tuple[str, int], first_byte: int) -> bool:
        is_stun = first_byte < 4  # RFC 7983
        if is_stun:
            return any((each._network_host, each.port) == source for each in self.receiver._remote_candidates)
        return any(
            pair.remote_addr == source
            and pair.protocol is self
            and (pair.nominated or pair.state is CandidatePair.State.SUCCEEDED)
            for pair in self.receiver._check_list
        )


class LoopbackConnection(aioice.ice.Connection):
    """Has one address, whatever the machine has; none, where it may only be reached by way of a TURN server."""

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 -- aioice's signature
    ) -> list[aioice.Candidate]:
        own = [] if self._transport_policy is aioice.TransportPolicy.RELAY else [ADDRESS]
        return await super().get_component_candidates(component, own, timeout)


def install() -> None:
    """Again is no mistake."""
    aioice.ice.StunProtocol = GuardedProtocol  # type: ignore[misc]
    aiortc.rtcicetransport.Connection = LoopbackConnection  # type: ignore[attr-defined]


install()
