"""PHQ-9 and GAD-7: every tick is kept; item 9 acts at the tick; nothing is sent with a gap."""

import re

import pytest

from server.care.measures import GAD7, PHQ9, SELF_HARM

HAPPY = {item.name: "1" for item in PHQ9.items if item.name != SELF_HARM}


@pytest.fixture
def tick():
    """`await tick(mira, item, value)`: what the page sends at a tick."""

    async def put(visitor, item, value, *, code="phq-9", **page):
        headers = {"X-CSRF-Token": visitor.token("/home/today"), "Accept": "application/json"}
        return await visitor.client.put(
            f"/home/measure/{code}", json={"item": item, "value": value, **page}, headers=headers
        )

    return put


async def test_it_asks_every_item_with_the_four_answers(mira, words) -> None:
    page = await mira.get("/home/measure/phq-9")
    read = words(page.text)
    for item in PHQ9.items:
        assert item.text in read
        assert page.text.count(f'name="{item.name}"') == 4
    assert "Over the last 2 weeks" in read and "Pfizer" in read
    assert "Nobody reads this live." in read


async def test_a_tick_is_kept_and_there_again_after_a_reload(mira, tick, responses) -> None:
    assert (await tick(mira, "44250-9", 2)).status == 204
    await tick(mira, "44250-9", 1)
    [kept] = await responses()
    assert (kept.answers, kept.status) == ({"44250-9": 1}, "in-progress")
    assert 'name="44250-9" value="1" checked' in (await mira.get("/home/measure/phq-9")).text


@pytest.mark.parametrize("value", [1, 2, 3])
async def test_item_9_at_1_or_more_acts_at_the_tick(
    mira, plan, tick, holds, clinicians_tasks, queued, responses, value, cast
) -> None:
    await tick(mira, SELF_HARM, value)
    assert [(hold.kind, hold.level, hold.open) for hold in await holds()] == [("self-harm", value, True)]
    assert [(task.kind, task.detail) for task in await clinicians_tasks()] == [("self-harm", str(value))]
    # Her own clinician is written to, and nobody else.
    assert await queued() == [("attention", cast.reyes)]
    assert (await responses())[0].status == "in-progress", "nothing was handed in"


async def test_item_9_at_0_does_nothing(mira, tick, holds, clinicians_tasks) -> None:
    await tick(mira, SELF_HARM, 0)
    assert (await holds(), await clinicians_tasks()) == ([], [])


async def test_taking_it_back_takes_nothing_back(mira, tick, holds, clinicians_tasks) -> None:
    await tick(mira, SELF_HARM, 2)
    await tick(mira, SELF_HARM, 0)
    assert [hold.open for hold in await holds()] == [True]
    assert len(await clinicians_tasks()) == 1


async def test_a_worse_answer_is_told_again_and_a_lesser_one_is_not(
    mira, plan, tick, holds, clinicians_tasks, queued
) -> None:
    for value in (2, 1, 2, 3):
        await tick(mira, SELF_HARM, value)
    assert [hold.level for hold in await holds()] == [3]
    assert sorted(task.detail for task in await clinicians_tasks()) == ["2", "3"]
    assert [kind for kind, _ in await queued()] == ["attention", "attention"]


async def test_ticked_anew_after_the_hold_was_lifted_it_acts_again(
    mira, plan, reyes, tick, holds, clinicians_tasks, clock
) -> None:
    await tick(mira, SELF_HARM, 1)
    [hold] = await holds()
    await reyes.post(f"/clinic/hold/{hold.id}", reason="talked")
    await tick(mira, SELF_HARM, 1)
    assert [each.open for each in await holds()] == [False], "the same answer again is no alarm"
    await tick(mira, SELF_HARM, 0)
    clock.advance(hours=3)
    await tick(mira, SELF_HARM, 1)
    assert sorted(each.open for each in await holds()) == [False, True]
    assert [task.kind for task in await clinicians_tasks()] == ["self-harm"]


