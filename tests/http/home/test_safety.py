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


async def test_with_nothing_open_it_is_an_item_for_the_clinicians_and_no_alarm(
    mira, reyes, holds, clinicians_tasks, queued, words, cast
) -> None:
    for _ in range(2):
        page = await mira.post("/home/safety", answer="safe")
    assert (await holds(), await queued()) == ([], [])
    assert [task.kind for task in await clinicians_tasks()] == ["said-safe"]
    assert "It is with your clinic, but may be read only later." in words(
        (await mira.get(page.location)).text
    )
    for path in ("/clinic/day", f"/clinic/chart/{cast.mira}"):
        assert "“I am safe for now” with no hold open" in words((await reyes.get(path)).text)


async def test_pressed_again_after_it_was_taken_over_it_is_told_again(
    mira, plan, reyes, holds, clinicians_tasks, queued, clock, cast
) -> None:
    """Every alarm ends in a task, however long its hold has been open."""
    await mira.post("/home/safety", answer="help", event_id="one")
    await mira.post("/home/safety", answer="help", event_id="doubled")
    [task] = await clinicians_tasks()
    await reyes.post(f"/clinic/tasks/{task.id}/acknowledgement")
    clock.advance(days=2)
    await mira.post("/home/safety", answer="help", event_id="two")
    assert [each.kind for each in await clinicians_tasks()] == ["need-help"]
    assert await queued() == [("attention", cast.reyes)] * 2
    assert len(await holds()) == 1


async def test_a_page_left_open_since_before_the_lift_sends_nothing_and_says_so(
    mira, plan, reyes, holds, everything, words
) -> None:
    await mira.post("/home/safety", answer="help", event_id="page")
    [hold] = await holds()
    await reyes.post(f"/clinic/hold/{hold.id}", reason="talked")
    before = await everything()
    page = await mira.post("/home/safety", answer="help", event_id="page")
    assert await everything() == before
    read = words((await mira.get(page.location)).text)
    assert "Please call one of these numbers now." in read and "nothing new was sent" in read
    assert "Your treatment is on hold" not in read and "Reyes is told" not in read


async def test_any_other_answer_is_none(mira, everything) -> None:
    before = await everything()
    assert (await mira.post("/home/safety", answer="perhaps")).status == 400
    assert await everything() == before


async def test_help_asked_for_without_a_network_keeps_its_own_time(mira, holds, clock) -> None:
    pressed = clock.now() - timedelta(minutes=40)
    await mira.post("/home/safety", answer="help", event_id="x", pressed_at=pressed.isoformat())
    [hold] = await holds()
    assert (hold.pressed_at, hold.opened_at) == (pressed, clock.now())
