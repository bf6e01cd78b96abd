"""The booking machine of tests/property, for hundreds of days at the desk."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import Databases
from tests.people import Cast
from tests.property.series_machine import SeriesMachine


def test_the_clinic_agrees_with_the_model_for_long(databases: Databases, settled: Cast) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: SeriesMachine(databases, settled),
        settings=settings(max_examples=120, stateful_step_count=40, deadline=None),
    )