async def test_in_the_next_form_it_is_told_again_while_the_hold_is_open_still(
    mira, plan, reyes, tick, holds, clinicians_tasks, queued, clock
) -> None:
    await tick(mira, SELF_HARM, 2)
    [task] = await clinicians_tasks()
    await reyes.post(f"/clinic/tasks/{task.id}/acknowledgement")
    clock.advance(days=8)
    for _ in range(2):
        await tick(mira, SELF_HARM, 1)
    assert [(each.kind, each.detail) for each in await clinicians_tasks()] == [("self-harm", "1")]
    assert [kind for kind, _ in await queued()] == ["attention"] * 2
    # The hold keeps the worst that was said.
    assert [each.level for each in await holds()] == [2]


async def test_a_form_without_a_script_acts_too(mira, holds) -> None:
    await mira.post("/home/measure/phq-9", **{SELF_HARM: "1"})
    assert [hold.kind for hold in await holds()] == ["self-harm"]


async def test_the_page_says_honestly_whether_somebody_works_now(mira, tick, clock, words) -> None:
    await tick(mira, SELF_HARM, 1)
    assert "The clinic is open now" in words((await mira.get("/home/measure/phq-9")).text)
    clock.advance(hours=12)
    read = words((await mira.get("/home/measure/phq-9")).text)
    assert "The clinic is closed now." in read and "Tue, Nov 24" in read


async def test_gaps_are_named_and_what_was_answered_is_kept(mira, responses, words) -> None:
    page = await mira.post("/home/measure/phq-9", **HAPPY)
    assert page.status == 422
    assert "1 question has no answer yet. The others are kept." in words(page.text)
    assert f'href="#item-{SELF_HARM}"' in page.text
    [kept] = await responses()
    assert (kept.status, len(kept.answers)) == ("in-progress", 8)


async def test_a_complete_form_is_sent_once_and_says_the_total(mira, responses, words, actions) -> None:
    page = await mira.post("/home/measure/phq-9", **HAPPY, **{SELF_HARM: "0", "69722-7": "1"})
    assert (page.status, page.location) == (303, "/home/measure/phq-9?sent=1")
    [sent] = await responses()
    assert (sent.status, sent.score.total) == ("completed", 8)
    read = words((await mira.get(page.location)).text)
    assert "Your total is 8 of 27." in read and "Go on: GAD-7: worry" in read
    assert "PHQ-9: mood" not in words((await mira.get("/home/today")).text)
    assert "measure-completed" in await actions()


async def test_after_item_9_the_numbers_stay_and_nothing_is_put_off_to_the_next_visit(mira, words) -> None:
    page = await mira.post("/home/measure/phq-9", **HAPPY, **{SELF_HARM: "1", "69722-7": "1"})
    read = words((await mira.get(page.location)).text)
    assert "Your answers are sent." in read and "Call 988, crisis line" in read
    assert "Your treatment is on hold. Please take no tablet." in read
    assert "at your next visit" not in read


@pytest.fixture
def written():
    """`await written(mira)`: what a page written now says of the form that was handed in last."""

    async def read(visitor):
        return re.search(r'name="after" value="(\w*)"', (await visitor.get("/home/measure/phq-9")).text)[1]

    return read


async def test_pressed_twice_it_is_one_form(mira, responses, written, actions) -> None:
    page = HAPPY | {SELF_HARM: "0", "after": await written(mira)}
    answers = [await mira.post("/home/measure/phq-9", **page) for _ in range(2)]
    assert [each.location for each in answers] == ["/home/measure/phq-9?sent=1"] * 2
    assert [(each.status, each.score.total) for each in await responses()] == [("completed", 8)]
    assert (await actions()).count("measure-completed") == 1


async def test_a_tick_that_comes_after_the_hand_in_makes_no_other_form(
    mira, tick, responses, written, words
) -> None:
    after = await written(mira)
    page = await mira.post("/home/measure/phq-9", **HAPPY, **{SELF_HARM: "0", "after": after})
    assert (await tick(mira, "44250-9", 1, after=after)).status == 204
    late = await tick(mira, "44250-9", 3, after=after)
    assert (late.status, (await late.json())["code"]) == (409, "already-completed")
    [kept] = await responses()
    assert (kept.status, kept.answers["44250-9"]) == ("completed", 1)
    assert "Your answers are sent" in words((await mira.get(page.location)).text)


