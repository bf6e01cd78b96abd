"""What a page may not do to a room, and what a slow or failing one does to nobody else."""

import pytest

from tests.unit.webrtc.room_stage import Stage
from webrtc.protocol import (
    Admit,
    Hello,
    Ping,
    ProtocolError,
)


async def test_a_second_hello_is_fatal() -> None:
    stage = Stage()
    patient = await stage.join("patient")
    with pytest.raises(ProtocolError, match="hello-first"):
        await patient.says(Hello(page="abcdefgh", seen=0))


async def test_sixty_at_once_and_ten_a_second_and_no_more() -> None:
    stage = Stage()
    patient = await stage.join("patient")
    for _ in range(60):
        await patient.says(Ping())
    with pytest.raises(ProtocolError, match="too-fast"):
        await patient.says(Ping())
    stage.now += 1
    for _ in range(10):
        await patient.says(Ping())
    with pytest.raises(ProtocolError, match="too-fast"):
        await patient.says(Ping())


async def test_a_page_that_does_not_read_loses_its_socket_and_nobody_else_notices() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    patient.full = True
    await clinician.says(Admit(seat="patient"))
    assert patient.connection is not None and patient.connection.closed.is_set()
    assert clinician.connection is not None and not clinician.connection.closed.is_set()
    patient.full = False
    await stage.join("patient", again=patient)
    assert patient.snapshot.state == "in-call"


async def test_a_listener_that_fails_does_not_stop_the_room() -> None:
    stage = Stage()

    def fail(event: object) -> None:
        raise RuntimeError

    stage.rooms.on_event(fail)
    patient = await stage.join("patient")
    assert patient.snapshot.you == "patient"


async def test_a_fifth_seat_is_refused() -> None:
    stage = Stage()
    for seat in ("clinician", "patient", "sitter", "interpreter"):
        await stage.join(seat)
    with pytest.raises(ProtocolError, match="room-full"):
        await stage.join("stranger")
