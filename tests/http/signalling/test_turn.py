"""TURN credentials: for whoever sits in a room, for nobody else, and never the secret they are made of."""

import asyncio
import json
import logging
from dataclasses import replace

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web

from server.app import create_app
from server.config import Turn
from server.routes import ROUTES
from tests.builders import house_config
from tests.http.signalling.stage import PATIENTLY, hear, hello, say, sit
from webrtc.ice_servers import credential

SECRET = "canary-0123456789-0123456789-0123456789"
URL = "turns:turn.example.org:443?transport=tcp"


@pytest.fixture(params=["built-in", "turn"])
async def app(request, database, clock, cast, port, tmp_path, monkeypatch) -> web.Application:
    """With a TURN pool: beside the relay, or instead of it."""
    monkeypatch.setenv("BEDSIDE_TURN_SECRET", SECRET)
    config = house_config(port=port, data=tmp_path)
    config = replace(
        config,
        media=replace(config.media, relay=request.param),
        turn=Turn(urls=(URL,), credential_minutes=10),
    )
    return create_app(config, database=database, clock=clock)


async def test_who_sits_in_a_room_gets_credentials_for_ten_minutes(app, mira, reyes, room, clock) -> None:
    names = []
    for who, path in ((mira, f"/signalling/{room}"), (reyes, f"/signalling/{room}?as=clinician")):
        heard = await hear(await hello(who, path), type="ice")
        (server,) = heard["servers"]
        assert server["urls"] == [URL]
        assert server["credential"] == credential(server["username"], SECRET)
        assert int(server["username"].split(":")[0]) == int(clock.now().timestamp()) + 600
        names.append(server["username"])
    assert len(set(names)) == 2


async def test_nobody_else_does(mira, stranger, ada, reyes, room, new_visitor) -> None:
    passer_by = await new_visitor()
    for who, path in (
        (passer_by, f"/signalling/{room}"),
        (passer_by, f"/signalling/test/{room}"),
        (passer_by, f"/signalling/{room}?as=clinician"),
        (ada, f"/signalling/{room}"),
        (ada, f"/signalling/{room}?as=clinician"),
        (mira, f"/signalling/{room}?as=clinician"),
    ):
        with pytest.raises(WSServerHandshakeError):
            await sit(who, path)
    # Not even who may come in, before they have.
    socket = await sit(mira, f"/signalling/{room}")
    await say(socket, type="ping")
    said = []
    while (frame := await socket.receive(PATIENTLY)).type is WSMsgType.TEXT:
        said.append(json.loads(frame.data))
    assert said == [{"type": "error", "code": "hello-first"}]


@pytest.mark.parametrize("app", ["turn"], indirect=True)
async def test_the_secret_is_on_no_page_in_no_message_and_in_no_log(
    mira, ada, reyes, petra, room, caplog
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = []
    for who, path in ((mira, f"/signalling/{room}"), (reyes, f"/signalling/{room}?as=clinician")):
        socket = await hello(who, path)
        await say(socket, type="ping")
        async with asyncio.timeout(PATIENTLY):
            while "pong" not in (text := await socket.receive_str()):
                seen.append(text)
    assert any('"credential":' in text for text in seen)
    plain = [each.path for each in ROUTES if each.method == "GET" and "{" not in each.path]
    pages = [path for path in plain if not path.endswith("changes")]
    for who in (ada, reyes, petra):
        of_the_visit = (f"/clinic/consult/{room}", f"/desk/visit/{room}")
        seen += [(await who.get(path)).text for path in (*pages, *of_the_visit)]
    seen.append((await mira.get(f"/visit/waiting/{room}")).text)
    assert len(seen) > 20
    assert [text for text in seen if SECRET in text] == []
    assert SECRET not in caplog.text
