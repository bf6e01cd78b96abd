"""Pure: which addresses a leg has proved while its browser has chosen none yet.

A browser that can be reached in several ways checks each, sends on the first that answers, and nominates one only with
its next check, a round trip later (RFC 8445 section 8.1.1). Whoever waits for that loses the first packets of the
handshake, and a retransmission timer with them.
"""

from webrtc.relay.legs import Address, Leg

MOST = 8  # of one leg; the oldest gives way


class Paths:
    def __init__(self) -> None:
        self._legs: dict[Address, Leg] = {}

    def proved(self, leg: Leg, address: Address) -> None:
        """A check of this leg came from there, signed and without a nomination."""
        others = [each for each in leg.proved if each != address]
        for each in others[: 1 - MOST]:
            self._drop(leg, each)
        leg.proved = (*others[1 - MOST :], address)
        self._legs[address] = leg

    def leg_at(self, address: Address) -> Leg | None:
        return self._legs.get(address)

    def forget(self, leg: Leg) -> None:
        """It has chosen, or is no more."""
        for address in leg.proved:
            self._drop(leg, address)
        leg.proved = ()

    def _drop(self, leg: Leg, address: Address) -> None:
        # A newer connection on the same port may have proved it since.
        if self._legs.get(address) is leg:
            del self._legs[address]