async def test_an_old_page_with_other_answers_is_refused_and_changes_nothing(
    mira, responses, written
) -> None:
    old = await written(mira)
    await mira.post("/home/measure/phq-9", **HAPPY, **{SELF_HARM: "0", "after": old})
    answer = await mira.post("/home/measure/phq-9", **HAPPY | {SELF_HARM: "0", "44250-9": "3", "after": old})
    assert answer.status == 409
    assert [each.answers["44250-9"] for each in await responses()] == [1]


async def test_a_late_tick_of_item_9_changes_no_answer_and_still_acts(
    mira, tick, responses, written, holds
) -> None:
    old = await written(mira)
    await mira.post("/home/measure/phq-9", **HAPPY, **{SELF_HARM: "0", "after": old})
    for _ in range(2):
        assert (await tick(mira, SELF_HARM, 2, after=old)).status == 409
    assert [each.answers[SELF_HARM] for each in await responses()] == [0]
    assert [(hold.kind, hold.level) for hold in await holds()] == [("self-harm", 2)]


async def test_a_page_opened_afterwards_begins_a_form_of_its_own(
    mira, tick, responses, written, clock
) -> None:
    await mira.post("/home/measure/phq-9", **HAPPY, **{SELF_HARM: "0"})
    clock.advance(minutes=1)
    assert (await tick(mira, "44250-9", 3, after=await written(mira))).status == 204
    assert [each.status for each in await responses()] == ["completed", "in-progress"]


async def test_gad_7_has_no_alarm(mira, holds, words) -> None:
    page = await mira.post("/home/measure/gad-7", **{item.name: "3" for item in GAD7.items})
    assert page.status == 303
    assert "Your total is 21 of 21." in words((await mira.get(page.location)).text)
    assert await holds() == []


@pytest.mark.parametrize(("item", "value"), [("44250-9", 4), ("44250-9", -1), ("69725-0", 1), ("x", 0)])
async def test_what_the_form_does_not_offer_is_refused(mira, tick, item, value, responses) -> None:
    assert (await tick(mira, item, value)).status == 422
    assert await responses() == []


async def test_an_instrument_nobody_knows(mira, tick) -> None:
    assert (await mira.get("/home/measure/madrs")).status == 404
    assert (await tick(mira, "x", 1, code="madrs")).status == 404
    assert (await mira.post("/home/measure/madrs")).status == 404


async def test_tomas_answers_are_his_own(mira, tomas, tick, responses) -> None:
    await tick(mira, "44250-9", 2)
    await tick(tomas, "44250-9", 3)
    assert [each.answers for each in await responses()] == [{"44250-9": 2}]
    assert 'value="3" checked' in (await tomas.get("/home/measure/phq-9")).text


async def test_a_form_begun_a_day_ago_is_begun_anew(mira, tick, responses, clock) -> None:
    """What somebody felt yesterday is not mixed with how they are today."""
    await tick(mira, "44250-9", 2)
    clock.advance(hours=23, minutes=59)
    assert 'name="44250-9" value="2" checked' in (await mira.get("/home/measure/phq-9")).text
    await tick(mira, "44255-8", 1)
    assert [dict(each.answers) for each in await responses()] == [{"44250-9": 2, "44255-8": 1}]

    clock.advance(minutes=1)
    assert '" checked' not in (await mira.get("/home/measure/phq-9")).text
    await tick(mira, "44250-9", 0)
    assert [dict(each.answers) for each in await responses()] == [
        {"44250-9": 2, "44255-8": 1},
        {"44250-9": 0},
    ]
    page = await mira.post("/home/measure/phq-9", **dict.fromkeys((*HAPPY, SELF_HARM), "0"))
    assert page.status == 303
    assert [each.status for each in await responses()] == ["in-progress", "completed"]
