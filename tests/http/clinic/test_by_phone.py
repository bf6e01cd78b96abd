"""A visit that goes on by telephone, on its consult page: whoever wanted it, and back to video."""

from server.services import accounts, tasks, telephone


async def test_a_visit_by_phone_shows_the_number_and_no_call(
    reyes, database, booked, at, clock, words
) -> None:
    async with database.write() as tx:
        await telephone.by_phone(tx, encounter_id=booked.id, now=clock.now())
    page = (await reyes.get(at)).text
    assert "This visit is by phone. They asked to be called. Ring them: (303) 555-0142" in words(page)
    assert "call-stage" not in page
    assert "Back to video" in page


async def test_to_go_on_by_phone_is_at_hand_however_early_the_page_was_opened(reyes, at, booked) -> None:
    """Letting in loads no new page: what is not there before the patient comes is missing all visit."""
    assert booked.status == "planned"
    page = (await reyes.get(at)).text
    assert f'<form id="by-phone" method="post" action="{at}/by-phone">' in page
    # Beside the number to ring, when the connection is away; and in its own place.
    assert page.count("We continue by phone</button>") == 2
    where_it_broke = page.split("data-phone-instead")[1].split("</div>")[0]
    assert '<button form="by-phone">' in where_it_broke
    assert (await reyes.post(f"{at}/by-phone")).status == 303
    page = (await reyes.get(at)).text
    assert "This visit is by phone." in page and "call-stage" not in page


async def test_a_clinician_who_rings_says_so_and_the_note_knows_since_when(
    reyes, okafor, database, at, held, cast, clock, words
) -> None:
    for what in ("by-phone", "by-video"):
        assert (await okafor.post(f"{at}/{what}")).status == 404
    answer = await reyes.post(f"{at}/by-phone")
    assert (answer.status, answer.location) == (303, at)
    page = words((await reyes.get(at)).text)
    assert "This visit is by phone. Ring them:" in page and "They asked to be called" not in page
    assert "continued by phone from" in page
    async with database.read() as tx:
        waiting = await tasks.open_tasks(tx, staff=await accounts.staff_of(tx, cast.ada))
    assert waiting == [], "nobody else has to ring"
    clock.advance(minutes=1)
    assert (await reyes.post(f"{at}/by-video")).status == 303
    page = (await reyes.get(at)).text
    assert "call-stage" in page and "then by video again" in page
