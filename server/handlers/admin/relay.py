"""What the relay carries, and what it and the rooms have refused since they were started, in words."""

from collections import Counter
from collections.abc import Mapping

from aiohttp import web

from server.web import keys, pages
from server.web.words import N_

_BROKEN = N_("Checks that are broken, or none at all")
_NOBODY_YET = N_("Packets while the other side of the call was not there yet")
_CROWDED = N_("TCP connections beyond the places there are")
_PROVED_NOTHING = N_("TCP connections that proved nothing in time")
_ENDED = N_("TCP connections closed because their call was over or nothing came any more")
_SLOW = N_("Packets that a slow TCP connection could not take")
_SYSTEM = N_("Packets that the machine's network did not take")
# What the relay drops (CONTROL.md); reasons with the same words are counted together.
PACKETS = {
    "unlatched": N_("Packets from addresses that are in no call"),
    "not-a-request": _BROKEN,
    "malformed": _BROKEN,
    "unknown-ufrag": N_("Checks for a call that is not or no longer there"),
    "bad-integrity": N_("Checks with a wrong signature"),
    "too-often": N_("Packets from addresses that sent more than their share without being in a call"),
    "gated": N_("Picture and sound from somebody who was not let in yet"),
    "unknown-sort": N_("Packets of no known kind in a call"),
    "too-long": N_("Packets longer than any browser sends"),
    "too-much": N_("Packets beyond what one side of a call may send"),
    "no-peer-yet": _NOBODY_YET,
    "held-too-long": _NOBODY_YET,
    "tcp-bad-frame": N_("TCP connections that sent what is no packet"),
    "tcp-unproven": _PROVED_NOTHING,
    "tcp-junk": _PROVED_NOTHING,
    "tcp-crowd": _CROWDED,
    "tcp-crowd-of-one": _CROWDED,
    "tcp-full": _CROWDED,
    "tcp-too-many": _CROWDED,
    "tcp-idle": _ENDED,
    "tcp-silent": _ENDED,
    "tcp-over": _ENDED,
    "tcp-slow": _SLOW,
    "tcp-slow-video": _SLOW,
}
_REQUESTS = N_("Requests that made no sense")
_LET_GO = N_("Programs that were turned away or let go")
# What the relay refused to whoever spoke on its control socket.
REQUESTS = {
    "busy": N_("Requests from a program that is not in control"),
    "bad-request": _REQUESTS,
    "pair-exists": _REQUESTS,
    "no-such-pair": _REQUESTS,
    "no-such-leg": _REQUESTS,
    "full": N_("Calls beyond those the relay carries at once"),
    "long-line": _LET_GO,
    "unread": _LET_GO,
    "crowd": _LET_GO,
}
_NO_PAGE = N_("Messages that no page of ours sends")
# What ended a page's socket (PROTOCOL.md).
MESSAGES = {
    "too-large": N_("Messages larger than any page sends"),
    "not-json": _NO_PAGE,
    "unknown-type": _NO_PAGE,
    "bad-field": _NO_PAGE,
    "hello-first": N_("Pages that left or stayed silent before they had said hello"),
    "too-fast": N_("Pages that said too much at once"),
    "room-full": N_("Pages beyond the seats a call has"),
    "room-closed": N_("Pages that came when the call was over"),
    "seat-removed": N_("Pages of somebody who was taken out of the call"),
    "unread": N_("Pages that did not read what they were told"),
}


async def show(request: web.Request) -> web.Response:
    rooms = request.app.get(keys.ROOMS)
    stats = await rooms.relay_stats() if rooms is not None else None
    refused = {
        N_("Packets and connections"): in_words(stats["dropped"], PACKETS) if stats else [],
        N_("Pages in calls"): in_words(rooms.refused, MESSAGES) if rooms is not None else [],
        N_("Control of the relay"): in_words(stats["control"], REQUESTS) if stats else [],
    }
    return pages.render(request, "admin/relay", stats=stats, refused=refused)


def in_words(counts: Mapping[str, int], words: Mapping[str, str]) -> list[tuple[str, int]]:
    """The most first. A reason without words is one of the system's own, by its number."""
    total: Counter[str] = Counter()
    for reason, count in counts.items():
        total[words.get(reason, _SYSTEM)] += count
    return total.most_common()
