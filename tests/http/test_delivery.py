"""What a text message gateway reports: whether a phone has it, told in any order, and believed only when signed."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from server.services import outgoing, patients, sending
from server.web import keys
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING

SECRET, OTHER = "k" * 32, "o" * 32
DELIVERED, FAILED = {"status": "delivered"}, {"status": "failed", "reason": "unreachable"}


@pytest.fixture
async def booked(app, database, cast, clock):
    """Mira wants text messages; her visit is in an hour. There are two gateways."""
    app[keys.REPORT_SECRETS] = (SECRET, OTHER)
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="sms", by=cast.ada, now=clock.now())
        return await check_in(tx, cast, MONDAY_MORNING + timedelta(hours=1), now=clock.now())


@pytest.fixture
async def text(database, booked, clock):
    """Its confirmation, which is in our hands: no gateway has answered yet."""
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        assert await sending.claim(tx, message_id, now=clock.now())
    return message_id


@pytest.fixture
def says(stranger):
    """The gateway's report, signed with its secret unless said otherwise."""

    async def say(
        report: dict[str, Any], *, gateway: str = "1", secret: str = SECRET, signature: str | None = None
    ) -> int:
        body = json.dumps(report).encode()
        signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Bedside-Signature": signature if signature is not None else signed}
        path = f"/delivery/{gateway}"
        async with stranger.client.post(path, data=body, headers=headers) as answer:
            assert await answer.text() == ""
            return answer.status

    return say


@pytest.fixture
def stands(database, booked, text):
    async def look() -> tuple[str, str | None]:
        async with database.read() as tx:
            [told] = [each for each in await outgoing.history(tx, booked.id) if each.message_id == text]
        return told.state, told.problem

    return look


async def taken(database, text, clock, *, gateway: int = 0) -> None:
    async with database.write() as tx:
        await sending.sent(tx, text, now=clock.now(), gateway=gateway, reference="g-1")


async def test_delivered_is_told_with_its_time_on_the_card(
    ada, says, stands, database, booked, text, clock, words
) -> None:
    await taken(database, text, clock)
    assert await stands() == ("sent", None)
    assert await says({"client_reference": text, **DELIVERED}) == 204
    assert await stands() == ("delivered", None)
    assert "as a text message Delivered Mon, Nov 23" in words(
        (await ada.get(f"/desk/visit/{booked.id}")).text
    )


async def test_not_delivered_says_why_and_asks_the_desk_to_act_as_a_bounced_mail_does(
    ada, says, stands, database, booked, text, clock, words
) -> None:
    await taken(database, text, clock)
    assert await says({"id": "g-1", **FAILED}) == 204
    assert await stands() == ("failed", "reported: unreachable")
    page = words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert "Not delivered" in page and "The number could not be reached" in page
    assert "A message to Mira Lindqvist was not delivered" in page
    assert (await ada.post(f"/desk/visit/{booked.id}/message", message=text)).status == 303
    assert "was not delivered" not in words((await ada.get("/desk/today/board")).text)


@pytest.mark.parametrize("order", [[DELIVERED, FAILED], [FAILED, DELIVERED], [FAILED, DELIVERED, FAILED]])
async def test_in_whatever_order_and_how_often_it_is_told_a_phone_that_has_it_is_the_last_word(
    ada, says, stands, database, text, clock, words, order
) -> None:
    await taken(database, text, clock)
    for report in order:
        for _ in range(2):
            assert await says({"client_reference": text, **report}) == 204
            clock.advance(minutes=1)
    assert await stands() == ("delivered", None)
    assert "was not delivered" not in words((await ada.get("/desk/today/board")).text)


@pytest.mark.parametrize(("report", "state"), [(DELIVERED, "delivered"), (FAILED, "failed")])
async def test_a_report_that_is_faster_than_our_own_writing_down_stands(
    says, stands, database, text, clock, report, state
) -> None:
    assert await says({"client_reference": text, **report}) == 204
    await taken(database, text, clock)
    assert (await stands())[0] == state
    async with database.read() as tx:
        assert text not in await sending.due(tx, now=MONDAY_MORNING.replace(year=2030))


