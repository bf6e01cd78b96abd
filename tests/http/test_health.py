"""Whether the server is up: asked by machines, so it says nothing else."""

from tests.conftest import Visitor


async def test_anybody_may_ask_and_learns_nothing_more(stranger: Visitor):
    page = await stranger.get("/healthz")

    assert (page.status, page.text) == (200, '{"status": "ok"}')
