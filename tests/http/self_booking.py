"""Somebody who was never here, on the public page: what a browser without scripts would send."""

import re
from dataclasses import dataclass, field

from server.services import sending
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.conftest import Page, Visitor

NORA = {
    "name": "Nora Vance",
    "date_of_birth": "1991-02-03",
    "email": "nora@example.org",
    "phone": "(720) 555-0133",
    "agree": "yes",
}


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    return found[1] if found else ""


def slots(text: str) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+)"', text)


@dataclass
class Booking:
    """One browser's way through the form: every page is made of what the one before said."""

    visitor: Visitor
    wish: dict[str, str] = field(default_factory=lambda: {"speaks": "en", "time_zone": "America/New_York"})
    key: str = ""

    async def press(self, **fields: str) -> Page:
        page = await self.visitor.post("/book", **{"booking_key": self.key, **self.wish, **fields})
        self.key = hidden(page.text, "booking_key") or self.key
        return page

    async def times(self) -> list[str]:
        return slots((await self.press(step="look")).text)

    async def choose(self, slot: str = "", **typed: str) -> Page:
        self.slot = slot or (await self.times())[0]
        return await self.press(slot=self.slot, **typed)

    async def ask(self, **person: str) -> Page:
        """With a time chosen."""
        return await self.press(chosen=self.slot, step="ask", **{**NORA, **person})

    async def whole(self, slot: str = "", **person: str) -> Page:
        await self.choose(slot)
        return await self.ask(**person)


async def mail(database: Database, clock: StoppedClock) -> list[sending.Outgoing]:
    """What leaves now."""
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
        for each in claimed:
            if each:
                await sending.sent(tx, each.message_id, now=clock.now())
    return [each for each in claimed if each]


async def link(database: Database, clock: StoppedClock) -> str:
    """The way that the one letter that leaves now leads to."""
    [letter] = await mail(database, clock)
    return f"/book/request/{letter.token}"
