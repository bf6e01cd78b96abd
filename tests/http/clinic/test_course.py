"""Four sessions on four days, moved while they are ahead; and a clinician's own hold, with a reason."""

from datetime import timedelta

import pytest

from server.services import home, patients, plans, safety, sending


@pytest.fixture
def page(cast) -> str:
    return f"/clinic/course/{cast.mira}"


@pytest.fixture
def course(database, cast, clock):
    async def found():
        async with database.read() as tx:
            return await plans.course_of(tx, await patients.by_id(tx, cast.mira), now=clock.now())

    return found


def days(first: str, *others: str) -> dict[str, str]:
    return {f"day-{n}": day for n, day in enumerate((first, *others), start=1)}


FOUR = days("2026-11-30", "2026-12-14", "2026-12-28", "2027-01-11")


async def test_it_proposes_a_week_from_now_and_every_two_weeks(reyes, page) -> None:
    text = (await reyes.get(page)).text
    assert [day in text for day in FOUR.values()] == [True] * 4


async def test_planned_it_stands_on_the_chart(reyes, page, course, cast, words) -> None:
    answer = await reyes.post(page, **FOUR)
    assert (answer.status, answer.location) == (303, f"/clinic/chart/{cast.mira}")
    found = await course()
    assert [each.planned_on.isoformat() for each in found.plan.sessions] == list(FOUR.values())
    assert found.plan.practitioner_id == cast.dr_reyes
    read = words((await reyes.get(answer.location)).text)
    assert "Session 1 Mon, Nov 30" in read and "Session 1 of 4 planned" in read


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (FOUR | {"day-2": "2026-11-30"}, "Each session has to be on a later day"),
        (FOUR | {"day-1": "2026-11-22"}, "Each session has to be on a later day"),
        (FOUR | {"day-2": "2026-12-02"}, "closer together than the clinic's protocol allows"),
        (FOUR | {"day-3": "soon"}, "Give the whole date"),
        (FOUR | {"day-4": ""}, "Give the whole date"),
    ],
)
async def test_days_that_do_not_fit_are_refused_and_what_was_typed_stays(
    reyes, page, course, words, sent, said
) -> None:
    answer = await reyes.post(page, **sent)
    assert answer.status == 422 and said in words(answer.text)
    assert f'value="{sent["day-1"]}"' in answer.text
    assert (await course()).plan is None


async def test_days_ahead_are_moved_and_a_held_one_stays(
    reyes, page, course, database, clock, cast, words
) -> None:
    await reyes.post(page, **FOUR)
    clock.advance(days=7)
    first = (await course()).plan.sessions[0]
    async with database.write() as tx:
        await plans.finish_session(tx, patient_id=cast.mira, session_id=first.id, now=clock.now())
    reyes = await renewed(reyes, database, cast, clock)
    moved = FOUR | {"day-2": "2026-12-15"}
    assert (await reyes.post(page, **moved)).status == 303
    assert (await course()).plan.sessions[1].planned_on.isoformat() == "2026-12-15"
    answer = await reyes.post(page, **moved | {"day-1": "2026-12-01"})
    assert answer.status == 422 and "A session that was held keeps its day." in words(answer.text)


async def renewed(visitor, database, cast, clock):
    """Signed in again: a session does not live for a week."""
    from server.store import sessions

    cookie = sessions.new_cookie()
    async with database.write() as tx:
        await sessions.open_session(
            tx,
            account_id=cast.reyes,
            cookie=cookie,
            ends_at=clock.now() + timedelta(hours=12),
            now=clock.now(),
        )
    visitor.client.session.cookie_jar.update_cookies({"sid": cookie}, visitor.client.make_url("/"))
    return visitor


async def test_a_clinician_puts_it_on_hold_with_a_reason(reyes, page, course, cast, words) -> None:
    assert (
        await reyes.post(f"{page}/hold", reason="Blood pressure first.")
    ).location == f"/clinic/chart/{cast.mira}"
    [hold] = (await course()).holds
    assert (hold.kind, hold.opened_by, hold.words) == ("clinician", cast.reyes, "Blood pressure first.")
    answer = await reyes.post(f"{page}/hold", reason=" ")
    assert answer.status == 422 and "Write why the course is put on hold." in words(answer.text)


