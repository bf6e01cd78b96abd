"""One table of predicates decides who may call what."""

import pytest

from server.care import access as may
from server.care.access import Caller, Staff, Visitor


def staff(*roles: str) -> Caller:
    return Caller(staff=Staff(account_id="a", name="A", roles=frozenset(roles)))


def visitor(*, verified: bool) -> Caller:
    return Caller(visitor=Visitor(encounter_id="e", session_id="s", verified=verified))


CALLERS = {
    "anonymous": Caller(),
    "front desk": staff("front-desk"),
    "clinician": staff("clinician"),
    "administrator": staff("administrator"),
    "desk and clinician": staff("front-desk", "clinician"),
    "link": visitor(verified=False),
    "patient": visitor(verified=True),
}
ALLOWED = {
    may.nobody: set(),
    may.anyone: set(CALLERS),
    may.signed_in: {"front desk", "clinician", "administrator", "desk and clinician"},
    may.front_desk: {"front desk", "desk and clinician"},
    may.clinician: {"clinician", "desk and clinician"},
    may.administrator: {"administrator"},
    may.link_holder: {"link", "patient"},
    may.visitor: {"patient"},
    may.in_the_call: {"patient", "clinician", "desk and clinician"},
}


@pytest.mark.parametrize("policy", ALLOWED, ids=lambda policy: policy.__name__)
def test_each_policy_lets_in_exactly_its_own(policy):
    assert {name for name, caller in CALLERS.items() if policy(caller)} == ALLOWED[policy]
