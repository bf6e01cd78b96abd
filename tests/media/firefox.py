"""A real Firefox with its own camera and microphone made up, driven over Marionette, the protocol it is built with.

Playwright has only a Firefox of its own making; what people have is the one they installed.
"""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

START_SECONDS = 60
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}

AWAITED = """
const [done, given] = [arguments[arguments.length - 1], [...arguments].slice(0, -1)];
(async () => {{ {script} }})().then((value) => done([value]), (error) => done([null, String(error)]));"""


class Firefox:
    """One page. A script is the body of an async function: `given` is what it is given, what it returns comes back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._number = 0

    async def goto(self, address: str) -> None:
        await self._asks("WebDriver:Navigate", {"url": address})

    async def run(self, script: str, *arguments: Any) -> Any:
        body = AWAITED.format(script=script)
        asked = {"script": body, "args": list(arguments), "newSandbox": False, "sandbox": None}
        answered = (await self._asks("WebDriver:ExecuteAsyncScript", asked))["value"]
        if answered is None:
            # The page went away under the script, to the next one.
            return None
        value, *wrong = answered
        assert not wrong, wrong
        return value

    async def until(self, script: str, *arguments: Any, seconds: float = 60) -> Any:
        """The first truthy result."""
        async with asyncio.timeout(seconds):
            while not (found := await self.run(script, *arguments)):
                await asyncio.sleep(0.1)
        return found

    async def begin(self) -> None:
        await self._message()  # it says what it is
        await self._asks(
            "WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}}
        )

    async def _asks(self, command: str, what: dict[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, command, what]).encode()
        self._writer.write(b"%d:%s" % (len(text), text))
        _, number, wrong, result = await self._message()
        assert number == self._number and wrong is None, wrong
        return result

    async def _message(self) -> Any:
        size = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(size[:-1])))


def firefox_path() -> str | None:
    return next((found for name in ("firefox-esr", "firefox") if (found := shutil.which(name))), None)


@asynccontextmanager
async def a_firefox(program: str, folder: Path) -> AsyncIterator[Firefox]:
    port = _free_port()
    profile = folder / "firefox"
    profile.mkdir()
    wanted = {**PREFERENCES, "marionette.port": port}
    lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in wanted.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        *(program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        firefox = Firefox(*await _connected(port))
        await firefox.begin()
        yield firefox
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(START_SECONDS):
        while True:
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
