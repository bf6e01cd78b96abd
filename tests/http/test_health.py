"""Whether the server is up: asked by machines, so it says nothing else."""

from tests.conftest import Visitor


async def test_anybody_may_ask_and_learns_nothing_more(stranger: Visitor):
    page = await stranger.get("/healthz")

    assert (page.status, page.text) == (200, '{"status": "ok"}')


async def test_a_websocket_opens_there_and_says_nothing(stranger: Visitor):
    """So that an operator can see whether a web server in front passes them on."""
    async with stranger.client.ws_connect("/healthz") as socket:
        assert [message async for message in socket] == []
        assert socket.close_code == 1000
