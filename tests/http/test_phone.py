"""`--phone`: the same house by a second way in, over HTTPS. Neither side answers to the other's names or pages, and
the doors that sign staff in without a password are on loopback only.

A network is played by 127.0.0.2: another address of this machine, to which connections come from 127.0.0.1.
"""

import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import (
    ClientConnectorError,
    ClientSession,
    CookieJar,
    ServerDisconnectedError,
    TCPConnector,
    WSServerHandshakeError,
    web,
)
from cryptography import x509

from server.app import create_app
from server.care.encounter import Encounter
from server.commands.serve import on_the_network
from server.services import appointments
from server.web import keys
from server.web.certificate import kept_or_made
from server.web.clock import Clock
from server.web.demo_doors import DemoDoors
from server.web.phone_side import PhoneSide
from server.web.serving import listening
from tests.builders import house_config
from tests.http.phones import read_qr
from tests.people import MIRA_BORN

ADDRESS = "127.0.0.2"


@pytest.fixture
def phone(port, tmp_path) -> PhoneSide:
    # The client looks at the certificate by the real time.
    certificate = kept_or_made(tmp_path, address=ADDRESS, names=("desk.local",), now=Clock().now())
    return PhoneSide(address=ADDRESS, port=port, names=("desk.local",), certificate=certificate)


@pytest.fixture
async def app(database, clock, cast, port, tmp_path, phone) -> AsyncIterator[web.Application]:
    """A demo that is open to phones, on both its sides."""
    config, doors = house_config(port=port, data=tmp_path), DemoDoors(mail_folder=tmp_path)
    app = create_app(config, database=database, clock=clock, demo=doors, phone=phone, call=False)
    async with listening(app, hosts=("127.0.0.1",), port=port, phone=phone):
        yield app


@pytest.fixture
def trusting(phone) -> ssl.SSLContext:
    """A phone on which the authority was installed: full verification, of the address too."""
    context = ssl.create_default_context(cadata=phone.certificate.authority)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    return context


