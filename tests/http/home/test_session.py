""" "Session done" opens its journal entry, once, on its day or later."""


async def test_it_opens_its_own_journal_entry(mira, plan, entries, words, actions) -> None:
    page = await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    [entry] = await entries()
    assert (page.status, page.location) == (303, f"/home/entry/{entry.id}")
    assert entry.session_id == plan.sessions[0].id
    assert "After session 1" in words((await mira.get(page.location)).text)
    assert [a for a in await actions() if a in ("session-done", "journal-begun")] == [
        "session-done",
        "journal-begun",
    ]


async def test_pressed_twice_it_is_the_same_entry(mira, plan, entries) -> None:
    first = await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    assert (await mira.post(f"/home/session/{plan.sessions[0].id}/done")).location == first.location
    assert len(await entries()) == 1


async def test_a_session_ahead_is_refused_with_what_to_do(mira, plan, everything, words) -> None:
    before = await everything()
    page = await mira.post(f"/home/session/{plan.sessions[1].id}/done")
    assert page.status == 409 and "If you have taken a tablet, please call us now." in words(page.text)
    assert await everything() == before


async def test_without_a_course_there_is_none_to_be_done(mira, words) -> None:
    page = await mira.post("/home/session/nothing/done")
    assert page.status == 409 and "There is no course" in words(page.text)


async def test_tomas_cannot_finish_miras(tomas, plan, everything) -> None:
    before = await everything()
    assert (await tomas.post(f"/home/session/{plan.sessions[0].id}/done")).status == 409
    assert await everything() == before