async def test_a_clinicians_hold_tells_the_desk_and_the_treating_clinician(
    reyes, okafor, ada, page, cast, words
) -> None:
    """experience.md, row 116: it tells everyone; the front desk never hears why."""
    await reyes.post(page, **FOUR)
    await okafor.post(f"{page}/hold", reason="Blood pressure first.")
    desk = words((await ada.get("/desk/today")).text)
    assert "Mira Lindqvist: a clinician put the treatment on hold" in desk and "Blood" not in desk
    day = words((await reyes.get("/clinic/day")).text)
    assert "Needs you 1 Mira Lindqvist A clinician put it on hold" in day and "for Dr. Ines Reyes" in day


async def test_a_clinicians_hold_asks_the_patient_to_look_and_says_nothing_else(
    reyes, page, course, cast, database, clock, words
) -> None:
    await reyes.post(f"{page}/hold", reason="Blood pressure first.")
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
        token = await home.known_token(tx, cast.mira)
    (look,) = [each for each in claimed if each is not None and each.kind == "look"]
    assert (look.name, look.token) == ("Mira Lindqvist", token)


async def test_their_own_hold_is_no_news_to_them_and_lifting_takes_it_off_every_list(
    reyes, ada, page, course, words
) -> None:
    await reyes.post(page, **FOUR)
    for reason in ("Blood pressure first.", "And a new medicine."):
        await reyes.post(f"{page}/hold", reason=reason)
    assert "Needs you" not in words((await reyes.get("/clinic/day")).text)
    first, second = (await course()).holds
    assert {first.reason, second.reason} == {"Blood pressure first.", "And a new medicine."}
    for hold, told in ((first, True), (second, False)):
        await reyes.post(f"/clinic/hold/{hold.id}", reason="Well.")
        assert ("put the treatment on hold" in words((await ada.get("/desk/today")).text)) is told


async def test_a_course_is_ended_with_a_reason_and_another_one_planned(
    reyes, page, course, cast, words
) -> None:
    await reyes.post(page, **FOUR)
    answer = await reyes.post(f"{page}/ending", end_reason=" ")
    assert answer.status == 422 and "Write why the course ends." in words(answer.text)
    assert (await reyes.post(f"{page}/ending", end_reason="Moves abroad.")).status == 303
    assert (await course()).plan is None
    chart = words((await reyes.get(f"/clinic/chart/{cast.mira}")).text)
    assert "Course ended Mon, Nov 23: Moves abroad." in chart and "Course ended · Dr. Ines Reyes" in chart
    assert "Session 1 of 4 planned" not in chart
    assert (await reyes.post(f"{page}/ending", end_reason="Again.")).status == 409
    assert (await reyes.post(page, **FOUR)).status == 303
    assert (await course()).plan.status == "active"


async def test_an_unknown_patient_has_no_course(reyes) -> None:
    nowhere = f"/clinic/course/{'0' * 32}"
    assert (await reyes.get(nowhere)).status == 404
    assert (await reyes.post(nowhere, **FOUR)).status == 404
    assert (await reyes.post(f"{nowhere}/hold", reason="x")).status == 404
    assert (await reyes.post(f"{nowhere}/ending", end_reason="x")).status == 404


async def test_it_is_for_clinicians_only(stranger, ada, petra, page, course) -> None:
    for who in (stranger, ada, petra):
        assert (await who.get(page)).status in (303, 403)
        assert (await who.post(page, **FOUR)).status in (401, 403)
        assert (await who.post(f"{page}/hold", reason="x")).status in (401, 403)
        assert (await who.post(f"{page}/ending", end_reason="x")).status in (401, 403)
    assert ((await course()).plan, (await course()).holds) == (None, ())


async def test_the_chart_follows(reyes, cast, page) -> None:
    async with reyes.client.get(f"/clinic/chart/{cast.mira}/changes") as stream:
        assert await stream.content.readline() == b"data: connected\n"
        await reyes.post(page, **FOUR)
        await stream.content.readline()
        assert await stream.content.readline() == b"data: changed\n"


async def test_the_board_says_who_is_on_hold_and_never_why(
    reyes, ada, database, clock, cast, booked, words
) -> None:
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="self-harm", level=2, event_id="e", now=clock.now())
    for path in ("/desk/today", "/desk/today/board", f"/desk/visit/{booked.id}"):
        read = words((await ada.get(path)).text)
        assert "On hold Mira Lindqvist" in read or "Treatment on hold" in read or "On hold" in read, path
        for why in ("self-harm", "Thoughts", "item 9", "More than half"):
            assert why not in read, path
    day = words((await reyes.get("/clinic/day")).text)
    assert "Thoughts of death or self-harm (PHQ-9 item 9): More than half the days" in day
