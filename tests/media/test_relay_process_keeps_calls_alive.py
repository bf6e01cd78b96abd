"""The real process: two browsers' sockets, the gate, a controller that is killed, a relay that is killed."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media.checks import DTLS, SRTP, binding_request, read_answer
from webrtc import relay_process
from webrtc.relay_client import RelayBusy, RelayClient, RelayGone, RelayRefused
from webrtc.relay_process import PROJECT, RelayProcess, RelaySettings, socket_path


class Browser:
    """One UDP socket with the credentials of one leg."""

    def __init__(self, port, leg, *, family=socket.AF_INET):
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.settimeout(20.0)
        self.relay = ("127.0.0.1" if family == socket.AF_INET else "::1", port)
        self.leg = leg

    async def check(self, **more):
        self.udp.sendto(binding_request(ufrag=self.leg.ufrag, pwd=self.leg.pwd, **more), self.relay)
        answer = read_answer(await self.hears(), pwd=self.leg.pwd)
        assert answer.attributes["XOR-MAPPED-ADDRESS"][1] == self.udp.getsockname()[1]

    def says(self, data):
        self.udp.sendto(data, self.relay)

    async def hears(self):
        return await asyncio.to_thread(self.udp.recv, 2048)

    async def hears_nothing(self):
        self.udp.settimeout(0.3)
        with pytest.raises(TimeoutError):
            await self.hears()
        self.udp.settimeout(20.0)


@pytest.fixture
async def call(relay):
    pair = await relay.client.open(pair="room/a/b/1", room="room")
    mira, reyes = Browser(relay.client.port, pair.legs["a"]), Browser(relay.client.port, pair.legs["b"])
    await mira.check(nominate=True)
    await reyes.check(nominate=True)
    yield mira, reyes
    mira.udp.close()
    reyes.udp.close()


async def passes(sender, receiver, data):
    sender.says(data)
    return await receiver.hears() == data


async def eventually(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def test_the_handshake_passes_and_media_waits_for_the_gate(relay, call):
    mira, reyes = call
    assert await passes(mira, reyes, DTLS)
    assert await passes(reyes, mira, DTLS)
    mira.says(SRTP)
    await reyes.hears_nothing()
    await relay.client.gate(pair="room/a/b/1", passing=True)
    assert await passes(mira, reyes, SRTP)
    assert await passes(reyes, mira, SRTP)
    await relay.client.gate(pair="room/a/b/1", passing=False)
    mira.says(SRTP)
    await reyes.hears_nothing()
    assert (await relay.client.stats())["dropped"]["gated"] == 2


async def test_a_stranger_hears_nothing_and_is_heard_by_nobody(relay, call):
    mira, reyes = call
    stranger = Browser(relay.client.port, mira.leg)
    for data in (DTLS, SRTP, binding_request(ufrag=mira.leg.ufrag, pwd="guessed"), b"\xff", b""):
        stranger.says(data)
    await stranger.hears_nothing()
    await reyes.hears_nothing()
    stranger.udp.close()


async def test_ipv4_and_ipv6_meet_in_one_pair(relay):
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    pair = await relay.client.open(pair="p", room="room")
    old = Browser(relay.client.port, pair.legs["a"])
    new = Browser(relay.client.port, pair.legs["b"], family=socket.AF_INET6)
    await old.check()
    await new.check()
    assert await passes(old, new, DTLS)
    assert await passes(new, old, DTLS)
    old.udp.close()
    new.udp.close()


async def test_what_happens_is_told_to_the_controller(relay):
    events = []
    relay.client.on_event = lambda event: events.append((event.event, event.pair, event.leg, event.reason))
    pair = await relay.client.open(pair="p", room="room")
    wifi, mobile = (Browser(relay.client.port, pair.legs["a"]) for _ in range(2))
    await wifi.check()
    await mobile.check(nominate=True)
    fresh = await relay.client.replace_leg(pair="p", leg="a")
    mobile.leg = fresh
    await mobile.check()
    [listed] = await relay.client.list()
    assert (listed.legs["a"].pwd, listed.legs["a"].latched, listed.legs["b"].latched) == (
        fresh.pwd,
        True,
        False,
    )
    await relay.client.close_pair("p")
    await eventually(lambda: len(events) == 4)
    told = [("latched", "p", "a", None), ("moved", "p", "a", None), ("latched", "p", "a", None)]
    assert events == [*told, ("closed", "p", None, "asked")]
    wifi.udp.close()
    mobile.udp.close()


async def test_a_no_arrives_as_its_code(relay):
    with pytest.raises(RelayRefused, match="no-such-pair"):
        await relay.client.gate(pair="nobody", passing=True)


async def test_a_second_controller_is_refused_until_the_first_is_gone(relay, tmp_path):
    path = socket_path(tmp_path)
    with pytest.raises(RelayBusy):
        await RelayClient.connect(path)
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"id":1,"op":"list"}\nnot json\n["id"]\n')
    assert [json.loads(await reader.readline()) for _ in range(3)] == [
        {"id": 1, "ok": False, "error": "busy"},
        {"id": None, "ok": False, "error": "bad-request"},
        {"id": None, "ok": False, "error": "bad-request"},
    ]
    writer.close()
    await relay.stop(kill=False)
    second = await RelayClient.connect(path)
    assert second.pid > 0
    await second.stop_relay()
    await second.close()


async def test_the_socket_is_private_and_its_path_is_short(relay, tmp_path):
    path = socket_path(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(os.fsencode(socket_path(tmp_path / ("x" * 200)))) <= 100


async def test_a_call_outlives_its_web_server_and_the_next_one_finds_it(tmp_path):
    """The web server's stand-in is a process of its own, killed without a chance to say goodbye."""
    program = (
        "import asyncio, sys, pathlib\n"
        "from webrtc.relay_process import RelayProcess, RelaySettings\n"
        "async def main():\n"
        "    relay = RelayProcess()\n"
        "    client = await relay.start_or_find(RelaySettings(data=pathlib.Path(sys.argv[1]), orphan_minutes=0.5))\n"
        "    await client.open(pair='p', room='room')\n"
        "    await client.gate(pair='p', passing=True)\n"
        "    print('ready', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    first = await asyncio.to_thread(subprocess.Popen, command, cwd=PROJECT, stdout=subprocess.PIPE)
    assert await asyncio.to_thread(first.stdout.readline) == b"ready\n"
    first.kill()
    await asyncio.to_thread(first.wait)
    first.stdout.close()

    second = RelayProcess()
    client = await second.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5))
    [pair] = await client.list()
    assert (pair.pair, pair.room, pair.passing) == ("p", "room", True)
    mira, reyes = Browser(client.port, pair.legs["a"]), Browser(client.port, pair.legs["b"])
    await mira.check()
    await reyes.check()

    pid = client.pid
    await second.stop(kill=False)
    assert await passes(mira, reyes, SRTP), "the call stopped with its controller"
    third = RelayProcess()
    client = await third.start_or_find(RelaySettings(data=tmp_path))
    assert client.pid == pid
    assert [leg.latched for leg in (await client.list())[0].legs.values()] == [True, True]
    assert await passes(reyes, mira, SRTP)
    await third.stop(kill=True)
    await eventually(lambda: not _lives(pid))
    mira.udp.close()
    reyes.udp.close()


