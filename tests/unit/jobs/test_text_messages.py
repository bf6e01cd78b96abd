"""Text messages go to a gateway over HTTP, once each, and what it answers decides whether to try again."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.jobs.letters import Sender
from server.jobs.texts import text_message_for
from server.notify import MailSettings, Notifier, NotSent, SmsSettings, Taken, TextMessage
from server.services.message_facts import Outgoing
from server.web.settings import ClinicFacts

MAIL = MailSettings(
    host="127.0.0.1", port=25, security="none", sender_name="H", sender_address="h@harbor.example"
)
MESSAGE = TextMessage(number="m1", to="+13035550142", text="Harbor Clinic: your code is 123456.")


class Gateway:
    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], str, str]] = []
        self.answers = 202
        self.says = b""

    async def take(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.heard.append((said, request.headers["Authorization"], request.headers["Idempotency-Key"]))
        return web.Response(status=self.answers, body=self.says)


@pytest.fixture
async def gateway():
    return Gateway()


@pytest.fixture
async def notifier(gateway):
    app = web.Application()
    app.router.add_post("/send", gateway.take)
    server = TestServer(app)
    await server.start_server()
    yield Notifier(MAIL, (SmsSettings(url=str(server.make_url("/send")), token="secret"),))
    await server.close()


async def test_it_says_to_whom_what_and_who_asks(notifier, gateway) -> None:
    await notifier.send_text(MESSAGE)
    assert gateway.heard == [
        (
            {
                "to": "+13035550142",
                "text": "Harbor Clinic: your code is 123456.",
                "client_reference": "m1",
            },
            "Bearer secret",
            "m1",
        )
    ]


@pytest.mark.parametrize(
    ("says", "reference"),
    [
        (b'{"id": "g-17"}', "g-17"),
        (b'{"id": 17}', "17"),
        (b'{"messages": []}', ""),
        (b"[]", ""),
        (b"OK", ""),
        (b'{"id": "%s"}' % (b"x" * 101), ""),
        (b'{"id": "x", "more": "%s"}' % (b"x" * 5000), ""),
        (b"", ""),
        (b"\xff\xfe", ""),
    ],
)
async def test_the_gateways_own_number_is_kept_where_it_gives_one(notifier, gateway, says, reference) -> None:
    gateway.says = says
    assert await notifier.send_text(MESSAGE) == Taken(gateway=0, reference=reference)


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (429, False), (401, False), (422, True), (302, False)]
)
async def test_what_the_gateway_answers_decides_whether_to_try_again(
    notifier, gateway, status, for_good
) -> None:
    gateway.answers = status
    with pytest.raises(NotSent) as refused:
        await notifier.send_text(MESSAGE)
    assert (refused.value.for_good, str(status) in str(refused.value)) == (for_good, True)


async def test_a_gateway_that_is_not_there_is_tried_again(unused_tcp_port) -> None:
    away = Notifier(MAIL, (SmsSettings(url=f"http://127.0.0.1:{unused_tcp_port}/send", token=""),))
    with pytest.raises(NotSent) as refused:
        await away.send_text(MESSAGE)
    assert not refused.value.for_good


async def test_without_a_gateway_nothing_is_sent() -> None:
    with pytest.raises(NotSent) as refused:
        await Notifier(MAIL).send_text(MESSAGE)
    assert refused.value.for_good


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_message_is_one_short_line_with_the_clinics_name_first(language: str) -> None:
    clinic = ClinicFacts(
        name="Harbor Clinic",
        phone="(303) 555-0100",
        emergency_number="911",
        crisis_line="988",
        time_zone="America/Denver",
        languages=("en", "es"),
    )
    sender = Sender(
        clinic=clinic,
        base_url="https://visits.example.org",
        patients_url="https://visits.example.org",
        mail_address="visits@harbor.example",
    )
    outgoing = Outgoing(
        message_id="m1",
        kind="code",
        channel="sms",
        to="1",
        name="N",
        zone="America/Denver",
        language=language,
        attempts=1,
        code="123456",
    )
    text = text_message_for(outgoing, sender).text
    assert text.startswith("Harbor Clinic:") and "123456" in text
    assert len(text) <= 160 and "\n" not in text