@pytest.fixture
async def on_the_phone(app, phone, trusting) -> AsyncIterator[ClientSession]:
    connector = TCPConnector(ssl=trusting)
    async with ClientSession(phone.url, connector=connector, cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def at_the_desk(app, port) -> AsyncIterator[ClientSession]:
    async with ClientSession(f"http://localhost:{port}", cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def booked(database, cast, clock) -> tuple[Encounter, str]:
    async with database.write() as tx:
        encounter = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=30),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        return encounter, appointments.token_of(tx, encounter)


class TestStaffsDoors:
    @pytest.fixture
    def door(self, app, cast) -> str:
        return app[keys.DEMO].link_for(cast.reyes, "/clinic/day")

    async def test_open_on_loopback_only(self, door, at_the_desk, on_the_phone) -> None:
        refused = await on_the_phone.get(door, allow_redirects=False)
        assert (refused.status, "Set-Cookie" in refused.headers) == (404, False)
        opened = await at_the_desk.get(door, allow_redirects=False)
        assert (opened.status, opened.headers["Location"]) == (303, "/clinic/day")
        assert opened.headers["Set-Cookie"].startswith("sid=")

    @pytest.mark.parametrize(
        "claim",
        [
            {"Host": "localhost:{port}"},
            {"Host": "127.0.0.1:{port}"},
            {"X-Forwarded-For": "127.0.0.1"},
            {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "localhost"},
            {"Forwarded": "for=127.0.0.1;host=localhost;proto=http"},
            {"X-Real-IP": "127.0.0.1"},
        ],
        ids=str,
    )
    async def test_nothing_a_request_says_opens_one(self, door, on_the_phone, port, claim) -> None:
        headers = {name: value.format(port=port) for name, value in claim.items()}
        answer = await on_the_phone.get(door, headers=headers, allow_redirects=False)
        assert answer.status in (404, 421)
        assert "Set-Cookie" not in answer.headers

    async def test_a_session_from_there_is_none_here(self, door, at_the_desk, on_the_phone) -> None:
        """The same browser on this machine: loopback's cookie goes by another name."""
        opened = await at_the_desk.get(door, allow_redirects=False)
        held = opened.headers["Set-Cookie"].split(";")[0]
        for path in ("/clinic/day", "/account"):
            answer = await on_the_phone.get(path, headers={"Cookie": held}, allow_redirects=False)
            assert (answer.status, answer.headers["Location"]) == (303, f"/sign-in?next={path}")

    async def test_without_a_phone_side_another_address_of_this_machine_opens_none(
        self, database, clock, cast, unused_tcp_port, tmp_path
    ) -> None:
        """A demo behind something that listens elsewhere and hands on: the near end must be loopback too."""
        doors = DemoDoors(mail_folder=tmp_path)
        config = house_config(port=unused_tcp_port, data=tmp_path)
        app = create_app(config, database=database, clock=clock, demo=doors, call=False)
        path = doors.link_for(cast.reyes, "/clinic/day")
        async with listening(app, hosts=(ADDRESS,), port=unused_tcp_port), ClientSession() as session:
            here = {"Host": f"localhost:{unused_tcp_port}"}
            answer = await session.get(
                f"http://{ADDRESS}:{unused_tcp_port}{path}", headers=here, allow_redirects=False
            )
            assert answer.status == 404


class TestTheTwoSides:
    async def test_each_answers_to_its_own_names(self, on_the_phone, at_the_desk, port) -> None:
        theirs, ours = (f"{ADDRESS}:{port}", f"desk.local:{port}"), (f"localhost:{port}", f"127.0.0.1:{port}")
        for session, good, bad in ((on_the_phone, theirs, ours), (at_the_desk, ours, theirs)):
            for host in good:
                assert (await session.get("/healthz", headers={"Host": host})).status == 200
            for host in bad:
                assert (await session.get("/healthz", headers={"Host": host})).status == 421

    async def test_the_network_side_speaks_nothing_but_tls(self, app, phone) -> None:
        async with ClientSession() as session:
            with pytest.raises(ServerDisconnectedError):
                await session.get(f"http://{ADDRESS}:{phone.port}/healthz")

    async def test_a_phone_that_does_not_trust_it_hangs_up_and_the_next_one_is_served(
        self, on_the_phone, phone
    ) -> None:
        async with ClientSession() as wary:
            with pytest.raises(ClientConnectorError):
                await wary.get(f"{phone.url}/healthz")
        assert (await on_the_phone.get("/healthz")).status == 200

    async def test_pages_of_one_cannot_act_on_the_other(
        self, on_the_phone, at_the_desk, phone, port, booked
    ) -> None:
        """What answers to localhost on the phone is not ours, though it is called what ours is called."""
        _, token = booked
        desk = f"http://localhost:{port}"
        for session, own, other in ((on_the_phone, phone.url, desk), (at_the_desk, desk, phone.url)):
            path = f"/visit/join/{token}"
            assert (await session.post(path, headers={"Origin": other}, allow_redirects=False)).status == 403
            assert (await session.post(path, headers={"Origin": own}, allow_redirects=False)).status == 303

    async def test_headers_are_those_of_the_side(self, on_the_phone, at_the_desk, phone, port) -> None:
        there = (await on_the_phone.get("/sign-in")).headers
        here = (await at_the_desk.get("/sign-in")).headers
        assert f"connect-src 'self' wss://{ADDRESS}:{port};" in there["Content-Security-Policy"]
        assert f"connect-src 'self' ws://localhost:{port};" in here["Content-Security-Policy"]
        # A browser would remember it for every port of the name, and let nobody past the warning any more.
        assert "Strict-Transport-Security" not in there
        assert "Strict-Transport-Security" not in here


class TestAPatientOnThePhone:
    async def test_walks_from_the_link_to_the_waiting_room(self, on_the_phone, phone, port, booked) -> None:
        encounter, token = booked
        answer = await on_the_phone.post(f"/visit/join/{token}", allow_redirects=False)
        cookie, *said = (part.strip() for part in answer.headers["Set-Cookie"].split(";"))
        assert cookie.startswith("__Host-vid=")
        assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= set(said)
        for path, fields in (
            (f"/visit/identity/{encounter.id}", {"date_of_birth": MIRA_BORN.isoformat()}),
            (
                f"/visit/entry/{encounter.id}",
                {"where": "Home", "call_back": "(303) 555-0199", "with_whom": "Nobody", "agree": "yes"},
            ),
        ):
            page = await (await on_the_phone.get(path)).text()
            mark = re.search(r'name="csrf" value="([^"]+)"', page)
            answer = await on_the_phone.post(path, data={"csrf": mark[1], **fields}, allow_redirects=False)
            assert answer.status == 303
        waiting = await on_the_phone.get(answer.headers["Location"])
        assert waiting.status == 200
        # The forms' tokens count here as anywhere.
        assert (await on_the_phone.post(path, data=fields, allow_redirects=False)).status == 403
        signalling = f"/signalling/{encounter.id}"
        with pytest.raises(WSServerHandshakeError) as refused:
            await on_the_phone.ws_connect(signalling, headers={"Origin": f"http://localhost:{port}"})
        assert refused.value.status == 403
        async with on_the_phone.ws_connect(signalling, headers={"Origin": phone.url}):
            pass

    async def test_the_desk_has_the_link_as_a_picture_for_the_camera(
        self, app, cast, at_the_desk, phone, booked
    ) -> None:
        encounter, token = booked
        await at_the_desk.get(app[keys.DEMO].link_for(cast.ada, "/account"), allow_redirects=False)
        page = await (await at_the_desk.get(f"/desk/visit/{encounter.id}")).text()
        link = f"{phone.url}/visit/join/{token}"
        assert f'value="{link}"' in page
        pictures = re.findall(r'<img src="(data:image/svg[^"]+)"', page)
        assert [read_qr(picture.replace("&#39;", "'")) for picture in pictures] == [link]


class TestTheCertificate:
    async def test_can_be_fetched_to_be_trusted(self, on_the_phone, phone) -> None:
        answer = await on_the_phone.get("/phone")
        assert (answer.status, answer.content_type) == (200, "application/x-x509-ca-cert")
        given = x509.load_der_x509_certificate(await answer.read())
        assert given.subject.rfc4514_string() == f"CN=Bedside on {ADDRESS} only"

    async def test_there_is_none_without_a_phone_side(
        self, database, clock, cast, tmp_path, aiohttp_client, unused_tcp_port
    ) -> None:
        config = house_config(port=unused_tcp_port, data=tmp_path)
        plain = create_app(config, database=database, clock=clock, call=False)
        client = await aiohttp_client(plain, server_kwargs={"port": unused_tcp_port})
        assert (await client.get("/phone")).status == 404


class TestARealClinicOnTrial:
    @pytest.fixture
    async def app(self, database, clock, cast, port, tmp_path, phone) -> AsyncIterator[web.Application]:
        config = on_the_network(house_config(port=port, data=tmp_path), phone)
        app = create_app(config, database=database, clock=clock, phone=phone, call=False)
        async with listening(app, hosts=("127.0.0.1",), port=port, phone=phone):
            yield app

    async def test_everybodys_links_lead_to_the_network(self, app, phone) -> None:
        assert app[keys.SITE].base_url == app[keys.SITE].patients_url == phone.url

    async def test_staff_sign_in_on_both_sides_and_nowhere_without_a_password(
        self, app, on_the_phone, at_the_desk
    ) -> None:
        for session in (on_the_phone, at_the_desk):
            assert (await session.get("/sign-in")).status == 200
            assert (await session.get("/sign-in/demo/anything")).status == 404
            assert (await session.get("/desk/mail", allow_redirects=False)).status == 303

    async def test_a_forwarded_address_is_believed_on_neither_side(
        self, app, on_the_phone, at_the_desk
    ) -> None:
        """Nothing stands in front of it that could know; five tries are free for whoever really asks."""
        for session, email in ((on_the_phone, "a@harbor.example"), (at_the_desk, "b@harbor.example")):
            answers = []
            for number in range(6):
                form = {"email": email, "password": "x" * 20}
                headers = {"X-Forwarded-For": f"10.1.1.{number}"}
                answers.append((await session.post("/sign-in", data=form, headers=headers)).status)
            assert answers == [403] * 5 + [429]


def test_addresses_behind_a_gateway_are_not_what_a_phone_beside_it_reaches(tmp_path, phone) -> None:
    config = house_config(port=8080, data=tmp_path)
    config = replace(config, media=replace(config.media, public_addresses=("203.0.113.7",)))
    assert on_the_network(config, phone).media.public_addresses == ()
