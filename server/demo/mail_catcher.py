"""The demo's post office: a real SMTP server on loopback that keeps each message as a file and delivers none."""

import asyncio
import itertools
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


class _Keep:
    """What the SMTP server does with a message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        known = [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()]
        self.numbers = itertools.count(max(known, default=0) + 1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- its name
        """Written under another name first, so that a reader never sees half a message."""
        number = f"{next(self.numbers):06}"
        half = self.folder / f"{number}.part"
        half.write_bytes(envelope.original_content or b"")
        half.rename(self.folder / f"{number}.eml")
        return "250 Kept"


class MailCatcher:
    """Once started it listens on `port`; every message then lands in `folder` as 000001.eml, 000002.eml…"""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Port 0 lets the system choose.
        self._controller = _AnyPort(_Keep(folder), hostname=LOOPBACK, port=0)

    @property
    def port(self) -> int:
        return self._controller.port

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        """The controller knocks at its own port to see that it answers; by then it has a real one."""
        if not isinstance(self.server, asyncio.Server):
            raise TypeError("the mail catcher did not start")
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
