"""Writing beside the call: what is sent, what cannot be, whose words are whose."""

import pytest

from server.services import messages


async def test_a_message_is_kept_with_the_visit_and_in_the_story(reyes, at, booked, words) -> None:
    answer = await reyes.post(f"{at}/messages", text="  I am <b>late</b>,\nfive minutes. ")
    assert (answer.status, answer.location) == (303, at)
    listed = (await reyes.get(f"{at}/messages")).text
    assert "I am &lt;b&gt;late&lt;/b&gt;,\nfive minutes.</span>" in listed
    assert "Dr. Ines Reyes" in listed
    assert "Message from Dr. Ines Reyes I am late , five minutes." in words(
        (await reyes.get(at)).text.replace("&lt;b&gt;", " ").replace("&lt;/b&gt;", " ")
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("   ", "Write your message first."), ("x" * 2001, "This is too long for one message.")],
)
async def test_a_message_that_cannot_go_stays_in_its_field(reyes, at, ask, typed: str, sentence: str) -> None:
    page = await reyes.post(f"{at}/messages", text=typed)
    assert (page.status, sentence in page.text, f"\n{typed}</textarea>" in page.text) == (422, True, True)
    path = f"{at}/messages"
    headers = {"Accept": "application/json", "X-CSRF-Token": reyes.token()}
    answer = await reyes.client.post(path, data={"text": typed}, headers=headers)
    assert (answer.status, (await answer.json())["sentence"]) == (422, sentence)
    assert "No messages yet" in (await reyes.get(f"{at}/messages")).text


async def test_a_message_after_the_end_is_shown_as_not_sent(reyes, at, held) -> None:
    assert (await reyes.post(f"{at}/finish")).status == 303
    page = await reyes.post(f"{at}/messages", text="one more thing")
    assert (page.status, "so the message was not sent" in page.text, "one more thing" in page.text) == (
        409,
        True,
        True,
    )


async def test_the_patients_own_words_are_marked_as_theirs(reyes, database, booked, at, clock) -> None:
    async with database.write() as tx:
        await messages.send(tx, encounter_id=booked.id, text="I hear nothing", by=None, now=clock.now())
    assert '<li class="patient">' in (await reyes.get(f"{at}/messages")).text
    assert "<blockquote>I hear nothing</blockquote>" in (await reyes.get(at)).text
