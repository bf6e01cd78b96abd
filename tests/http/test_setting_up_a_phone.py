"""The first sign-in: a phone is set up, ten codes are kept, and there is no way around either."""

import html
import re

import pytest

from server.services import second_factor
from tests.http.conftest import PASSWORD
from tests.http.phones import Phone, actions, read_qr, shown_codes, shown_key

ADA = "ada@harbor.example"


@pytest.fixture
async def password(cast, give_password) -> str:
    return await give_password(cast.ada)


async def is_inside(visitor) -> bool:
    return (await visitor.get("/account")).status == 200


@pytest.fixture
async def half(stranger, password):
    answer = await stranger.post("/sign-in", email=ADA, password=password, next="/desk/mail")
    assert (answer.status, answer.location) == (303, "/sign-in/set-up")
    return stranger


async def test_the_first_sign_in_goes_through_all_of_it(half, clock, database, cast) -> None:
    page = await half.get("/sign-in/set-up")
    phone = Phone(shown_key(page.text), clock)
    codes = await half.post("/sign-in/set-up", code=phone.code())
    assert codes.status == 200 and len(shown_codes(codes.text)) == 10
    assert not await is_inside(half)
    done = await half.post("/sign-in/recovery-codes", kept="yes")
    assert (done.status, done.location) == (303, "/desk/mail")
    assert await is_inside(half)
    assert (await actions(database, cast.ada))[-3:] == [
        "second-factor-set-up",
        "recovery-codes-made",
        "signed-in",
    ]


async def test_the_picture_says_the_same_as_the_key(half) -> None:
    page = (await half.get("/sign-in/set-up")).text
    (picture,) = re.findall(r'<img src="(data:image/svg\+xml[^"]+)"', page)
    said = read_qr(picture)
    assert said.startswith("otpauth://totp/")
    assert f"secret={shown_key(page)}&" in said + "&"
    assert "ada%40harbor.example" in said
    # Whoever reads this on the phone itself has no second camera to point at it.
    assert f'href="{html.escape(said)}"' in page


async def test_until_it_is_confirmed_the_key_is_shown_again_and_looking_changes_nothing(
    half, new_visitor, password
) -> None:
    pages = [(await half.get("/sign-in/set-up")).text for _ in range(3)]
    assert len({shown_key(page) for page in pages}) == 1
    # Starting over, or another browser: a key of its own, which nobody saw before.
    other = await new_visitor()
    await other.post("/sign-in", email=ADA, password=password)
    assert shown_key((await other.get("/sign-in/set-up")).text) != shown_key(pages[0])


async def test_a_wrong_first_code_is_said_and_the_key_stays(half, clock) -> None:
    key = shown_key((await half.get("/sign-in/set-up")).text)
    wrong = await half.post("/sign-in/set-up", code="000000")
    assert wrong.status == 403
    assert "does not fit" in wrong.text and shown_key(wrong.text) == key
    assert (await half.post("/sign-in/set-up", code="")).status == 422
    assert (await half.post("/sign-in/set-up", code=Phone(key, clock).code())).status == 200


async def test_too_many_wrong_ones_are_slowed(half) -> None:
    answers = [await half.post("/sign-in/set-up", code="000000") for _ in range(6)]
    assert [answer.status for answer in answers] == [403] * 5 + [429]


async def test_the_first_code_is_spent_by_it(half, new_visitor, password, clock) -> None:
    code = Phone(shown_key((await half.get("/sign-in/set-up")).text), clock).code()
    await half.post("/sign-in/set-up", code=code)
    other = await new_visitor()
    await other.post("/sign-in", email=ADA, password=password)
    assert (await other.post("/sign-in/code", code=code)).status == 403


async def test_there_is_no_way_around_the_recovery_codes(half, new_visitor, password, clock) -> None:
    phone = Phone(shown_key((await half.get("/sign-in/set-up")).text), clock)
    shown = shown_codes((await half.post("/sign-in/set-up", code=phone.code())).text)
    assert (await half.get("/sign-in/code")).location == "/sign-in/recovery-codes"
    assert not await is_inside(half)
    # Whoever closed the page then is shown ten others after the next code.
    other = await new_visitor()
    await other.post("/sign-in", email=ADA, password=password)
    again = await other.post("/sign-in/code", code=phone.code(seconds=30))
    assert len(shown_codes(again.text)) == 10
    assert not set(shown_codes(again.text)) & set(shown)
    assert not await is_inside(other)
    assert (await other.post("/sign-in/recovery-codes", kept="yes")).location == "/desk/today"


async def test_codes_are_shown_once(half, clock) -> None:
    phone = Phone(shown_key((await half.get("/sign-in/set-up")).text), clock)
    first = shown_codes((await half.post("/sign-in/set-up", code=phone.code())).text)
    page = await half.get("/sign-in/recovery-codes")
    assert page.status == 200 and shown_codes(page.text) == []
    asked = await half.post("/sign-in/recovery-codes", again="yes")
    assert "tick the box" not in asked.text
    unticked = await half.post("/sign-in/recovery-codes")
    assert "tick the box" in unticked.text
    seen = [*first, *shown_codes(asked.text), *shown_codes(unticked.text)]
    assert len(set(seen)) == 30
    assert not await is_inside(half)
    # Only the last ten are left.
    await half.post("/sign-in/recovery-codes", kept="yes")
    await half.post("/sign-out")
    for code, status in ((first[0], 403), (shown_codes(unticked.text)[0], 303)):
        await half.post("/sign-in", email=ADA, password=PASSWORD)
        assert (await half.post("/sign-in/code", code=code)).status == status


async def test_a_password_alone_never_replaces_a_phone(
    half, new_visitor, password, give_phone, cast, clock
) -> None:
    """Two browsers began before there was a phone; the slower one must not replace the other's."""
    late = Phone(shown_key((await half.get("/sign-in/set-up")).text), clock)
    phone = await give_phone(cast.ada)
    answer = await half.post("/sign-in/set-up", code=late.code())
    assert answer.location == "/sign-in?again=yes"
    assert not await is_inside(half)
    await half.post("/sign-in", email=ADA, password=password)
    assert (await half.post("/sign-in/code", code=late.code())).status == 403
    assert (await half.post("/sign-in/code", code=phone.code())).status == 303


async def test_the_time_for_it_ends(half, clock) -> None:
    phone = Phone(shown_key((await half.get("/sign-in/set-up")).text), clock)
    clock.advance(minutes=15)
    answer = await half.post("/sign-in/set-up", code=phone.code())
    assert answer.location == "/sign-in?again=yes"


async def test_there_is_time_to_keep_the_codes(stranger, password, give_phone, database, cast, clock) -> None:
    phone = await give_phone(cast.ada)
    async with database.write() as tx:
        await second_factor.new_codes(tx, account_id=cast.ada, now=clock.now())
    await stranger.post("/sign-in", email=ADA, password=password)
    clock.advance(minutes=4)
    answer = await stranger.client.post(
        "/sign-in/code", data={"code": phone.code(), "csrf": stranger.token("/sign-in/code")}
    )
    assert "Max-Age=900" in answer.headers["Set-Cookie"]
    clock.advance(minutes=14)
    assert (await stranger.post("/sign-in/recovery-codes", kept="yes")).status == 303
