"""The bare address leads to the page one works on."""

from tests.conftest import Visitor


async def test_a_stranger_is_asked_to_sign_in(stranger: Visitor):
    page = await stranger.get("/")

    assert (page.status, page.location) == (303, "/sign-in")


async def test_each_role_starts_where_it_works(ada: Visitor, reyes: Visitor, petra: Visitor):
    assert (await ada.get("/")).location == "/desk/today"
    assert (await reyes.get("/")).location == "/clinic/day"
    assert (await petra.get("/")).location == "/admin/accounts"
