"""Safety words: kept when they match; when they do not, the call stops for both and the desk is asked to ring."""

import asyncio

import pytest
from sqlalchemy import select

from server.store.tables import metadata
from tests.http.signalling.stage import (
    ANSWERS,
    PATIENTLY,
    both_in,
    hear,
    say,
)


async def test_safety_words_that_match_are_kept_with_the_visit_and_by_whom(
    mira, reyes, room, kept, events, trail, database, cast
) -> None:
    patient, clinician, connection = await both_in(mira, reyes, room)
    await say(patient, type="words", connection=connection, verdict="match")
    assert (await hear(patient, type="error"))["code"] == "not-allowed"
    await say(clinician, type="words", connection="of-another-page", verdict="match")
    assert (await hear(clinician, type="error"))["code"] == "unknown-connection"
    assert await trail() == []

    await say(clinician, type="words", connection=connection, verdict="match")
    async with asyncio.timeout(PATIENTLY):
        while not (await hear(patient, type="snapshot"))["peers"][0]["verified"]:
            pass
        while ("clinician", "words-match") not in await events():
            await asyncio.sleep(0.02)
    assert await trail() == [(cast.reyes, "words-match")]
    async with database.read() as tx:
        assert await tx.all(select(metadata.tables["tasks"])) == []
    chart = await reyes.get(f"/clinic/chart/{cast.mira}/timeline")
    assert "safety words matched" in chart.text
    for socket in (patient, clinician):
        await socket.close()


@pytest.mark.parametrize(("said_by", "verdict"), [("clinician", "differ"), ("patient", "forged")])
async def test_safety_words_that_do_not_hold_stop_the_call_for_both_and_ask_the_desk_to_ring(
    app, mira, reyes, ada, room, events, trail, cast, said_by: str, verdict: str
) -> None:
    patient, clinician, connection = await both_in(mira, reyes, room)
    speaker = patient if said_by == "patient" else clinician
    await say(speaker, type="words", connection=connection, verdict=verdict)
    for socket in (patient, clinician):
        stopped = await hear(socket, type="snapshot", state="stopped")
        assert stopped["peers"] == []
        await hear(socket, type="finished")
    async with asyncio.timeout(PATIENTLY):
        while (said_by, f"words-{verdict}") not in await events():
            await asyncio.sleep(0.02)
    assert await trail() == [(cast.reyes if said_by == "clinician" else "patient", f"words-{verdict}")]
    board = (await ada.get("/desk/today/board")).text
    assert "the safety check of their call failed" in board
    assert ANSWERS["call_back"] in board

    # The visit goes on: whoever comes back finds a new room and a new connection.
    patient, clinician, another = await both_in(mira, reyes, room)
    assert another != connection
    for socket in (patient, clinician):
        await socket.close()
