"""Logs tell what happened where, never who or what about: marked texts go through the house, and none comes out."""

import io
import logging
import re

import pytest
from aiohttp import ClientSession, CookieJar

from server.services import appointments
from server.web import keys
from server.web.logs import FORMAT, Discreet
from tests.http.conftest import PASSWORD
from tests.people import MIRA_BORN


@pytest.fixture
def written():
    """Everything any part of the process logs, at the most talkative level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet(FORMAT))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # As set_up_logging does: it says every statement with its values.
    logging.getLogger("aiosqlite").setLevel(logging.ERROR)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
async def browser(wire):
    async with ClientSession(f"http://localhost:{wire.port}", cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def test_no_token_no_password_no_name_comes_into_a_log(
    written, wire, browser, app, database, cast, clock, give_password
) -> None:
    async with database.write() as tx:
        encounter = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now().replace(hour=18),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        token = appointments.token_of(tx, encounter)
    password = await give_password(cast.ada)
    joined = await browser.post(f"/visit/join/{token}", allow_redirects=False)
    assert joined.status == 303
    cookies = {cookie.key: cookie.value for cookie in browser.cookie_jar if cookie.key != "lang"}
    await browser.get(f"/visit/identity/{encounter.id}")
    await browser.post(f"/visit/identity/{encounter.id}", data={"date_of_birth": MIRA_BORN.isoformat()})
    signed = await browser.post("/sign-in", data={"email": "ada@harbor.example", "password": password})
    cookies |= {cookie.key: cookie.value for cookie in browser.cookie_jar if cookie.key != "lang"}
    assert signed.status in (200, 403)
    await browser.get(f"/sign-in/password/{token}")
    await browser.get(f"/no/such/{token}?q=Lindqvist")
    await wire.say(f"GET /visit/join/{token} HTTP/1.1\r\nHost : x\r\n\r\n".encode())
    await wire.say(f"{token} /visit/join/{token} HTTP/1.1\r\n\r\n".encode())
    said = written.getvalue()
    assert "GET /visit/join/{token}" not in said  # it was only ever posted
    assert "POST /visit/join/{token} 303" in said
    secrets = {token, password, *cookies.values(), encounter.id, cast.mira}
    secrets |= {"Lindqvist", "ada@harbor", "mira@example", MIRA_BORN.isoformat()}
    assert {secret for secret in secrets if secret in said} == set()


async def test_a_mistake_is_logged_with_its_place_and_nothing_of_what_it_choked_on(
    written, wire, browser, app, monkeypatch
) -> None:
    """The bug is put in from outside: something every page with a cookie needs is gone."""

    class Gone:
        keyring = app[keys.DATABASE].keyring

        def read(self) -> None:
            raise KeyError(f"Mira Lindqvist said {PASSWORD}")

    monkeypatch.setitem(app._state, keys.DATABASE, Gone())
    answer = await browser.get("/sign-in", headers={"Cookie": "sid=canary-cookie"})
    assert answer.status == 500
    said = written.getvalue()
    assert re.search(r"server/web/session\.py:\d+ _staff", said)
    assert "builtins.KeyError" in said
    assert not any(secret in said for secret in ("Lindqvist", PASSWORD, "canary-cookie"))
