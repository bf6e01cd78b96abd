"""The service worker keeps one page without data, and the files it needs."""

import json
import re


async def test_it_names_the_files_it_keeps_and_every_one_is_there(stranger) -> None:
    page = await stranger.get("/sw.js")
    assert page.status == 200
    kept = json.loads(re.match(r"const KEPT = (\[.*?\]);", page.text)[1])
    assert any(name.endswith("/home/offline.js") for name in kept)
    for name in kept:
        assert (await stranger.get(name)).status == 200


async def test_nothing_it_keeps_is_a_page_of_a_patient(stranger) -> None:
    page = await stranger.get("/sw.js")
    kept = json.loads(re.match(r"const KEPT = (\[.*?\]);", page.text)[1])
    assert [name for name in kept if not name.startswith("/static/")] == []
    # It asks the first page for a form token before it tells anything, and keeps the one for "no network" only.
    assert re.findall(r'"/home/\w+"', page.text) == ['"/home/today"', '"/home/offline"']
    assert page.text.count("cache.add") == 1 and "cache.put" not in page.text


async def test_it_can_send_what_a_page_kept(stranger) -> None:
    page = await stranger.get("/sw.js")
    assert page.text.index("globalThis.unsent") < page.text.index('addEventListener("sync"')
