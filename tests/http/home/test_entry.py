"""One entry: written in peace, private until shared, fixed once shared; what bears on safety is never withheld."""

import pytest

from server.services import journals


@pytest.fixture
async def entry(database, clock, cast):
    async with database.write() as tx:
        return await journals.begin(tx, patient_id=cast.mira, now=clock.now())


@pytest.fixture
def save(entry):
    """`await save(mira, version=0, text="…")`: what the page's own saving sends."""

    async def put(visitor, *, version, **body):
        headers = {"X-CSRF-Token": visitor.token("/home/today"), "Accept": "application/json"}
        sent = {"page": "p", "sequence": 1, "version": version, "body": body}
        return await visitor.client.put(f"/home/entry/{entry.id}", json=sent, headers=headers)

    return put


async def test_it_carries_the_notice_and_who_could_read_it(mira, entry, words) -> None:
    read = words((await mira.get(f"/home/entry/{entry.id}")).text)
    for said in (
        "Nobody reads this live.",
        "or thinking of hurting yourself? Call 911",
        "they see that you wrote, not what",
        "Share with my doctor",
        "These two reach your clinic at once",
    ):
        assert said in read


async def test_saving_keeps_the_words_and_says_when(mira, entry, save, entries, clock) -> None:
    answer = await save(mira, version=0, text="\nthe <sea> & 'I'")
    said = await answer.json()
    assert (answer.status, said["version"], said["saved_at"]) == (200, 1, clock.now().isoformat())
    [kept] = await entries()
    assert (kept.newest.body, kept.newest.shared_at) == ({"text": "\nthe <sea> & 'I'"}, None)
    assert "the &lt;sea&gt; &amp; &#39;I&#39;" in (await mira.get(f"/home/entry/{entry.id}")).text


async def test_two_windows_write_nothing_over_each_other(mira, save, entries) -> None:
    await save(mira, version=0, text="first window")
    answer = await save(mira, version=0, text="second window")
    said = await answer.json()
    assert (answer.status, said["code"]) == (409, "entry-changed")
    assert (said["theirs"]["version"], said["theirs"]["body"]) == (1, {"text": "first window"})
    assert (await entries())[0].newest.body == {"text": "first window"}


async def test_without_a_script_it_saves_too_and_a_stale_page_keeps_what_was_typed(
    mira, entry, entries, words
) -> None:
    address = f"/home/entry/{entry.id}"
    assert (await mira.post(address, version="0", text="by hand")).location == address
    page = await mira.post(address, version="0", text="typed on an old page")
    assert page.status == 409
    assert "changed in another window" in words(page.text) and "typed on an old page" in page.text
    assert (await entries())[0].newest.body == {"text": "by hand"}


async def test_shared_it_is_fixed_and_a_new_version_is_private_again(
    mira, entry, save, entries, words
) -> None:
    await save(mira, version=0, text="as it was")
    assert (await mira.post(f"/home/entry/{entry.id}/sharing")).location == f"/home/entry/{entry.id}"
    read = words((await mira.get(f"/home/entry/{entry.id}")).text)
    assert "It stays as it is." in read and "Share with my doctor" not in read
    assert (await save(mira, version=1, text="changed")).status == 409
    assert (await mira.post(f"/home/entry/{entry.id}/sharing")).status == 409

    await mira.post(f"/home/entry/{entry.id}/versions")
    await save(mira, version=0, text="as I see it now")
    [kept] = await entries()
    assert [(v.version, v.body["text"], v.shared_at is not None) for v in kept.versions] == [
        (1, "as it was", True),
        (2, "as I see it now", False),
    ]
    assert (await mira.post(f"/home/entry/{entry.id}/versions")).status == 409


async def test_an_empty_entry_cannot_be_shared(mira, entry, entries, words) -> None:
    page = await mira.post(f"/home/entry/{entry.id}/sharing")
    assert page.status == 422 and "Write something first" in words(page.text)
    assert (await entries())[0].newest.shared_at is None


