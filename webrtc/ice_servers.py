"""Pure: a pool of TURN servers, and credentials for it that end by themselves.

The scheme is `draft-uberti-behave-turn-rest-00`, coturn's `use-auth-secret`: the user name is the moment until which
it is good and something random, the password is HMAC-SHA1 of it with a secret that the servers share with us. So the
servers need not be told of anybody, and the secret itself never leaves this machine.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from webrtc.transport_messages import IceServer

NAME_BYTES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnPool:
    """`now` is the time of day in seconds: the TURN servers compare with it."""

    urls: tuple[str, ...]
    secret: str = field(repr=False)
    lifetime: float
    now: Callable[[], float]

    def server(self) -> IceServer:
        """The pool, with credentials nobody else has been given."""
        # Random and no person's or seat's name: the TURN servers' logs hold it.
        name = f"{int(self.now() + self.lifetime)}:{secrets.token_hex(NAME_BYTES)}"
        return IceServer(urls=self.urls, username=name, credential=credential(name, self.secret))


def credential(username: str, secret: str) -> str:
    made = hmac.new(secret.encode(), username.encode(), hashlib.sha1)
    return base64.b64encode(made.digest()).decode()
