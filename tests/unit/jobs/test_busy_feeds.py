"""Calendars elsewhere are fetched from a real server: only times are kept, and a failure keeps those known last."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.jobs import busy_feeds, calendar_fetch
from server.jobs.calendar_fetch import NotFetched, fetch, is_public
from server.services import feeds, practice
from server.store import feeds as store
from server.store.tables.practice import busy_feeds as feed_table
from server.store.tables.practice import busy_times

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:canary-osprey\r\nDTSTART:{at}\r\n"
    "DURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
TUESDAY = "20261124T170000Z"


class Elsewhere:
    """A calendar server; what it says is changed by the test."""

    def __init__(self) -> None:
        self.status, self.text, self.asked = 200, EVENT.format(at=TUESDAY), 0
        self.location = ""

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        headers = {"Location": self.location} if self.location else {}
        return web.Response(status=self.status, text=self.text, headers=headers)


@pytest.fixture
async def elsewhere() -> AsyncIterator[tuple[Elsewhere, str]]:
    behind = Elsewhere()
    app = web.Application()
    app.router.add_get("/calendar.ics", behind.answer)
    server = TestServer(app)
    await server.start_server()
    yield behind, str(server.make_url("/calendar.ics"))
    await server.close()


def everywhere(_address: str) -> bool:
    return True


@pytest.fixture
async def followed(app, database, cast, elsewhere) -> tuple[web.Application, Elsewhere]:
    behind, url = elsewhere
    async with database.write() as tx:
        await store.put(tx, cast.dr_reyes, url=url)
    return app, behind


async def known(database, cast) -> tuple[list[str], feeds.Feed]:
    async with database.read() as tx:
        schedule = await practice.schedule_of(tx, cast.dr_reyes)
        feed = await feeds.of_practitioner(tx, cast.dr_reyes)
    return [f"{each.start:%m-%d %H:%M}" for each in schedule.elsewhere], feed


async def test_its_busy_times_are_taken_and_nothing_else_of_it_is_kept(
    followed, database, cast, clock
) -> None:
    app, _ = followed
    await busy_feeds.read_all(app, may_reach=everywhere)
    times, feed = await known(database, cast)
    assert times == ["11-24 17:00"]
    assert (feed.fetched_at, feed.problem) == (clock.now(), None)
    async with database.read() as tx:
        rows = [*await tx.all(busy_times.select()), *await tx.all(feed_table.select())]
    assert "osprey" not in str(rows) and "calendar.ics" not in str(rows)


async def test_what_was_cleared_there_is_free_here(followed, database, cast) -> None:
    app, behind = followed
    await busy_feeds.read_all(app, may_reach=everywhere)
    behind.text = EVENT.format(at="20261125T170000Z")
    await busy_feeds.read_all(app, may_reach=everywhere)
    assert (await known(database, cast))[0] == ["11-25 17:00"]


@pytest.mark.parametrize(
    ("status", "text", "problem"),
    [(500, "", "refused"), (404, "", "refused"), (200, "<html>Sign in</html>", "no-calendar")],
)
async def test_a_failure_keeps_the_times_known_last_and_says_so(
    followed, database, cast, clock, status: int, text: str, problem: str
) -> None:
    app, behind = followed
    await busy_feeds.read_all(app, may_reach=everywhere)
    read_at = clock.now()
    clock.advance(minutes=5)
    behind.status, behind.text = status, text
    await busy_feeds.read_all(app, may_reach=everywhere)
    times, feed = await known(database, cast)
    assert times == ["11-24 17:00"]
    assert (feed.problem, feed.fetched_at, feed.tried_at) == (problem, read_at, clock.now())


async def test_the_page_shows_the_failure_in_words(followed, database, cast, clock, sign_in) -> None:
    app, behind = followed
    behind.status = 410
    await busy_feeds.read_all(app, may_reach=everywhere)
    page = await (await sign_in(cast.reyes)).get("/clinic/time")
    assert "Its server does not give it out." in page.text and "Nothing was read from it yet." in page.text


async def test_an_address_in_a_network_of_our_own_is_not_even_asked(followed, database, cast) -> None:
    app, behind = followed
    await busy_feeds.read_all(app)
    assert ((await known(database, cast))[1].problem, behind.asked) == ("forbidden", 0)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
    ],
)
async def test_no_way_of_writing_this_machine_reaches_it(elsewhere, host: str) -> None:
    behind, url = elsewhere
    port = url.rsplit(":", 1)[1]
    with pytest.raises(NotFetched) as refused:
        await fetch(f"http://{host}:{port}")
    # A number that is no name anywhere is not even looked up.
    assert refused.value.problem in {"forbidden", "unreachable"} and behind.asked == 0


async def test_a_redirection_is_judged_like_the_first_address(elsewhere) -> None:
    behind, url = elsewhere
    behind.status = 302
    for where in ("file:///etc/passwd", "ftp://127.0.0.1/", "http://10.0.0.1/x.ics"):
        behind.location = where
        with pytest.raises(NotFetched) as refused:
            await fetch(url, may_reach=lambda address: address == "127.0.0.1")
        assert refused.value.problem == "forbidden"
    behind.location = url
    with pytest.raises(NotFetched) as refused:
        await fetch(url, may_reach=everywhere)
    assert refused.value.problem == "refused"


async def test_more_than_a_calendar_is_not_read(elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    behind, url = elsewhere
    monkeypatch.setattr(calendar_fetch, "LARGEST", 1000)
    behind.text = "x" * 1001
    with pytest.raises(NotFetched) as refused:
        await fetch(url, may_reach=everywhere)
    assert refused.value.problem == "too-large"


async def test_a_server_that_is_not_there_is_said(elsewhere) -> None:
    _, url = elsewhere
    gone = url.rsplit(":", 1)[0] + ":1/"
    with pytest.raises(NotFetched) as refused:
        await fetch(gone, may_reach=everywhere)
    assert refused.value.problem == "unreachable"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_on_the_internet(address: str, public: bool) -> None:
    assert is_public(address) == public


async def test_an_address_changed_while_it_was_fetched_keeps_nothing_of_the_old_one(
    database, cast, clock
) -> None:
    async with database.write() as tx:
        await store.put(tx, cast.dr_reyes, url="https://one.example/")
        old = await store.of_practitioner(tx, cast.dr_reyes)
        await store.put(tx, cast.dr_reyes, url="https://two.example/")
        assert not await store.keep(tx, old, [], now=datetime(2026, 11, 24, tzinfo=UTC))
