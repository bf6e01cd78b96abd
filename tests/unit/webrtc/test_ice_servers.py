"""Credentials for a TURN pool: made of a secret that stays here, good for a while, nobody's twice."""

import base64
from dataclasses import replace

from webrtc.ice_servers import TurnPool, credential
from webrtc.protocol import dump
from webrtc.transport_messages import Ice

POOL = TurnPool(
    urls=("turns:turn.example.org:443?transport=tcp",),
    secret="what only we and the TURN servers know",
    lifetime=600,
    now=lambda: 1_795_640_000.7,
)


def test_a_password_is_the_hmac_that_rfc_2202_has_for_its_second_example() -> None:
    made = credential("what do ya want for nothing?", "Jefe")
    assert base64.b64decode(made).hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_the_name_says_until_when_and_no_more() -> None:
    server = POOL.server()
    until, _, rest = server.username.partition(":")
    assert int(until) == 1_795_640_600
    assert len(rest) == 12 and int(rest, 16) >= 0
    assert server.credential == credential(server.username, POOL.secret)
    assert server.urls == POOL.urls


def test_nobody_is_given_what_somebody_else_has() -> None:
    assert len({POOL.server().username for _ in range(100)}) == 100


def test_another_secret_makes_other_passwords() -> None:
    assert credential("1:a", POOL.secret) != credential("1:a", "another")


def test_neither_the_secret_nor_a_password_is_in_what_may_be_logged_and_the_secret_in_nothing_said() -> None:
    server = POOL.server()
    message = Ice(servers=(server,), policy="all")
    assert POOL.secret not in repr(POOL) + repr(replace(POOL, lifetime=1)) + repr(message) + dump(message)
    assert server.credential not in repr(message)
    assert server.credential in dump(message)
