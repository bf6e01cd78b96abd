"""Several gateways, the first choice first: the next one is asked only when this one certainly has nothing."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from server.notify import MailSettings, Notifier, NotSent, SmsSettings, TextMessage

MAIL = MailSettings(
    host="127.0.0.1", port=25, security="none", sender_name="H", sender_address="h@harbor.example"
)
MESSAGE = TextMessage(number="m1", to="+13035550142", text="Harbor Clinic: hello")


class Gateway:
    """Answers with `status`; with None it takes the message and never answers."""

    def __init__(self) -> None:
        self.status: int | None = 202
        self.keys: list[str] = []

    async def take(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers["Idempotency-Key"])
        if self.status is None:
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(0)
            return web.Response()
        return web.Response(status=self.status)


@pytest.fixture
async def two():
    gateways, servers = (Gateway(), Gateway()), []
    for gateway in gateways:
        app = web.Application()
        app.router.add_post("/send", gateway.take)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
    settings = tuple(SmsSettings(url=str(server.make_url("/send")), token="x") for server in servers)
    yield (*gateways, Notifier(MAIL, settings))
    for server in servers:
        await server.close()


async def refused(notifier: Notifier, *, only: int | None = None) -> NotSent:
    with pytest.raises(NotSent) as problem:
        await notifier.send_text(MESSAGE, only=only)
    return problem.value


async def test_the_first_choice_takes_it_and_nobody_else_hears_of_it(two) -> None:
    first, second, notifier = two
    await notifier.send_text(MESSAGE)
    assert (first.keys, second.keys) == (["m1"], [])


@pytest.mark.parametrize("status", [500, 502, 503, 429, 401, 403])
async def test_when_it_answers_that_it_cannot_the_next_one_is_asked(two, status) -> None:
    first, second, notifier = two
    first.status = status
    await notifier.send_text(MESSAGE)
    assert (first.keys, second.keys) == (["m1"], ["m1"])


async def test_when_it_is_not_there_the_next_one_is_asked(two) -> None:
    _, second, notifier = two
    away = SmsSettings(url=f"http://127.0.0.1:{unused_port()}/send", token="x")
    await Notifier(MAIL, (away, notifier.sms[1])).send_text(MESSAGE)
    assert second.keys == ["m1"]


@pytest.mark.parametrize("status", [400, 404, 410, 422])
async def test_a_no_for_good_is_not_asked_of_another(two, status) -> None:
    first, second, notifier = two
    first.status = status
    problem = await refused(notifier)
    assert problem.for_good and second.keys == []


@pytest.mark.parametrize("status", [None, 504, 408])
async def test_one_whose_answer_never_came_may_have_it_so_nobody_else_is_asked(two, status) -> None:
    first, second, notifier = two
    first.status = status
    problem = await refused(notifier)
    assert (problem.for_good, problem.gateway, second.keys) == (False, 0, [])


async def test_afterwards_only_that_one_is_asked_again_under_the_same_key(two) -> None:
    first, second, notifier = two
    first.status = 503
    problem = await refused(notifier, only=0)
    assert (problem.for_good, problem.gateway, second.keys) == (False, 0, [])
    first.status = 202
    await notifier.send_text(MESSAGE, only=0)
    assert first.keys == ["m1", "m1"] and second.keys == []


async def test_a_gateway_that_is_not_in_the_settings_any_more_holds_nothing_up(two) -> None:
    first, _, notifier = two
    await notifier.send_text(MESSAGE, only=7)
    assert first.keys == ["m1"]


async def test_when_nobody_takes_it_it_is_tried_again_later(two) -> None:
    first, second, notifier = two
    first.status = second.status = 503
    problem = await refused(notifier)
    assert (problem.for_good, problem.gateway) == (False, None) and len(first.keys + second.keys) == 2


async def test_a_number_that_takes_no_text_messages_is_said_so(two) -> None:
    *_, notifier = two
    with pytest.raises(NotSent) as problem:
        await notifier.send_text(TextMessage(number="m2", to="", text="x"))
    assert problem.value.for_good and "cannot take text messages" in str(problem.value)
