"""Passwords: Argon2id in two threads, with a short queue before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

Result = TypeVar("Result")

# OWASP's Argon2id figures: about 25 ms each; the RFC's first choice costs ten times that and would let a
# few sign-ins at once slow everybody's pages.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST_PASSWORD = 12
# Hashing reads all of it; nobody types more.
LONGEST_PASSWORD = 1000
# Verified when the address is unknown, so that the answer takes as long as for a known one.
NOBODYS_HASH = HASHER.hash("no account has this password")


class TooBusy(Exception):
    """More passwords are waiting to be checked than can be soon."""


class PasswordUnfit(Exception):
    """Shorter than SHORTEST_PASSWORD or longer than LONGEST_PASSWORD."""


class Hashing:
    """Two at a time, so that hashing never takes both cores from the pages for long; whoever would wait
    behind `limit` others is turned away."""

    def __init__(self, *, threads: int = 2, limit: int = 20) -> None:
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="argon2")
        self._limit = threads + limit
        self._inside = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Raises TooBusy."""
        if self._inside >= self._limit:
            raise TooBusy
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._inside -= 1


HASHING = Hashing()


async def hashed(password: str) -> str:
    """Raises PasswordUnfit, TooBusy."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordUnfit
    return await HASHING.run(lambda: HASHER.hash(password))


async def matches(known_hash: str, password: str) -> bool:
    """Raises TooBusy."""

    def verify() -> bool:
        try:
            return HASHER.verify(known_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    return await HASHING.run(verify)
