"""A postman who dies at a chosen step of a send, and the two other sides: a real SMTP server and a real HTTP gateway.

`STEPS` are in the order in which a send goes through them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.notify import Letter, Notifier, Taken, TextMessage
from server.services import sending

STEPS = ("before the claim", "after the claim", "after it was accepted", "before it was marked")


@dataclass(slots=True)
class Gateway:
    """Takes text messages as gateways do: a second request under a known key is the same message."""

    asked: Counter[str] = field(default_factory=Counter)
    delivered: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        said, key = await request.json(), request.headers["Idempotency-Key"]
        assert said["client_reference"] == key
        self.asked[key] += 1
        self.delivered.setdefault(key, said)
        return web.Response(status=202)

    async def open(self) -> TestServer:
        app = web.Application()
        app.router.add_post("/send", self.take)
        server = TestServer(app)
        await server.start_server()
        return server


def dies(monkeypatch: pytest.MonkeyPatch, step: str, die: Callable[[], None]) -> None:
    """From now on a send ends at this step, the first time it gets there."""

    async def claim(*args: Any, claim: Any = sending.claim, **options: Any) -> Any:
        if step == STEPS[0]:
            die()
        return await claim(*args, **options)

    async def send(self: Notifier, letter: Letter, send: Any = Notifier.send) -> None:
        if step == STEPS[1]:
            die()
        await send(self, letter)
        if step == STEPS[2]:
            die()

    async def send_text(
        self: Notifier, message: TextMessage, *, only: int | None = None, send: Any = Notifier.send_text
    ) -> Taken:
        if step == STEPS[1]:
            die()
        taken: Taken = await send(self, message, only=only)
        if step == STEPS[2]:
            die()
        return taken

    async def sent(*args: Any, sent: Any = sending.sent, **options: Any) -> None:
        await sent(*args, **options)
        if step == STEPS[3]:
            # Written, and not committed.
            die()

    monkeypatch.setattr(sending, "claim", claim)
    monkeypatch.setattr(Notifier, "send", send)
    monkeypatch.setattr(Notifier, "send_text", send_text)
    monkeypatch.setattr(sending, "sent", sent)
