"""What the page found out about devices reaches the desk, and nothing else does."""

import json

import pytest

from server.services import visits
from server.store import encounters

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
)


async def post(browser, visit, body, **headers):  # type: ignore[no-untyped-def]
    headers = {"X-CSRF-Token": browser.token(), "Content-Type": "application/json", **headers}
    response = await browser.client.post(f"/visit/device-test/{visit.id}", data=body, headers=headers)
    return response.status


async def stored(database, visit):  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        text = (await encounters.by_id(tx, visit.id)).device_test
    return json.loads(text) if text else None


async def test_the_parts_and_the_browser_are_kept_with_the_figures_of_the_echo(
    mira, visit, database, clock
) -> None:
    async with database.write() as tx:
        await visits.save_device_test(tx, encounter_id=visit.id, result='{"rtt_ms": 40.0}', now=clock.now())
    body = json.dumps({"camera": "good", "microphone": "blocked"})
    assert await post(mira, visit, body, **{"User-Agent": SAFARI}) == 204
    expected = {
        "rtt_ms": 40.0,
        "camera": "good",
        "microphone": "blocked",
        "browser": "Safari, iPhone",
        "at": clock.now().isoformat(),
    }
    assert await stored(database, visit) == expected


async def test_what_nobody_asked_for_is_dropped(mira, visit, database, clock) -> None:
    body = json.dumps({"camera": "good", "sound": "<b>loud</b>", "verdict": "good", "name": "Mira"})
    assert await post(mira, visit, body, **{"User-Agent": "<b>"}) == 204
    kept = {"camera": "good", "browser": None, "at": clock.now().isoformat()}
    assert await stored(database, visit) == kept


@pytest.mark.parametrize("body", ["", "[]", "no json", "7"])
async def test_what_cannot_be_read_changes_nothing(mira, visit, database, body) -> None:
    assert await post(mira, visit, body) == 400
    assert await stored(database, visit) is None


async def test_tomas_cannot_write_about_miras_devices(tomas, mira, visit, database) -> None:
    assert await post(tomas, visit, '{"camera": "good"}') == 403
    assert await stored(database, visit) is None
