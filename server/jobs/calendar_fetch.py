"""Fetching a calendar from an address somebody typed: never into a network of our own, never more than a calendar.

An address is looked up once and the connection goes to what was found and judged, so that a name which points
elsewhere a moment later gains nothing; a redirection is another address and judged like the first. Whatever way an
address was written, no socket is made for one that may not be reached.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

LARGEST = 8 * 1024 * 1024
PATIENCE = aiohttp.ClientTimeout(total=30, sock_connect=10)
MOST_REDIRECTIONS = 5
REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
OK, CHUNK = 200, 64 * 1024
HEADERS = {"Accept": "text/calendar, */*;q=0.1", "User-Agent": "Bedside"}
# IPv6 addresses that carry an IPv4 address within.
NAT64 = IPv6Network("64:ff9b::/96")
MayReach = Callable[[str], bool]


class NotFetched(Exception):
    """`problem` says why as a word: unreachable, refused, forbidden, too-large."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def is_public(address: str) -> bool:
    """Whether an IP address belongs to somebody on the internet and to no network of ours."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in NAT64:
            inner = ip_address(found.packed[-4:])  # type: ignore[assignment]
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


class _Judged(AbstractResolver):
    """Looks a name up and keeps what may be reached."""

    def __init__(self, may_reach: MayReach) -> None:
        self._inner = aiohttp.ThreadedResolver()
        self._may_reach = may_reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [each for each in found if self._may_reach(each["host"])]
        if not kept:
            raise NotFetched("forbidden")
        return kept

    async def close(self) -> None:
        await self._inner.close()


async def fetch(url: str, *, may_reach: MayReach = is_public) -> bytes:
    """The calendar's text. Raises NotFetched."""

    def socket_to(found: Any) -> socket.socket:
        """The last word: what is connected to is a number here, however it was written."""
        family, kind, protocol, _, where = found
        if not _is_address(where[0]) or not may_reach(where[0]):
            raise NotFetched("forbidden")
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=_Judged(may_reach), use_dns_cache=False, socket_factory=socket_to
    )
    try:
        async with aiohttp.ClientSession(
            connector=connector, timeout=PATIENCE, headers=HEADERS, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            for _ in range(MOST_REDIRECTIONS + 1):
                answer = await _ask(session, url, may_reach)
                if isinstance(answer, bytes):
                    return answer
                url = urljoin(url, answer)
    except NotFetched:
        raise
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
        cause: Any = problem
        while cause is not None and not isinstance(cause, NotFetched):
            cause = cause.__cause__ or cause.__context__
        raise cause or NotFetched("unreachable") from problem
    raise NotFetched("refused")


async def _ask(session: aiohttp.ClientSession, url: str, may_reach: MayReach) -> bytes | str:
    """What is there, or where it is instead. Raises NotFetched."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotFetched("forbidden")
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status in REDIRECTIONS and "Location" in answer.headers:
            return answer.headers["Location"]
        if answer.status != OK:
            raise NotFetched("refused")
        text = bytearray()
        async for chunk in answer.content.iter_chunked(CHUNK):
            text += chunk
            if len(text) > LARGEST:
                raise NotFetched("too-large")
        return bytes(text)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
