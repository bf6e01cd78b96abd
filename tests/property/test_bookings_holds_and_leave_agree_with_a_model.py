"""On both databases, in any order: what is booked, held, moved, given on, blocked or a programme is as a model says."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import Databases
from tests.people import Cast
from tests.property.series_machine import SeriesMachine


def test_the_clinic_agrees_with_the_model(databases: Databases, settled: Cast) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: SeriesMachine(databases, settled),
        settings=settings(max_examples=8, stateful_step_count=14, deadline=None),
    )