async def test_a_report_ends_the_tries_of_one_whose_answer_was_lost(
    says, stands, database, text, clock
) -> None:
    async with database.write() as tx:
        clock.advance(minutes=5)
        again = await sending.claim(tx, text, now=clock.now())
        assert again is not None
    assert await says({"client_reference": text, **DELIVERED}) == 204
    async with database.write() as tx:
        await sending.failed(tx, again, problem="did not answer", for_good=True, now=clock.now())
    assert (await stands())[0] == "delivered"


async def test_its_own_number_alone_is_asked_for_again_while_one_is_being_handed_over(
    says, stands, database, text, clock
) -> None:
    assert await says({"id": "g-1", **DELIVERED}) == 503
    await taken(database, text, clock)
    assert await says({"id": "g-1", **DELIVERED}) == 204
    assert (await stands())[0] == "delivered"


async def test_what_nobody_knows_is_answered_like_what_is_known_and_changes_nothing(
    says, stands, database, text, clock
) -> None:
    await taken(database, text, clock)
    for report in ({"client_reference": "unknown"}, {"id": "unknown"}):
        clock.advance(minutes=5)
        assert await says({**report, **DELIVERED}) == 204
    assert await says({"client_reference": text, "status": "queued"}) == 204
    assert await says({"client_reference": text, **FAILED}, gateway="2", secret=OTHER) == 204
    assert await stands() == ("sent", None)


@pytest.mark.parametrize(
    "report", [[], {}, {"status": "delivered"}, {"client_reference": "m\x00", "status": "failed"}, {"id": 7}]
)
async def test_what_is_no_report_is_refused(says, text, report) -> None:
    assert await says(report) == 400


async def test_only_who_knows_the_gateways_secret_is_believed(
    app, says, stands, database, text, clock
) -> None:
    await taken(database, text, clock)
    report = {"client_reference": text, **DELIVERED}
    statuses = [
        await says(report, secret="x" * 32),
        await says(report, signature=""),
        await says(report, gateway="2"),
        await says(report, gateway="3"),
        await says(report, gateway="x"),
    ]
    assert statuses == [404] * 5
    app[keys.REPORT_SECRETS] = ("", OTHER)
    assert await says(report, secret="") == 404
    assert await stands() == ("sent", None)


async def test_strangers_who_guess_do_not_keep_the_gateway_out(says, stands, database, text, clock) -> None:
    """A secret of 32 characters is not guessed; a gateway that is shut out by whoever tries is a report lost."""
    await taken(database, text, clock)
    for _ in range(40):
        assert await says({"client_reference": text, **DELIVERED}, secret="x" * 32) == 404
    assert await says({"client_reference": text, **DELIVERED}) == 204
    assert (await stands())[0] == "delivered"


async def test_a_signed_body_of_any_shape_is_no_mistake_of_ours(stranger, text) -> None:
    bodies = [
        b"",
        b"\xff\xfe",
        b"[" * 4000,
        b"9" * 4096,
        b"null",
        b'"\\ud800"',
        b'{"id": "\\ud800", "status": "x"}',
    ]
    for body in bodies:
        signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Bedside-Signature": signed}
        async with stranger.client.post("/delivery/1", data=body, headers=headers) as answer:
            assert answer.status == 400, body[:40]


async def test_a_visit_that_was_needs_nobody_to_ring(ada, says, stands, database, text, clock, words) -> None:
    await taken(database, text, clock)
    clock.advance(hours=3)
    assert await says({"client_reference": text, **FAILED}) == 204
    assert await stands() == ("failed", "reported: unreachable")
    assert "was not delivered" not in words((await ada.get("/desk/today/board")).text)


async def test_what_a_gateway_leaves_empty_is_as_if_it_said_nothing_of_it(
    says, stands, database, text, clock
) -> None:
    await taken(database, text, clock)
    assert await says({"client_reference": None, "id": "g-1", "reason": None, **DELIVERED}) == 204
    assert (await stands())[0] == "delivered"


async def test_the_reason_is_one_of_ours_or_none(says, stands, database, text, clock) -> None:
    await taken(database, text, clock)
    said = {"client_reference": text, "status": "failed", "reason": "+13035550142 said STOP"}
    assert await says(said) == 204
    assert await stands() == ("failed", "reported: not said")
