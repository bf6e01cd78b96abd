"""How often a password or a code may be tried: each wrong one makes the next wait longer; nobody is out for good."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

# How much is remembered; beyond it the oldest entries go, so that strangers cannot fill the memory.
MOST_KEPT = 20_000
FORGOTTEN_AFTER = timedelta(hours=1)


class TooManyTries(Exception):
    """Too many wrong ones; `wait` says how long until the next is looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` wrong tries cost nothing; the next waits one second, then twice as long each time, up to `longest`."""

    free: int
    longest: timedelta

    def pause(self, wrong: int) -> timedelta:
        if wrong < self.free:
            return timedelta()
        return min(timedelta(seconds=2.0 ** min(wrong - self.free, 30)), self.longest)


# One person at one computer; everybody at one computer; one account from anywhere.
PAIR = Patience(free=5, longest=timedelta(minutes=15))
CLIENT = Patience(free=30, longest=timedelta(minutes=5))
ACCOUNT = Patience(free=20, longest=timedelta(minutes=1))


@dataclass(slots=True)
class Tries:
    """In memory: a restart forgives.

    Strangers who try an account from everywhere slow each other down, but not its owner, whose own computer has
    signed in with it before.
    """

    _wrong: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    _known: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def check(self, *, address: str, client: str, now: datetime) -> None:
        """Raises TooManyTries."""
        waits = [
            self._wait(key, patience, now)
            for key, patience in self._counted(address, client)
            if key != (address, "") or (address, client) not in self._known
        ]
        if (longest := max(waits)) > timedelta():
            raise TooManyTries(longest)

    def wrong(self, *, address: str, client: str, now: datetime) -> None:
        """Counted before the password is looked at, so that a burst of tries cannot slip in together."""
        for key, _ in self._counted(address, client):
            count, _since = self._recent(key, now)
            self._wrong.pop(key, None)
            self._wrong[key] = (count + 1, now)
        while len(self._wrong) > MOST_KEPT:
            del self._wrong[next(iter(self._wrong))]

    def right(self, *, address: str, client: str, now: datetime) -> None:
        """Forgives this person at this computer, and remembers that they belong together."""
        self.take_back(address=address, client=client, now=now)
        self._wrong.pop((address, client), None)
        self._known.pop((address, client), None)
        self._known[address, client] = now
        while len(self._known) > MOST_KEPT:
            del self._known[next(iter(self._known))]

    def take_back(self, *, address: str, client: str, now: datetime) -> None:
        """What `wrong` counted turned out to be none: it was right, or it was never looked at."""
        for key, _ in self._counted(address, client):
            count, since = self._recent(key, now)
            if count > 1:
                self._wrong[key] = (count - 1, since)
            else:
                self._wrong.pop(key, None)

    def _wait(self, key: tuple[str, str], patience: Patience, now: datetime) -> timedelta:
        count, since = self._recent(key, now)
        return since + patience.pause(count) - now if count else timedelta()

    def _recent(self, key: tuple[str, str], now: datetime) -> tuple[int, datetime]:
        count, since = self._wrong.get(key, (0, now))
        return (0, now) if now - since > FORGOTTEN_AFTER else (count, since)

    @staticmethod
    def _counted(address: str, client: str) -> tuple[tuple[tuple[str, str], Patience], ...]:
        return (((address, client), PAIR), (("", client), CLIENT), ((address, ""), ACCOUNT))
