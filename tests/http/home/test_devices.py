"""The devices that come in by themselves, and making one forget."""

import re

from tests.devices import let_in


async def test_it_lists_them_with_this_one_marked(mira, words) -> None:
    read = words((await mira.get("/home/devices")).text)
    assert "Firefox · Linux this one" in read


async def test_a_forgotten_device_does_not_come_in_any_more(
    mira, new_visitor, database, clock, cast, words
) -> None:
    other = await let_in(await new_visitor(), database, cast.mira, now=clock.now())
    ids = re.findall(r"/home/devices/(\w+)/forgetting", (await mira.get("/home/devices")).text)
    assert len(ids) == 2
    mine = re.search(r"this one.*?/home/devices/(\w+)/", (await mira.get("/home/devices")).text, re.DOTALL)[1]
    [theirs] = set(ids) - {mine}
    assert (await mira.post(f"/home/devices/{theirs}/forgetting")).location == "/home/devices"
    assert (await other.get("/home/today")).status == 403
    assert (await mira.get("/home/today")).status == 200

    page = await mira.post(f"/home/devices/{mine}/forgetting")
    assert page.status == 200 and "This device is forgotten" in words(page.text)
    assert (await mira.get("/home/today")).status == 403


async def test_tomas_cannot_forget_miras(mira, tomas) -> None:
    device = re.search(r"/home/devices/(\w+)/forgetting", (await mira.get("/home/devices")).text)[1]
    assert (await tomas.post(f"/home/devices/{device}/forgetting")).status == 404
    assert (await mira.get("/home/today")).status == 200
