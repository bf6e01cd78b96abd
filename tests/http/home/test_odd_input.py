"""Whatever is sent to a patient's own pages: never a mistake of ours, and a refusal leaves nothing behind."""

import json
import re
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.care import access
from server.care.journal import MORE, PROMPTS, UNUSUAL
from server.care.measures import PHQ9
from server.routes import ROUTES
from server.services import journals

# What has a body of its own; forgetting this very device ends the conversation.
ASKED = tuple(
    (route.method, route.path)
    for route in ROUTES
    if route.path.startswith("/home/")
    and route.may in (access.at_home, access.past_the_door, access.at_the_door)
    and route.method != "GET"
    and "device_id" not in route.path
)
NAMES = (
    *(
        "kind",
        "event_id",
        "pressed_at",
        "words",
        "answer",
        "version",
        "body",
        "item",
        "value",
        "channel",
        "code",
    ),
    *(prompt.name for prompt in (*PROMPTS, UNUSUAL, MORE)),
    *(item.name for item in PHQ9.items),
    "date_of_birth",
)
names = st.sampled_from(NAMES) | st.text(max_size=5)
odd_texts = st.sampled_from(
    (
        *(
            "",
            "yes",
            "no",
            "maybe",
            "x",
            "0",
            "1",
            "3",
            "4",
            "-1",
            "11",
            "patient-stop",
            "help",
            "safe",
            "NaN",
        ),
        *(
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-11-23T10:00:00Z",
            "phq-9",
            "44260-8",
        ),
        *("\0", "\u202e", "x" * 30_000, "9" * 5_000, "٣", "١٩٩٠-٠٤-١٧"),
    )
)
texts = odd_texts | st.text(max_size=40)
halves = st.sampled_from(("\ud800", "a\udfffb"))
numbers = st.integers() | st.floats() | st.sampled_from((10**400, -1, 0, 1, 2, 3, 4))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts | halves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
bodies = (
    st.dictionaries(names, values, max_size=8).map(
        lambda said: ("application/json", json.dumps(said).encode())
    )
    | values.map(lambda said: ("application/json", json.dumps(said).encode()))
    | st.dictionaries(names, texts, max_size=8).map(
        lambda said: ("application/x-www-form-urlencoded", urlencode(said).encode())
    )
    | st.tuples(
        st.sampled_from(("application/json", "application/x-www-form-urlencoded", "text/plain", "x")),
        st.binary(max_size=60),
    )
)


@pytest.fixture
async def entry_id(database, clock, cast, plan) -> str:
    async with database.write() as tx:
        return (await journals.begin(tx, patient_id=cast.mira, now=clock.now())).id


def address(path: str, entry_id: str) -> str:
    known = {"entry_id": entry_id, "hold_id": "none", "session_id": "none", "code": "phq-9"}
    return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path)


def test_there_is_something_to_ask() -> None:
    assert len(ASKED) >= 12


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=st.sampled_from(ASKED), body=bodies)
async def test_nothing_is_a_mistake_of_ours_and_nothing_is_half_stored(
    mira, entry_id, everything, asked, body
) -> None:
    (method, path), (kind, content) = asked, body
    headers = {"X-CSRF-Token": mira.token("/home/today"), "Content-Type": kind, "Accept": "application/json"}
    before = await everything()
    answer = await mira.client.request(
        method, address(path, entry_id), data=content, headers=headers, allow_redirects=False
    )
    said = await answer.text()
    assert answer.status < 500, said
    if answer.status >= 400 and (method, path) != ("POST", "/home/measure/{code}"):
        assert await everything() == before


@pytest.mark.parametrize(
    "content",
    [
        '{"item": "44250-9", "value": Infinity}',
        '{"item": "44250-9", "value": NaN}',
        '{"item": "44250-9", "value": 1e400}',
        '{"item": "44250-9", "value": "1"}',
        '{"item": "44250-9", "value": 1.5}',
        '{"item": "44250-9", "value": true}',
        '{"item": ["44250-9"], "value": 1}',
        '{"item": "44250-9"}',
        "[" * 100_000,
    ],
)
async def test_a_tick_is_an_item_and_a_whole_number(mira, responses, content) -> None:
    headers = {"X-CSRF-Token": mira.token("/home/today"), "Content-Type": "application/json"}
    answer = await mira.client.put("/home/measure/phq-9", data=content, headers=headers)
    assert answer.status == 400
    assert await responses() == []


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"version": "0", "unusual": "maybe"}, 422),
        ({"version": "0", "more": "11"}, 422),
        ({"version": "x"}, 422),
        ({"version": "9"}, 409),
        ({"version": "0", "body": "y" * 20_000}, 422),
    ],
)
async def test_a_form_that_cannot_be_saved_keeps_what_was_typed(
    mira, entry_id, entries, words, typed, status
) -> None:
    page = await mira.post(f"/home/entry/{entry_id}", text="The sea & I", **typed)
    assert page.status == status
    assert "The sea &amp; I" in page.text and 'role="alert"' in page.text
    assert (await entries())[0].newest.body == {}


async def test_half_a_character_is_refused(mira, entry_id, entries) -> None:
    headers = {"X-CSRF-Token": mira.token("/home/today")}
    said = {"version": 0, "body": {"text": "\ud800"}}
    answer = await mira.client.put(f"/home/entry/{entry_id}", json=said, headers=headers)
    assert answer.status == 400
    assert (await entries())[0].newest.body == {}


async def test_a_form_in_another_coding_is_refused(mira, everything) -> None:
    before = await everything()
    for kind in ("application/x-www-form-urlencoded; charset=utf-16", "application/json; charset=nonsense"):
        headers = {"X-CSRF-Token": mira.token("/home/today"), "Content-Type": kind}
        assert (await mira.client.post("/home/stop", data=b"kind=x", headers=headers)).status == 415
    assert await everything() == before
