"""`python -m server serve`: started as an operator starts it, spoken to, and stopped as a service is stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import http_parser
from aiohttp.test_utils import unused_port

from server.__main__ import CANNOT_START, main
from server.store.sealing import create_master_key
from tests.builders import PROJECT

START_SECONDS = 20.0


@pytest.fixture
def port() -> int:
    return unused_port()


@pytest.fixture
def folder(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    shipped = (PROJECT / "config.toml").read_text()
    mine = shipped.replace("port = 8080", f"port = {port}").replace("port = 40000", "port = 0")
    # Nothing listens there any more once the test is over, so the relay goes with its server.
    (tmp_path / "config.toml").write_text(mine.replace("orphan_minutes = 30", "orphan_minutes = 1"))
    create_master_key(tmp_path / "master.key")
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server(folder: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    arguments = [sys.executable, "-m", "server", "serve"]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(arguments, cwd=folder, stderr=said, stdout=said, text=True)
    relays: list[int] = []
    try:
        wait_for(port)
        relays = children(process.pid)
        yield process
    finally:
        process.kill()
        process.wait()
        # Calls outlive the web server on purpose; a test's relay must not.
        for relay in relays:
            os.kill(relay, signal.SIGTERM)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=2).close()
            return
        except OSError:
            assert time.monotonic() < until, "it did not start"
            time.sleep(0.1)


def test_it_serves_until_it_is_told_to_stop_and_logs_no_token(
    server: "subprocess.Popen[str]", folder: Path, port: int
) -> None:
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://localhost:{port}/visit/join/token-canary-4711?who=canary-4712")
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0
    said = (folder / "said").read_text()
    assert "GET /visit/join/{token}" in said
    assert "canary" not in said
    assert "Traceback" not in said


def test_what_it_stores_is_for_its_own_user_only(server: "subprocess.Popen[str]", folder: Path) -> None:
    kept = list((folder / "var").iterdir())
    assert kept
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


def test_a_port_that_is_taken_is_named(folder: Path, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    before = children(os.getpid())
    try:
        with socket.create_server(("127.0.0.1", port)):
            assert main(["serve"]) == CANNOT_START
    finally:
        for relay in set(children(os.getpid())) - set(before):
            os.kill(relay, signal.SIGTERM)
    assert f"cannot listen on 127.0.0.1:{port} (server.host, server.port)" in capsys.readouterr().err


def test_two_servers_on_one_folder_are_one_too_many(
    server: "subprocess.Popen[str]", folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve"]) == CANNOT_START
    assert "another server is running on var (server.data)" in capsys.readouterr().err


def test_it_does_not_start_on_the_parser_that_was_smuggled_past(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http_parser, "HttpRequestParser", http_parser.HttpRequestParserPy)
    assert main(["serve"]) == CANNOT_START
    assert "C parser is missing" in capsys.readouterr().err
    assert not (folder / "var").exists()


class TestForPhones:
    """The way in itself is tried in tests/long/test_phone_in_the_network.py, where there is a network."""

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            (
                ('base_url = ""', 'base_url = "https://visits.example.org"'),
                "server.base_url is https://visits",
            ),
            (('host = "127.0.0.1"\n# The TCP', 'host = "0.0.0.0"\n# The TCP'), "server.host = '0.0.0.0'"),
        ],
    )
    def test_it_stands_beside_no_other_way_from_the_network(
        self, folder: Path, capsys: pytest.CaptureFixture[str], written: tuple[str, str], said: str
    ) -> None:
        settings = folder / "config.toml"
        before = settings.read_text()
        settings.write_text(before.replace(*written))
        assert settings.read_text() != before
        assert main(["serve", "--phone"]) == CANNOT_START
        assert said in capsys.readouterr().err
        assert not (folder / "var").exists()

    @pytest.mark.parametrize("command", ["serve", "demo"])
    def test_an_address_no_phone_reaches_is_refused_in_a_sentence(
        self, folder: Path, capsys: pytest.CaptureFixture[str], command: str
    ) -> None:
        assert (
            main([command, "--phone", "127.0.0.1", *(["--data", "kept"] if command == "demo" else [])]) == 2
        )
        assert capsys.readouterr().err == "bedside: --phone 127.0.0.1: no phone could reach this address\n"
