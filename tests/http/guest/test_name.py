"""The name a guest says: shown to staff beside the one in the invitation when it is another."""


async def test_another_name_than_the_invited_one_is_seen_by_the_clinician(
    holder, invitation, reyes, room
) -> None:
    await holder.post(f"/guest/name/{invitation[0].id}", name="A. Beispiel")
    page = (await reyes.get(f"/clinic/guests/{room}/list")).text
    assert "A. Beispiel" in page
    assert "invited as Ana Example" in page


async def test_a_name_that_nobody_could_read_is_refused(holder, invitation) -> None:
    there = f"/guest/name/{invitation[0].id}"
    for name in ("", "\u200e\u2066", "x" * 81):
        assert (await holder.post(there, name=name)).status == 422
