"""Every entry, kept or shared, in its owner's sight alone."""

from server.services import journals


async def test_an_empty_journal_says_so(mira, words) -> None:
    assert "Nothing here yet." in words((await mira.get("/home/journal")).text)


async def test_write_in_my_journal_begins_an_entry_and_takes_up_an_empty_one(mira, entries) -> None:
    first = await mira.post("/home/journal")
    assert first.status == 303 and first.location.startswith("/home/entry/")
    assert (await mira.post("/home/journal")).location == first.location
    assert len(await entries()) == 1


async def test_entries_say_in_words_who_can_read_them(mira, tomas, database, clock, cast, words) -> None:
    async with database.write() as tx:
        for text in ("kept words", "shared words"):
            entry = await journals.begin(tx, patient_id=cast.mira, now=clock.now())
            await journals.write(
                tx, entry.id, patient_id=cast.mira, body={"text": text}, based_on=0, now=clock.now()
            )
        await journals.share(tx, entry.id, patient_id=cast.mira, now=clock.now())
    read = words((await mira.get("/home/journal")).text)
    assert "kept words Only you can read it" in read and "shared words Shared" in read
    assert "words" not in words((await tomas.get("/home/journal")).text)