async def test_a_killed_relay_is_started_again_on_its_port_and_the_rooms_are_told(relay, call):
    told = asyncio.Event()

    async def restarted():
        told.set()

    relay.on_restarted = restarted
    before = relay.client
    os.kill(before.pid, signal.SIGKILL)
    await asyncio.wait_for(told.wait(), 60)
    after = relay.client
    assert after.pid != before.pid
    assert after.port == before.port
    assert await after.list() == []
    with pytest.raises(RelayGone):
        await before.list()
    pair = await after.open(pair="room/a/b/2", room="room")
    mira, reyes = call
    mira.leg, reyes.leg = pair.legs["a"], pair.legs["b"]
    await mira.check()
    await reyes.check()
    assert await passes(mira, reyes, DTLS)
    os.kill(after.pid, signal.SIGKILL)
    told.clear()
    await asyncio.wait_for(told.wait(), 60)


async def test_the_rooms_are_told_when_a_dead_relay_cannot_be_started(relay, monkeypatch):
    lost, restarted = asyncio.Event(), asyncio.Event()

    async def cannot_be(*_):
        if lost.is_set():
            monkeypatch.undo()
        raise OSError("no more processes")

    async def note_lost():
        lost.set()

    async def note_restarted():
        restarted.set()

    relay.on_lost, relay.on_restarted = note_lost, note_restarted
    monkeypatch.setattr(relay, "_start", cannot_be)
    os.kill(relay.client.pid, signal.SIGKILL)
    await asyncio.wait_for(lost.wait(), 60)
    await asyncio.wait_for(restarted.wait(), 60)


