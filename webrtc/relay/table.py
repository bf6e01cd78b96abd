"""Pure: legs, pairs, latching, holding, gates, silence. No socket, no clock, no thread.

A *leg* is one browser's side of a *pair*. The relay knows a leg's address only from a check that the
browser signed with the leg's password; nothing is ever sent to, or taken from, an address without one.
`now` is set from outside whenever something has to be looked at, and by `tick` (once a second is enough), so the hot
path reads no clock.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from webrtc import stun
from webrtc.relay.connections import Connections
from webrtc.relay.legs import (
    DTLS,
    GATED,
    LEGS,
    NOBODY,
    OPEN,
    SORTS,
    SRTP,
    STUN,
    Address,
    Credentials,
    Leg,
    Limits,
    NoSuchLeg,
    NoSuchPair,
    Pair,
    PairExists,
    RelayFull,
    TcpAddress,
    Way,
    random_credentials,
)
from webrtc.relay.paths import Paths

CROWD: Address = ()


class Table:
    def __init__(
        self,
        *,
        limits: Limits | None = None,
        now: float = 0.0,
        make_credentials: Callable[[], Credentials] = random_credentials,
    ) -> None:
        self.limits = limits or Limits()
        self.now = now
        self.outbox: list[tuple[bytes, Address]] = []  # answers and flushed datagrams, for the loop to send
        self.events: list[dict[str, Any]] = []  # for the controller
        self.dropped: Counter[str] = Counter()
        self.checks = 0
        self.connections = Connections(self.limits, self.dropped)
        self._paths = Paths()
        # From which address of ours a source is answered is the loop's to know.
        self.answering: Callable[[Address], Address] = lambda source: source
        self._make_credentials = make_credentials
        self._pairs: dict[str, Pair] = {}
        self._by_ufrag: dict[str, Leg] = {}
        self._by_address: dict[Address, Leg] = {}
        self._asked: dict[Address, int] = {}  # STUN and strangers' packets in this second
        self._asked_since = self._watched_at = now
        self._unsettled: set[Leg] = set()  # for the next tick: the others are looked at once a second
        self._gone_packets = 0
        self._gone_bytes = 0

    # The hot path ------------------------------------------------------------------------------------

    def route(self, first: int, size: int, source: Address) -> Address | None:
        """Where a packet with this first byte and size goes on to. None: `receive` has to look at it."""
        leg = self._by_address.get(source)
        if leg is None or not leg.passes[first]:
            return None
        total = leg.bytes + size
        if total > leg.ceiling or not 0 < size <= self.limits.datagram:
            return None
        destination = leg.peer.address
        if destination is not None:
            leg.bytes = total
            leg.packets += 1
            leg.heard_at = self.now
        return destination

    def receive(self, data: bytes, source: Address) -> Address | None:
        """Where this packet goes on to, or None; anything else to send is in `outbox`."""
        leg = self._by_address.get(source)
        if leg is None or not data:
            return self._from_stranger(data, source)
        if not leg.passes[data[0]]:
            self._not_passing(data, source)
        else:
            leg.heard_at = self.now
            if len(data) > self.limits.datagram:
                self.dropped["too-long"] += 1
            elif self._is_too_much(leg, len(data)):
                self.dropped["too-much"] += 1
            elif leg.peer.address is None:
                self._hold(leg.peer, data)
            else:
                return self.route(data[0], len(data), source)
        return None

    def _is_too_much(self, leg: Leg, size: int) -> bool:
        if leg.bytes + size > leg.ceiling:
            self._raise_ceiling(leg)
        return leg.bytes + size > leg.ceiling

    def _raise_ceiling(self, leg: Leg) -> None:
        """A second's worth at most, for the time that has passed: who sends little needs it once in many seconds."""
        full = self.limits.bits_per_second // 8
        grown = leg.ceiling - leg.bytes + int((self.now - leg.refilled_at) * full)
        leg.ceiling, leg.refilled_at = leg.bytes + min(full, grown), self.now

    def _from_stranger(self, data: bytes, source: Address) -> Address | None:
        if not self._may_speak(data, source) or not self._may_ask(source):
            return None
        leg = self._paths.leg_at(source)
        if data and SORTS[data[0]] == STUN:
            self._check(data, source)
        elif data and leg is not None and leg.passes[data[0]]:
            # Its browser has taken this way of those that were answered, and will nominate it.
            self._latch(leg, self.answering(source), event="moved")
            return self.receive(data, source)
        else:
            self.dropped["unlatched"] += 1
        return None

    def _not_passing(self, data: bytes, source: Address) -> None:
        sort = SORTS[data[0]]
        if sort != STUN:
            self.dropped["gated" if sort == SRTP else "unknown-sort"] += 1
            self._may_speak(data, source)
        elif self._may_ask(source):
            self._check(data, source)

    def _may_speak(self, data: bytes, source: Address) -> bool:
        return not isinstance(source, TcpAddress) or self.connections.may_speak(source, data)

    def _may_ask(self, source: Address) -> bool:
        asked, limit, key = self._asked, self.limits.checks_per_second, source
        # A crowd of forged addresses must cost neither memory nor the checks of those who are in a call.
        if len(asked) >= self.limits.strangers and source not in asked and source not in self._by_address:
            key, limit = CROWD, self.limits.crowd_per_second
        asked[key] = asked.get(key, 0) + 1
        if asked[key] > limit:
            self.dropped["too-often"] += 1
            return False
        return True

    # Checks, latching, holding -----------------------------------------------------------------------

    def _check(self, data: bytes, source: Address) -> None:
        verdict = stun.examine(data, source=source, password_of=self._password_of)
        if isinstance(verdict, stun.Drop):
            self.dropped[verdict.value] += 1
            return
        self.checks += 1
        source = self.answering(source)
        self.outbox.append((verdict.response, source))
        leg = self._by_ufrag[verdict.ufrag]
        if isinstance(source, TcpAddress):
            self.connections.proved(source, leg, self.now)
        if verdict.role_conflict:
            return
        leg.heard_at = self.now
        if leg.fresh is not None and verdict.ufrag == leg.fresh.ufrag:
            del self._by_ufrag[leg.credentials.ufrag]
            leg.credentials, leg.fresh = leg.fresh, None
            leg.chosen = False
            self._paths.forget(leg)  # what was proved with the old ones
            self._latch(leg, source, event="latched")
        elif leg.address is None:
            self._latch(leg, source, event="latched")
        elif source != leg.address and verdict.nominated:
            self._latch(leg, source, event="moved")
        if verdict.nominated:
            leg.address = source  # also the same one, by another address of ours
            leg.chosen = True
            self._paths.forget(leg)
        elif not leg.chosen:
            self._paths.proved(leg, source)

    def _password_of(self, ufrag: str) -> str | None:
        leg = self._by_ufrag.get(ufrag)
        if leg is None:
            return None
        if leg.fresh is not None and leg.fresh.ufrag == ufrag:
            return leg.fresh.pwd
        return leg.credentials.pwd

    def _latch(self, leg: Leg, source: Address, *, event: str) -> None:
        owner = self._by_address.get(source)
        if owner is not None and owner is not leg:
            # A browser closed one connection and opened another on the same port: the newer one is right.
            self._forget(owner, source)
        if leg.address is not None and leg.address != source:
            self._forget_former(leg, keep=source)
            leg.former, leg.former_until = leg.address, self.now + self.limits.former_seconds
        elif leg.former == source:
            leg.former = None
        leg.address = source
        self._by_address[source] = leg
        self._unsettled.add(leg)
        self._tell(event, leg, kind=leg.kind)
        self._flush(leg, source)

    def _hold(self, leg: Leg, data: bytes) -> None:
        # Only DTLS waits: a ClientHello lost here costs a retransmission timer, old media is worth nothing,
        # and media held across a closing gate would pass it.
        if SORTS[data[0]] == DTLS and len(leg.held) < self.limits.held:
            leg.held.append((self.now, data))
            self._unsettled.add(leg)
        else:
            self.dropped["no-peer-yet"] += 1

    def _flush(self, leg: Leg, destination: Address) -> None:
        self._drop_stale(leg)
        self.outbox.extend((data, destination) for _, data in leg.held)
        leg.held.clear()

    def _drop_stale(self, leg: Leg) -> None:
        while leg.held and self.now - leg.held[0][0] > self.limits.hold_seconds:
            del leg.held[0]
            self.dropped["held-too-long"] += 1

    def _forget(self, leg: Leg, address: Address) -> None:
        self._by_address.pop(address, None)
        if leg.address == address:
            leg.address = None
        if leg.former == address:
            leg.former = None

    def _forget_former(self, leg: Leg, *, keep: Address | None = None) -> None:
        if leg.former is not None and leg.former != keep:
            self._by_address.pop(leg.former, None)
        leg.former = None

    # Connections over TCP -----------------------------------------------------------------------------

    def connect(self, address: TcpAddress) -> None:
        """Somebody has connected; which connections have to be closed for it is in `connections.hangups`."""
        self.connections.came(address, self.now)

    def disconnect(self, address: TcpAddress) -> None:
        """The connection has ended, whoever ended it: a leg that was there is nowhere now."""
        self.connections.gone(address)
        leg = self._by_address.get(address)
        if leg is None:
            return
        latched = leg.address == address
        self._forget(leg, address)
        if latched and leg.told < 1:
            self._say_silent(leg, stage=1, seconds=round(self.now - leg.heard_at, 1))

    # What the controller asks -------------------------------------------------------------------------

    def open(self, pair: str, room: str) -> Pair:
        if pair in self._pairs:
            raise PairExists
        if len(self._pairs) >= self.limits.pairs:
            raise RelayFull
        opened = Pair(name=pair, room=room)
        for name in LEGS:
            leg = Leg(opened, name, self._unused(), self.now, self.limits.bits_per_second // 8, self.now)
            opened.legs[name] = leg
            self._by_ufrag[leg.credentials.ufrag] = leg
        opened.legs["a"].peer, opened.legs["b"].peer = opened.legs["b"], opened.legs["a"]
        self._pairs[pair] = opened
        return opened

    def gate(self, pair: str, *, passing: bool) -> None:
        found = self._find(pair)
        found.passing = passing
        for leg in found.legs.values():
            leg.passes = OPEN if passing else GATED

    def replace_leg(self, pair: str, leg: str) -> Credentials:
        """Fresh credentials; what the leg has goes on until a check with the fresh ones arrives."""
        found = self._find(pair).legs.get(leg)
        if found is None:
            raise NoSuchLeg
        if found.fresh is not None:
            del self._by_ufrag[found.fresh.ufrag]
        found.fresh = self._unused()
        self._by_ufrag[found.fresh.ufrag] = found
        return found.fresh

    def close(self, pair: str, *, reason: str = "asked") -> None:
        closed = self._find(pair)
        del self._pairs[pair]
        for leg in closed.legs.values():
            for credentials in (leg.credentials, leg.fresh):
                if credentials is not None:
                    del self._by_ufrag[credentials.ufrag]
            for address in (leg.address, leg.former):
                if address is not None:
                    self._by_address.pop(address, None)
            self._gone_packets += leg.packets
            self._gone_bytes += leg.bytes
            self.connections.leave(leg)
            self._paths.forget(leg)
            self._unsettled.discard(leg)
            # The two point at each other and at their pair: only the collector would free them.
            leg.peer = NOBODY
        closed.legs.clear()
        self.events.append({"event": "closed", "pair": pair, "reason": reason})

    def pairs(self) -> Iterator[Pair]:
        return iter(self._pairs.values())

    def flowing(self) -> Iterator[tuple[Way, Way]]:
        """Both ways of each pair that may send media, is heard, and is on UDP at both ends."""
        for pair in self._pairs.values():
            a, b = pair.legs.values()
            is_heard = pair.passing and not (a.told and b.told)
            if is_heard and a.address.__class__ is b.address.__class__ is tuple:
                yield Way(a, a.address, b.address), Way(b, b.address, a.address)

    def stats(self) -> dict[str, Any]:
        legs = [leg for pair in self._pairs.values() for leg in pair.legs.values()]
        return {
            "pairs": len(self._pairs),
            "latched": sum(leg.address is not None for leg in legs),
            "over_tcp": sum(leg.kind == "tcp" for leg in legs),
            "connections": self.connections.stats(),
            "checks": self.checks,
            "packets": self._gone_packets + sum(leg.packets for leg in legs),
            "bytes": self._gone_bytes + sum(leg.bytes for leg in legs),
            "dropped": dict(self.dropped),
        }

    # Time ---------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        self.now = now
        if now - self._asked_since >= 1.0:
            self._asked.clear()
            self._asked_since = now
        self.connections.tick(now)
        for leg in list(self._unsettled):
            self._settle(leg)
        if now - self._watched_at >= 1.0:
            self._watched_at = now
            for pair in list(self._pairs.values()):
                for leg in pair.legs.values():
                    self._watch_silence(leg)
                if all(leg.told == 2 for leg in pair.legs.values()):
                    self.close(pair.name, reason="silent")

    def _settle(self, leg: Leg) -> None:
        """What is over within seconds: datagrams that wait, a former address, silence when a leg has latched."""
        self._watch_silence(leg)
        self._drop_stale(leg)
        if leg.former is not None and self.now >= leg.former_until:
            self._forget_former(leg)
        if leg.former is None and not leg.held:
            self._unsettled.discard(leg)

    def _watch_silence(self, leg: Leg) -> None:
        quiet = self.now - leg.heard_at
        if quiet >= self.limits.closed_after:
            if leg.told < 2:
                self._forget_former(leg)
                self._paths.forget(leg)
                if isinstance(leg.address, TcpAddress):
                    self.connections.hang_up(leg.address, "tcp-silent")
                if leg.address is not None:
                    self._forget(leg, leg.address)
                self._say_silent(leg, stage=2, seconds=self.limits.closed_after)
        elif quiet >= self.limits.silent_after:
            if leg.told < 1:
                self._say_silent(leg, stage=1, seconds=self.limits.silent_after)
        elif leg.told and leg.address is not None:
            leg.told = 0
            self._tell("heard", leg, kind=leg.kind)

    def _say_silent(self, leg: Leg, *, stage: int, seconds: float) -> None:
        leg.told = stage
        self._tell("silent", leg, seconds=seconds)

    def _tell(self, event: str, leg: Leg, **facts: Any) -> None:
        self.events.append({"event": event, "pair": leg.pair.name, "leg": leg.name, **facts})

    def _find(self, pair: str) -> Pair:
        try:
            return self._pairs[pair]
        except KeyError:
            raise NoSuchPair from None

    def _unused(self) -> Credentials:
        while (credentials := self._make_credentials()).ufrag in self._by_ufrag:
            pass
        return credentials
