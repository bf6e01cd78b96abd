"""Six digits by e-mail; right once, for ten minutes, on the browser that asked for them; then it is remembered."""

import re
from dataclasses import replace

import pytest

from server.care.home import CODES_AN_HOUR, WRONG_CODES
from server.services import sending
from server.store import patients
from server.web import keys
from tests.devices import let_in


@pytest.fixture
async def proven(stranger, database, clock, cast):
    return await let_in(stranger, database, cast.mira, now=clock.now(), remembered=False)


@pytest.fixture
def mailed(database, clock):
    """The newest code that left in a message, with the channel and address it went to."""

    async def newest():
        async with database.write() as tx:
            for message_id in await sending.due(tx, now=clock.now()):
                found = await sending.claim(tx, message_id, now=clock.now())
                if found is not None:
                    await sending.sent(tx, message_id, now=clock.now())
                    last = found
        return last

    return newest


async def test_nothing_is_sent_before_somebody_asks(proven, queued, words) -> None:
    page = await proven.get("/home/code")
    assert "We send you a code" in words(page.text) and "m…\N{WORD JOINER}@example.org" in words(page.text)
    assert "mira@example.org" not in page.text
    assert await queued() == []


async def test_the_code_from_the_mail_opens_the_pages_and_the_device_is_remembered(
    proven, mailed, clock, words, actions
) -> None:
    assert (await proven.post("/home/code/sending", channel="email")).location == "/home/code"
    message = await mailed()
    assert (message.kind, message.to) == ("code", "mira@example.org") and re.fullmatch(r"\d{6}", message.code)
    assert message.code not in (await proven.get("/home/code")).text
    page = await proven.post("/home/code", code=f" {message.code[:3]} {message.code[3:]} ")
    assert (page.status, page.location) == (303, "/home/today")
    assert "Hello Mira" in words((await proven.get("/home/today")).text)
    clock.advance(days=80)
    assert (await proven.get("/home/today")).status == 200
    clock.advance(days=80)
    assert (await proven.get("/home/today")).status == 200, "each use begins the ninety days anew"
    clock.advance(days=91)
    assert (await proven.get("/home/today")).status == 403
    assert [a for a in await actions() if a.startswith("home-")] == [
        "home-code-sent",
        "home-device-remembered",
    ]


async def test_a_wrong_code_is_refused_and_five_void_it(proven, mailed, words) -> None:
    await proven.post("/home/code/sending", channel="email")
    code = (await mailed()).code
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(WRONG_CODES):
        page = await proven.post("/home/code", code=wrong)
        assert page.status == 422 and "That is not the code we sent" in words(page.text)
        assert wrong not in page.text
    assert (await proven.post("/home/code", code=code)).status == 422
    assert (await proven.get("/home/today")).status == 403


async def test_a_code_is_too_old_after_ten_minutes(proven, mailed, clock) -> None:
    await proven.post("/home/code/sending", channel="email")
    code = (await mailed()).code
    clock.advance(minutes=10)
    assert (await proven.post("/home/code", code=code)).status == 422


async def test_a_code_works_once_and_the_newest_only(
    proven, mailed, clock, new_visitor, database, cast
) -> None:
    await proven.post("/home/code/sending", channel="email")
    first = (await mailed()).code
    clock.advance(seconds=30)
    await proven.post("/home/code/sending", channel="email")
    second = (await mailed()).code
    if first != second:
        assert (await proven.post("/home/code", code=first)).status == 422
    # Another browser that is proven too cannot use it either.
    other = await let_in(await new_visitor(), database, cast.mira, now=clock.now(), remembered=False)
    assert (await other.post("/home/code", code=second)).status == 422
    assert (await proven.post("/home/code", code=second)).status == 303


async def test_codes_are_not_sent_without_end(proven, clock, words) -> None:
    for _ in range(CODES_AN_HOUR):
        assert (await proven.post("/home/code/sending", channel="email")).status == 303
    page = await proven.post("/home/code/sending", channel="email")
    assert page.status == 429
    assert "(303) 555-0100" in page.text
    clock.advance(minutes=61)
    # The door was left open too long meanwhile, and is begun at again.
    assert (await proven.post("/home/code/sending", channel="email")).status == 403


@pytest.mark.parametrize("channel", ["sms", "pigeon", ""])
async def test_no_code_goes_where_the_clinic_cannot_send(proven, channel, queued, words) -> None:
    page = await proven.post("/home/code/sending", channel=channel)
    assert page.status == 422 and "Please call us." in words(page.text)
    assert await queued() == []


async def test_where_text_messages_can_be_sent_the_code_may_go_to_the_phone(
    proven, mailed, app, words
) -> None:
    app[keys.SITE] = replace(app[keys.SITE], sends_sms=True)
    assert "Send it as a text message to …42" in words((await proven.get("/home/code")).text)
    assert (await proven.post("/home/code/sending", channel="sms")).status == 303
    assert "as a text message to …42" in words((await proven.get("/home/code")).text)
    message = await mailed()
    assert (message.channel, message.to) == ("sms", "(303) 555-0142")
    assert (await proven.post("/home/code", code=message.code)).location == "/home/today"


async def test_without_any_address_the_page_says_to_call(proven, database, cast, words) -> None:
    async with database.write() as tx:
        known = await patients.by_id(tx, cast.mira)
        await patients.change(tx, known | {"email": None})
    page = await proven.get("/home/code")
    assert "Please call us" in words(page.text) and "Send it by e-mail" not in words(page.text)


async def test_nothing_typed_is_asked_for(proven, words) -> None:
    await proven.post("/home/code/sending", channel="email")
    page = await proven.post("/home/code", code="  ")
    assert page.status == 422 and "Type the six digits" in words(page.text)


async def test_who_is_remembered_needs_no_code(mira, queued) -> None:
    assert (await mira.get("/home/code")).location == "/home/today"
    assert (await mira.post("/home/code/sending", channel="email")).location == "/home/today"
    assert (await mira.post("/home/code", code="123456")).location == "/home/today"
    assert await queued() == []
