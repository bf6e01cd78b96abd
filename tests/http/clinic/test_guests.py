"""Inviting somebody into a visit from the consult page: only its own clinician, a link to copy, and taking it back."""

import re

TO_ANA = {"guest_name": "Ana Example", "guest_role": "interpreter", "guest_email": ""}
LINK = re.compile(r"/guest/join/([A-Za-z0-9_-]{43})\"")


async def test_an_invitation_gives_a_link_and_the_list_shows_it(reyes, booked) -> None:
    there = f"/clinic/guests/{booked.id}"
    answer = await reyes.post(there, **TO_ANA)
    assert (answer.status, answer.location) == (303, there)
    page = (await reyes.get(f"{there}/list")).text
    assert "Ana Example" in page and "interpreter" in page and "Not mailed" in page
    assert len(LINK.findall(page)) == 1


async def test_pressing_twice_invites_once(reyes, booked) -> None:
    there = f"/clinic/guests/{booked.id}"
    for _ in range(2):
        await reyes.post(there, **TO_ANA)
    assert len(LINK.findall((await reyes.get(f"{there}/list")).text)) == 1


async def test_what_is_missing_is_said_beside_its_field(reyes, booked, ask) -> None:
    there = f"/clinic/guests/{booked.id}"
    page = await reyes.post(there, guest_name=" ", guest_role="burglar", guest_email="nobody")
    assert page.status == 422
    assert "Write the name of the person you invite." in page.text
    assert "Choose what this person is in the visit." in page.text
    assert "This is no e-mail address." in page.text


async def test_another_clinicians_visit_is_not_theirs_to_invite_into(okafor, reyes, booked) -> None:
    there = f"/clinic/guests/{booked.id}"
    assert (await okafor.post(there, **TO_ANA)).status == 404
    await reyes.post(there, **TO_ANA)
    (path,) = re.findall(r'action="([^"]+/withdrawal)"', (await reyes.get(f"{there}/list")).text)
    assert (await okafor.post(path)).status == 404
    assert LINK.search((await reyes.get(f"{there}/list")).text)


async def test_taking_it_back_ends_the_link_and_a_new_one_is_another_seat(reyes, stranger, booked) -> None:
    there = f"/clinic/guests/{booked.id}"
    await reyes.post(there, **TO_ANA)
    first = (await reyes.get(f"{there}/list")).text
    (token,), (path,) = LINK.findall(first), re.findall(r'action="([^"]+/withdrawal)"', first)
    assert (await reyes.post(path)).status == 303
    assert (await stranger.get(f"/guest/join/{token}")).status == 410
    await reyes.post(there, **TO_ANA)
    second = (await reyes.get(f"{there}/list")).text
    assert 'data-guest="interpreter-1"' in first and 'data-guest="interpreter-2"' in second
    assert LINK.findall(second) != [token]


async def test_nobody_is_invited_into_a_finished_visit(reyes, booked) -> None:
    await reyes.post(f"/clinic/consult/{booked.id}/finish")
    answer = await reyes.post(f"/clinic/guests/{booked.id}", **TO_ANA)
    assert answer.status == 422
    assert "This visit is over" in answer.text


async def test_nobody_is_invited_whom_the_visit_has_no_place_for(reyes, booked, words) -> None:
    """Four seats, two of them for patient and clinician: whoever came third would wait unknown to all."""
    there = f"/clinic/guests/{booked.id}"
    answers = [await reyes.post(there, **TO_ANA | {"guest_name": f"Guest {n}"}) for n in range(3)]
    assert [answer.status for answer in answers] == [303, 303, 422]
    assert "As many people are invited as this visit has places for. Remove one first." in words(
        answers[2].text
    )
    path = re.findall(r'action="([^"]+/withdrawal)"', (await reyes.get(f"{there}/list")).text)[0]
    await reyes.post(path)
    assert (await reyes.post(there, **TO_ANA)).status == 303
