"""The audit chain: changing, moving or dropping a row breaks every later one."""

from dataclasses import replace
from datetime import UTC, datetime

from server.care.audit import AuditEvent, chain_mac

KEY = b"k" * 32
EVENTS = [
    AuditEvent(
        seq=number,
        at=datetime(2026, 11, 23, 16, number, tzinfo=UTC),
        actor="reyes",
        action="read",
        object_kind="note",
        object_id="n",
        patient_id="mira",
    )
    for number in range(1, 5)
]


def chain(events: list[AuditEvent]) -> list[bytes]:
    macs, last = [], b""
    for event in events:
        last = chain_mac(last, event, KEY)
        macs.append(last)
    return macs


def test_the_same_events_give_the_same_chain():
    assert chain(EVENTS) == chain(EVENTS)


def test_a_changed_row_changes_its_own_and_every_later_link():
    changed = [EVENTS[0], replace(EVENTS[1], actor="okafor"), *EVENTS[2:]]

    assert [a == b for a, b in zip(chain(EVENTS), chain(changed), strict=True)] == [True, False, False, False]


def test_a_dropped_row_shows():
    assert chain(EVENTS)[-1] != chain([EVENTS[0], *EVENTS[2:]])[-1]


def test_another_key_makes_another_chain():
    assert chain_mac(b"", EVENTS[0], KEY) != chain_mac(b"", EVENTS[0], b"x" * 32)
