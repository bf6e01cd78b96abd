"""Staff sessions: how long they live, what keeps them alive, and how they end."""

import asyncio
import re

import pytest

from server.services import accounts
from server.store import sessions
from server.web.session import note_open_pages


async def is_inside(visitor) -> bool:
    return (await visitor.get("/account")).status == 200


async def test_it_ends_after_fifteen_minutes_without_a_request(ada, clock) -> None:
    assert await is_inside(ada)
    clock.advance(minutes=14)
    assert await is_inside(ada)
    clock.advance(minutes=14)
    assert await is_inside(ada)
    clock.advance(minutes=15)
    assert not await is_inside(ada)


async def test_it_ends_after_twelve_hours_however_busy(ada, clock) -> None:
    for _ in range(71):
        clock.advance(minutes=10)
        assert await is_inside(ada)
    clock.advance(minutes=10)
    assert not await is_inside(ada)


async def test_an_open_board_counts_as_activity(ada, app, clock) -> None:
    board = await ada.client.get("/desk/today/changes")
    await board.content.readline()
    for _ in range(4):
        clock.advance(minutes=14)
        await note_open_pages(app)
    assert await is_inside(ada)
    board.close()
    # The server notices that the page is gone when it next writes to it or loses the connection.
    for _ in range(100):
        if not app_open(app):
            break
        await asyncio.sleep(0.02)
    clock.advance(minutes=14)
    await note_open_pages(app)
    clock.advance(minutes=2)
    assert not await is_inside(ada)


def app_open(app) -> list[str]:
    from server.web import keys

    return app[keys.OPEN_PAGES].sessions()


async def test_an_open_board_does_not_outlive_the_twelve_hours(ada, app, clock) -> None:
    board = await ada.client.get("/desk/today/changes")
    await board.content.readline()
    for _ in range(12 * 60 // 10):
        clock.advance(minutes=10)
        await note_open_pages(app)
    assert not await is_inside(ada)
    board.close()


async def test_signing_out_ends_it_for_the_cookie_too(ada, database, clock) -> None:
    jar = {cookie.key: cookie.value for cookie in ada.client.session.cookie_jar}
    answer = await ada.post("/sign-out")
    assert (answer.status, answer.location) == (303, "/sign-in")
    ada.client.session.cookie_jar.update_cookies(jar, ada.client.make_url("/"))
    assert not await is_inside(ada)


async def test_signing_out_everywhere(ada, sign_in, cast) -> None:
    phone, other = await sign_in(cast.ada), await sign_in(cast.petra)
    assert (await phone.post("/sign-out/everywhere")).status == 303
    assert [await is_inside(visitor) for visitor in (ada, phone, other)] == [False, False, True]


async def test_a_disabled_account_is_out_at_once(ada, database, cast, clock) -> None:
    async with database.write() as tx:
        await accounts.disable(tx, account_id=cast.ada, by=cast.petra, now=clock.now())
    assert not await is_inside(ada)


async def test_the_database_holds_no_cookie(ada, database) -> None:
    cookie = next(c.value for c in ada.client.session.cookie_jar if c.key == "sid")
    async with database.read() as tx:
        from sqlalchemy import text

        rows = await tx.all(text("SELECT * FROM sessions"))
    assert len(rows) == 1
    assert not any(cookie in str(value) for value in rows[0])
    assert sessions.cookie_hash(cookie) in tuple(rows[0])


@pytest.mark.parametrize("mode", ["cors", "no-cors", "websocket"])
async def test_a_script_hears_that_it_is_signed_out_and_gets_no_page(stranger, mode) -> None:
    answer = await stranger.get("/desk/today/board", headers={"Sec-Fetch-Mode": mode})
    assert (answer.status, answer.location) == (401, "")


async def test_somebody_signed_out_signs_in_again_on_the_page_that_is_still_open(
    ada, cast, clock, give_password, give_phone
) -> None:
    """The browser still holds the old cookie; the forms' tokens come with the pages."""
    password, phone = await give_password(cast.ada), await give_phone(cast.ada)
    clock.advance(minutes=20)
    halves = {
        "/sign-in": {"email": "ada@harbor.example", "password": password},
        "/sign-in/code": {"code": phone.code()},
    }
    for path, fields in halves.items():
        page = (await ada.get(path)).text
        token = re.search(r'<meta name="csrf" content="([^"]*)"', page)
        answer = await ada.client.post(path, data={**fields, "csrf": token[1]}, allow_redirects=False)
        assert answer.status == 303
    assert await is_inside(ada)
