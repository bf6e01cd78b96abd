"""What the controller may ask of the table, as CONTROL.md writes it."""

import pytest

from webrtc.relay.operations import perform
from webrtc.relay.table import Table


@pytest.fixture
def table():
    return Table()


def test_a_pair_is_opened_gated_listed_and_closed(table):
    legs = perform(table, {"op": "open", "pair": "p", "room": "r"})["legs"]
    assert {name: sorted(leg) for name, leg in legs.items()} == {"a": ["pwd", "ufrag"], "b": ["pwd", "ufrag"]}
    # RFC 8445 section 5.3: at least 24 bits in a ufrag, 128 in a password.
    assert all(len(leg["ufrag"]) >= 4 and len(leg["pwd"]) >= 22 for leg in legs.values())
    facts = {"latched": False, "kind": None}
    described = {name: {**leg, **facts} for name, leg in legs.items()}
    pair = {"pair": "p", "room": "r", "passing": False, "legs": described}
    assert perform(table, {"op": "list"}) == {"ok": True, "pairs": [pair]}
    assert perform(table, {"op": "gate", "pair": "p", "passing": True}) == {"ok": True}
    assert perform(table, {"op": "list"})["pairs"][0]["passing"] is True
    assert perform(table, {"op": "close", "pair": "p"}) == {"ok": True}
    assert perform(table, {"op": "list"}) == {"ok": True, "pairs": []}


def test_the_list_names_the_newest_credentials(table):
    perform(table, {"op": "open", "pair": "p", "room": "r"})
    fresh = perform(table, {"op": "replace_leg", "pair": "p", "leg": "b"})
    listed = perform(table, {"op": "list"})["pairs"][0]["legs"]["b"]
    assert (listed["ufrag"], listed["pwd"]) == (fresh["ufrag"], fresh["pwd"])


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"op": "close", "pair": "q"}, "no-such-pair"),
        ({"op": "open", "pair": "p", "room": "r"}, "pair-exists"),
        ({"op": "replace_leg", "pair": "p", "leg": "c"}, "no-such-leg"),
        ({"op": "gate", "pair": "p", "passing": 1}, "bad-request"),
        ({"op": "gate", "pair": "p"}, "bad-request"),
        ({"op": "open", "pair": "", "room": "r"}, "bad-request"),
        ({"op": "open", "pair": ["p"], "room": "r"}, "bad-request"),
        ({"op": "open", "pair": "x" * 401, "room": "r"}, "bad-request"),
        ({"op": "format"}, "bad-request"),
        ({"op": ["open"]}, "bad-request"),
    ],
)
def test_every_no_has_a_code(table, request_, code):
    perform(table, {"op": "open", "pair": "p", "room": "r"})
    assert perform(table, request_) == {"ok": False, "error": code}