async def test_an_idle_relay_gives_way_to_a_new_port_and_a_busy_one_does_not(tmp_path):
    first = RelayProcess()
    client = await first.start_or_find(RelaySettings(data=tmp_path))
    pid, port = client.pid, client.port
    await client.open(pair="p", room="room")
    await first.stop(kill=False)
    other = _free_port()
    second = RelayProcess()
    client = await second.start_or_find(RelaySettings(data=tmp_path, port=other))
    assert (client.pid, client.port) == (pid, port)
    await client.close_pair("p")
    await second.stop(kill=False)
    third = RelayProcess()
    client = await third.start_or_find(RelaySettings(data=tmp_path, port=other))
    assert client.pid != pid
    assert client.port == other
    await third.stop(kill=True)


async def test_a_relay_of_an_older_version_is_replaced_while_serving_once_nobody_is_in_a_call(
    tmp_path, monkeypatch
):
    """Its mended faults would else stay open until the machine is started anew."""
    first = RelayProcess()
    old = await first.start_or_find(RelaySettings(data=tmp_path))
    assert old.version == relay_process.VERSION
    await old.open(pair="p", room="room")
    pid, port = old.pid, old.port
    await first.stop(kill=False)

    monkeypatch.setattr(relay_process, "VERSION", "of the next release")
    second, replaced = RelayProcess(idle_look_seconds=0.05), asyncio.Event()

    async def restarted():
        replaced.set()

    client = await second.start_or_find(RelaySettings(data=tmp_path))
    second.on_restarted = restarted
    looks = []
    asking = client.list

    async def noting():
        looks.append(await asking())
        return looks[-1]

    monkeypatch.setattr(client, "list", noting)
    await eventually(lambda: len(looks) >= 3)
    assert _lives(pid) and not replaced.is_set(), "a call was on it"
    await client.close_pair("p")
    await asyncio.wait_for(replaced.wait(), 60)
    assert not _lives(pid)
    assert (second.client.port, second.client.pid != pid) == (port, True)
    # What it has started itself is not replaced again, whatever its files say by now.
    alive = second.client
    await asyncio.sleep(0.5)
    assert second.client is alive
    await second.stop(kill=True)


async def test_a_new_port_that_somebody_else_has_by_then_costs_no_call(tmp_path):
    """The relay that had the old one has ended for it: better that port again than none."""
    first = RelayProcess()
    old = await first.start_or_find(RelaySettings(data=tmp_path))
    await old.open(pair="p", room="room")
    pid, port = old.pid, old.port
    await first.stop(kill=False)
    second, restarted = RelayProcess(idle_look_seconds=0.05), asyncio.Event()

    async def note_restarted():
        restarted.set()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("0.0.0.0", 0))
        client = await second.start_or_find(RelaySettings(data=tmp_path, port=somebody.getsockname()[1]))
        second.on_restarted = note_restarted
        await client.close_pair("p")
        await asyncio.wait_for(restarted.wait(), 60)
    assert (second.client.port, second.client.pid != pid) == (port, True)
    await second.stop(kill=True)


async def test_a_relay_nobody_asks_for_ends_by_itself(tmp_path):
    relay = RelayProcess()
    client = await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.01))
    pid = client.pid
    await asyncio.sleep(1.0)
    assert _lives(pid), "it ended with a controller"
    await relay.stop(kill=False)
    await eventually(lambda: not _lives(pid))
    assert not socket_path(tmp_path).exists()


async def test_sigterm_ends_it_and_a_second_relay_on_the_socket_does_not_start(relay, tmp_path):
    command = [sys.executable, "-m", "webrtc.relay", "--socket", str(socket_path(tmp_path))]
    second = await asyncio.to_thread(
        subprocess.run, command, cwd=PROJECT, capture_output=True, timeout=60, check=False
    )
    assert second.returncode == 3
    assert b"cannot start" in second.stderr
    pid = relay.client.pid
    await relay.stop(kill=False)
    os.kill(pid, signal.SIGTERM)
    await eventually(lambda: not _lives(pid))


async def test_a_flood_of_junk_does_not_stop_a_call(relay, call):
    mira, reyes = call
    await relay.client.gate(pair="room/a/b/1", passing=True)
    junk = Browser(relay.client.port, mira.leg)
    heard = 0
    for number in range(200):
        for first in (0, 0, 22, 128, 255):
            junk.says(bytes([first]) * 60)
        mira.says(SRTP + number.to_bytes(2, "big"))
        await asyncio.sleep(0.001)
        with contextlib.suppress(TimeoutError):
            heard += await reyes.hears() == SRTP + number.to_bytes(2, "big")
    assert heard == 200
    assert (await relay.client.stats())["dropped"]["too-often"] > 300
    junk.udp.close()


def _lives(pid):
    """A zombie is dead: who reaps an orphan is the machine's business."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def _free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]