async def test_unusual_puts_the_course_on_hold_at_once_and_once(
    mira, save, holds, clinicians_tasks, queued, cast
) -> None:
    answer = await save(mira, version=0, unusual="yes")
    assert (await answer.json())["on_hold"] is True
    await save(mira, version=1, unusual="yes", text="more words")
    assert [hold.kind for hold in await holds()] == ["unusual"]
    assert [task.kind for task in await clinicians_tasks()] == ["unusual"]
    # Nobody treats her yet, so every clinician is told.
    assert sorted(await queued()) == sorted([("attention", cast.reyes), ("attention", cast.okafor)])


async def test_after_the_lift_only_a_new_yes_holds_again_and_the_page_says_what_is_true(
    mira, reyes, entry, save, holds, clinicians_tasks
) -> None:
    await save(mira, version=0, unusual="yes")
    [hold] = await holds()
    await reyes.post(f"/clinic/hold/{hold.id}", reason="talked")
    assert (await (await save(mira, version=1, unusual="yes", text="more")).json())["on_hold"] is False
    assert "data-held hidden" in (await mira.get(f"/home/entry/{entry.id}")).text
    await save(mira, version=2, unusual="no")
    assert (await (await save(mira, version=3, unusual="yes")).json())["on_hold"] is True
    assert sorted(each.open for each in await holds()) == [False, True]
    assert [task.kind for task in await clinicians_tasks()] == ["unusual"]


async def test_mending_a_word_days_later_answers_nothing_and_alarms_nobody(
    mira, reyes, entry, save, holds, clock, words, cast
) -> None:
    await save(mira, version=0, text="as it was", unusual="yes", more="3")
    await mira.post(f"/home/entry/{entry.id}/sharing")
    [hold] = await holds()
    await reyes.post(f"/clinic/hold/{hold.id}", reason="talked")
    clock.advance(days=10)
    await mira.post(f"/home/entry/{entry.id}/versions")
    assert '" checked' not in (await mira.get(f"/home/entry/{entry.id}")).text
    await save(mira, version=0, text="as it really was")
    assert len(await holds()) == 1
    # Asked anew, in the new version too.
    await save(mira, version=1, text="as it really was", unusual="yes")
    assert sorted(each.open for each in await holds()) == [False, True]


async def test_no_to_unusual_holds_nothing(mira, save, holds) -> None:
    await save(mira, version=0, unusual="no", more="7")
    assert await holds() == []


@pytest.mark.parametrize(
    "sent",
    [
        "no json",
        "[]",
        '{"body": {"text": 5}, "version": 0}',
        '{"body": {"unusual": "perhaps"}, "version": 0}',
        '{"body": {"more": "11"}, "version": 0}',
        '{"body": {"text": "x"}}',
    ],
)
async def test_what_no_page_of_ours_sends_is_refused(mira, entry, everything, sent) -> None:
    before = await everything()
    headers = {
        "X-CSRF-Token": mira.token("/home/today"),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    answer = await mira.client.put(f"/home/entry/{entry.id}", data=sent, headers=headers)
    assert answer.status == 400
    assert await everything() == before


async def test_too_long_is_refused_and_nothing_is_cut(mira, save, entries) -> None:
    answer = await save(mira, version=0, text="x" * 15_000, body="y" * 15_000)
    assert answer.status == 422
    assert (await entries())[0].newest.body == {}


async def test_tomas_finds_nothing_of_miras(tomas, entry, save, everything) -> None:
    before = await everything()
    assert (await tomas.get(f"/home/entry/{entry.id}")).status == 404
    assert (await save(tomas, version=0, text="x")).status == 404
    for path in ("", "/sharing", "/versions"):
        assert (await tomas.post(f"/home/entry/{entry.id}{path}", version="0", text="x")).status == 404
    assert await everything() == before
