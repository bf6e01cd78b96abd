"""Janus 1.1 with its videoroom, as a process of this run's own, and a client of its Unix socket.

Whoever is in a call publishes over one connection and subscribes to the other person over a second one.
"""

import itertools
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

PROGRAM, PACKAGE = "janus", "janus"
MODULES = next(iter(Path("/usr/lib").glob("*/janus")), Path("/usr/lib/janus"))
PLUGIN, TRANSPORT = "libjanus_videoroom.so", "libjanus_pfunix.so"
CONFIG = """
general: {{ session_timeout = 0, debug_level = 4, debug_colors = false, log_to_stdout = true }}
certificates: {{ }}
media: {{ ipv6 = false }}
nat: {{ ice_enforce_list = "{address}", full_trickle = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
loggers: {{ disable = "libjanus_jsonlog.so" }}
events: {{ broadcast = false }}
"""
SOCKET = """
general: {{ enabled = true, json = "compact", path = "{path}", type = "SOCK_SEQPACKET" }}
admin: {{ admin_enabled = false }}
"""
BITRATE = 1_200_000
SECONDS, TRIES = 30, 5


class Janus:
    """`inside` goes in front of the command."""

    def __init__(self, stack: ExitStack, address: str, *, inside: Sequence[str] = ()) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        path = folder / "janus.sock"
        others = {
            kind: ",".join(each.name for each in (MODULES / kind).glob("*.so") if each.name != own)
            for kind, own in (("plugins", PLUGIN), ("transports", TRANSPORT))
        }
        (folder / "janus.jcfg").write_text(CONFIG.format(address=address, **others))
        (folder / "janus.transport.pfunix.jcfg").write_text(SOCKET.format(path=path))
        (folder / "janus.plugin.videoroom.jcfg").write_text("general: {}\n")
        command = [*inside, shutil.which(PROGRAM) or PROGRAM, "--configs-folder", str(folder)]
        self._numbers = itertools.count(1)
        self._socket = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        self._socket.settimeout(SECONDS)
        self.pid = self._start(command, path, stack)
        self._session = self._ask({"janus": "create"})["data"]["id"]

    def room(self) -> int:
        wanted = {"request": "create", "publishers": 2, "bitrate": BITRATE, "videocodec": "vp8"}
        data = self._message(self._attach(), wanted)["plugindata"]["data"]
        return int(data["room"])

    def publish(self, room: int, offer: str) -> tuple[int, str]:
        """The feed's number and the answer."""
        handle = self._attach()
        joined = self._message(handle, {"request": "join", "ptype": "publisher", "room": room}, event=True)
        jsep = {"type": "offer", "sdp": offer}
        published = self._message(handle, {"request": "publish"}, jsep, event=True)
        return joined["plugindata"]["data"]["id"], published["jsep"]["sdp"]

    def subscribe(self, room: int, feed: int) -> tuple[int, str]:
        """A handle to `start` with, and the offer."""
        handle = self._attach()
        wanted = {"request": "join", "ptype": "subscriber", "room": room, "streams": [{"feed": feed}]}
        return handle, self._message(handle, wanted, event=True)["jsep"]["sdp"]

    def start(self, handle: int, answer: str) -> None:
        self._message(handle, {"request": "start"}, {"type": "answer", "sdp": answer}, event=True)

    def _attach(self) -> int:
        wanted = {"janus": "attach", "plugin": "janus.plugin.videoroom", "session_id": self._session}
        return int(self._ask(wanted)["data"]["id"])

    def _message(
        self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None, *, event: bool = False
    ) -> dict[str, Any]:
        request = {"janus": "message", "session_id": self._session, "handle_id": handle, "body": body}
        return self._ask(request | ({"jsep": jsep} if jsep else {}), passing_over="ack" if event else "")

    def _ask(self, request: dict[str, Any], passing_over: str = "") -> dict[str, Any]:
        number = str(next(self._numbers))
        self._socket.send(json.dumps({**request, "transaction": number}).encode())
        while True:
            reply = json.loads(self._socket.recv(1 << 20))
            if reply.get("transaction") != number or reply["janus"] == passing_over:
                continue
            data = reply.get("plugindata", {}).get("data", {})
            if reply["janus"] == "error" or "error_code" in data:
                raise RuntimeError(f"Janus refused {request}: {reply}")
            return reply

    def _start(self, command: list[str], path: Path, stack: ExitStack) -> int:
        """Its start is a race it loses now and then: then it finds none of its transports, and ends."""
        log = path.with_name("log")
        for _ in range(TRIES):
            with log.open("wb") as file:
                process = subprocess.Popen(command, stdout=file, stderr=file)
            stack.callback(process.wait)
            stack.callback(process.kill)
            until = time.monotonic() + SECONDS
            while process.poll() is None and time.monotonic() < until:
                with suppress(OSError):
                    self._socket.connect(str(path))
                    return process.pid
                time.sleep(0.05)
        raise RuntimeError(f"Janus did not start: {log.read_text(errors='replace')[-2000:]}")
