"""Messages of a visit: with and without a script, sealed, on the trail, never lost while typing."""

import pytest
from sqlalchemy import select

from server.services import messages, tasks, visits
from server.store.tables.messages import messages as table


async def write(database, visit, text, *, by, clock):  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        return await messages.send(tx, encounter_id=visit.id, text=text, by=by, now=clock.now())


async def staff(database, account_id):  # type: ignore[no-untyped-def]
    from server.services import accounts

    async with database.read() as tx:
        return await accounts.staff_of(tx, account_id)


async def test_a_form_keeps_the_message_and_comes_back(mira, visit, actions) -> None:
    answer = await mira.post(f"/visit/messages/{visit.id}", message="  My picture is <dark>.\nSorry! ")
    assert (answer.status, answer.location) == (303, f"/visit/waiting/{visit.id}#messages")
    page = (await mira.get(f"/visit/waiting/{visit.id}")).text
    assert "My picture is &lt;dark&gt;.\nSorry!</p>" in page
    assert (await actions(visit.id))[-2:] == ["message-written", "messages-read"]


async def test_a_script_gets_a_short_answer(mira, visit, count) -> None:
    response = await mira.client.post(
        f"/visit/messages/{visit.id}",
        data={"message": "Hello"},
        headers={"Accept": "application/json", "X-CSRF-Token": mira.token()},
    )
    assert response.status == 204
    assert await count("messages") == 1


async def test_the_clinics_answers_are_in_the_list_with_a_name(
    mira, visit, database, cast, clock, words
) -> None:
    await write(
        database, visit, "Dr. Reyes is two minutes late.", by=await staff(database, cast.ada), clock=clock
    )
    read = words((await mira.get(f"/visit/messages/{visit.id}")).text)
    assert "Ada Quill" in read and "Dr. Reyes is two minutes late." in read


async def test_messages_are_stored_sealed(mira, visit, database) -> None:
    await mira.post(f"/visit/messages/{visit.id}", message="something private")
    async with database.read() as tx:
        row = await tx.one(select(table.c.text))
    assert b"private" not in row.text


async def test_the_desk_is_told_once_while_nobody_is_in_the_call(mira, visit, database, cast) -> None:
    for text in ("Hello?", "Is anybody there?"):
        await mira.post(f"/visit/messages/{visit.id}", message=text)
    async with database.read() as tx:
        waiting = await tasks.open_tasks(tx, staff=await staff(database, cast.ada))
    assert [(task.kind, task.encounter_id, task.detail) for task in waiting] == [("message", visit.id, None)]


async def test_the_desk_is_left_in_peace_while_the_clinician_reads(
    mira, visit, database, clock, count
) -> None:
    async with database.write() as tx:
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
    await mira.post(f"/visit/messages/{visit.id}", message="Can you see this?")
    assert (await count("messages"), await count("tasks")) == (1, 0)


@pytest.mark.parametrize(
    ("text", "sentence"), [("  ", "Write your message first."), ("x" * 2001, "too long")]
)
async def test_a_message_that_cannot_be_kept_stays_in_the_field(
    mira, visit, words, count, text, sentence
) -> None:
    page = await mira.post(f"/visit/messages/{visit.id}", message=text)
    assert page.status == 422 and sentence in words(page.text)
    assert f'problem">{text}</textarea>' in page.text
    headers = {"Accept": "application/json", "X-CSRF-Token": mira.token()}
    data = {"message": text}
    response = await mira.client.post(f"/visit/messages/{visit.id}", data=data, headers=headers)
    assert response.status == 422 and sentence in (await response.json())["sentence"]
    assert await count("messages") == 0


async def test_nothing_is_taken_after_the_end(mira, visit, database, cast, clock, count) -> None:
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())
    page = await mira.post(f"/visit/messages/{visit.id}", message="One more thing")
    assert page.status == 409 and "(303) 555-0100" in page.text
    assert await count("messages") == 0


async def test_tomas_reads_and_writes_nothing_of_miras(tomas, mira, visit, count) -> None:
    await mira.post(f"/visit/messages/{visit.id}", message="private")
    page = await tomas.get(f"/visit/messages/{visit.id}")
    assert page.status == 403 and "private" not in page.text
    assert (await tomas.post(f"/visit/messages/{visit.id}", message="Boo")).status == 403
    assert await count("messages") == 1


async def test_the_form_token_is_needed(mira, visit, count) -> None:
    response = await mira.client.post(f"/visit/messages/{visit.id}", data={"message": "forged"})
    assert response.status == 403
    assert await count("messages") == 0
