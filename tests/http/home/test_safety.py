""" "I do not feel safe": the numbers first, then two answers that are told at once."""

from datetime import timedelta


async def test_the_numbers_come_before_anything_else(mira, words) -> None:
    page = await mira.get("/home/safety")
    assert page.text.index("tel:988") < page.text.index("tel:911") < page.text.index("<form")
    assert "Is anyone with you?" in words(page.text)


async def test_i_need_help_now_holds_and_tells(
    mira, plan, holds, clinicians_tasks, queued, words, cast
) -> None:
    page = await mira.post("/home/safety", answer="help", event_id="x")
    assert page.location == "/home/safety?answered=help"
    assert [hold.kind for hold in await holds()] == ["need-help"]
    assert [task.kind for task in await clinicians_tasks()] == ["need-help"]
    assert await queued() == [("attention", cast.reyes)]
    read = words((await mira.get(page.location)).text)
    assert "Please call one of these numbers now." in read and "tablet" in read


async def test_i_am_safe_for_now_is_told_with_what_is_open_and_lifts_nothing(mira, holds, actions) -> None:
    await mira.post("/home/safety", answer="help", event_id="x")
    assert (await mira.post("/home/safety", answer="safe")).location == "/home/safety?answered=safe"
    [hold] = await holds()
    assert hold.open and hold.words.startswith("I am safe for now")
    assert (await actions())[-1] == "said-safe"


async def test_with_nothing_open_it_is_recorded_and_no_more(mira, holds, actions) -> None:
    await mira.post("/home/safety", answer="safe")
    assert (await holds(), (await actions())[-1]) == ([], "said-safe")


async def test_any_other_answer_is_none(mira, everything) -> None:
    before = await everything()
    assert (await mira.post("/home/safety", answer="perhaps")).status == 400
    assert await everything() == before


async def test_help_asked_for_without_a_network_keeps_its_own_time(mira, holds, clock) -> None:
    pressed = clock.now() - timedelta(minutes=40)
    await mira.post("/home/safety", answer="help", event_id="x", pressed_at=pressed.isoformat())
    [hold] = await holds()
    assert (hold.pressed_at, hold.opened_at) == (pressed, clock.now())
