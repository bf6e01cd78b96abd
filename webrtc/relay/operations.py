"""Pure: what the controller may ask of the table, as JSON in and JSON out (CONTROL.md)."""

from collections.abc import Callable
from typing import Any

from webrtc.relay.legs import Credentials, Pair, TableRefusal
from webrtc.relay.table import Table

Message = dict[str, Any]


def perform(table: Table, request: Message) -> Message:
    """One request carried out on the table. Runs in the loop's thread."""
    try:
        operation = OPERATIONS[request["op"]]
        return {"ok": True, **operation(table, request)}
    except TableRefusal as refusal:
        return {"ok": False, "error": refusal.code}
    except (KeyError, TypeError, ValueError):
        return {"ok": False, "error": "bad-request"}


def _open(table: Table, request: Message) -> Message:
    pair = table.open(_name(request["pair"]), _name(request["room"]))
    return {"legs": {name: _written(leg.credentials) for name, leg in pair.legs.items()}}


def _gate(table: Table, request: Message) -> Message:
    if not isinstance(request["passing"], bool):
        raise TypeError
    table.gate(_name(request["pair"]), passing=request["passing"])
    return {}


def _replace_leg(table: Table, request: Message) -> Message:
    return _written(table.replace_leg(_name(request["pair"]), _name(request["leg"])))


def _close(table: Table, request: Message) -> Message:
    table.close(_name(request["pair"]))
    return {}


def _list(table: Table, request: Message) -> Message:
    return {"pairs": [_described(pair) for pair in table.pairs()]}


def _stats(table: Table, request: Message) -> Message:
    return table.stats()


OPERATIONS: dict[str, Callable[[Table, Message], Message]] = {
    "open": _open,
    "gate": _gate,
    "replace_leg": _replace_leg,
    "close": _close,
    "list": _list,
    "stats": _stats,
}


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 400:
        raise ValueError
    return value


def _written(credentials: Credentials) -> Message:
    return {"ufrag": credentials.ufrag, "pwd": credentials.pwd}


def _described(pair: Pair) -> Message:
    legs = {
        # A description written from now on has to carry the newest credentials.
        name: {**_written(leg.fresh or leg.credentials), "latched": leg.address is not None, "kind": leg.kind}
        for name, leg in pair.legs.items()
    }
    return {"pair": pair.name, "room": pair.room, "passing": pair.passing, "legs": legs}
