"""`python -m server doctor`: one line for each thing, in words that say what to do, and 0 only when all is well."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.__main__ import main
from server.app import relay_settings
from server.commands import doctor_calls, public_addresses
from server.commands.wrong import Wrong
from server.config import Config
from server.demo.mail_catcher import MailCatcher
from server.store.sealing import create_master_key
from server.web.clock import Clock
from tests.builders import house_config
from tests.unit.test_serve_command import folder, port, server
from webrtc.relay_process import RelayProcess

__all__ = ["folder", "port", "server"]  # fixtures
PRIVATE, PUBLIC = "192.168.1.5", "8.8.8.8"


@pytest.fixture
def mail_server(folder: Path) -> Iterator[MailCatcher]:
    """Where the settings say that mail goes."""
    catcher = MailCatcher(folder / "mail")
    catcher.start()
    settings = folder / "config.toml"
    settings.write_text(settings.read_text().replace("\nport = 25\n", f"\nport = {catcher.port}\n"))
    yield catcher
    catcher.stop()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return house_config(port=8080, data=tmp_path)


def at(config: Config, base_url: str, *, host: str = "127.0.0.1", named: tuple[str, ...] = ()) -> Config:
    return replace(
        config,
        server=replace(config.server, base_url=base_url, host=host),
        media=replace(config.media, public_addresses=named, port=40000),
    )


def test_a_clinic_that_runs_is_well_in_every_line(
    mail_server: MailCatcher,
    server: object,
    folder: Path,
    port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(folder.rglob("*"))
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert [line[:7] for line in said.splitlines()] == ["ok     "] * 8
    for words in (
        "its tables are up to date",
        "relay: it answers, and a server is in control of it",
        "call: picture and sound pass through a relay like it",
        f"a WebSocket opens at http://localhost:{port}",
        f"127.0.0.1:{mail_server.port} takes us",
    ):
        assert words in said
    assert sorted(folder.rglob("*")) == before


def test_where_nothing_runs_each_line_says_what_to_do_and_nothing_is_made(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def call(config: Config) -> str:
        raise Wrong("no call")

    monkeypatch.setattr(doctor_calls, "call_ourselves", call)
    settings = folder / "config.toml"
    settings.write_text(settings.read_text().replace("\nport = 25\n", "\nport = 1\n"))
    before = sorted(folder.rglob("*"))
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    for words in (
        "WRONG  database: there is none yet; `serve` makes it",
        "WRONG  data folder: var (server.data) is not there; `serve` makes it",
        "ok     relay: none is running; `serve` starts it",
        "WRONG  call: no call",
        "WRONG  public address: http://localhost:",
        "WRONG  mail: 127.0.0.1:1 (mail.host) does not take us",
    ):
        assert words in said
    assert sorted(folder.rglob("*")) == before


def test_another_master_key_is_named(
    server: object,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create_master_key(folder / "other.key")
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", str(folder / "other.key"))
    monkeypatch.setattr(doctor_calls, "checks", lambda _: [])
    assert main(["doctor"]) == 1
    assert "WRONG  database: the records were made with the master key" in capsys.readouterr().out


def test_settings_that_cannot_be_read_are_the_only_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BEDSIDE_MASTER_KEY_FILE", raising=False)
    assert main(["doctor", "--config", str(tmp_path / "config.toml")]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("WRONG  settings: ")


async def test_a_relay_is_asked_also_when_its_lock_was_swept_out_of_tmp(config: Config) -> None:
    """As systems do with files there that nobody touched for ten days."""
    config = replace(config, media=replace(config.media, port=0))
    relay = RelayProcess()
    await relay.start_or_find(relay_settings(config))
    try:
        relay_settings(config).socket.with_suffix(".lock").unlink()
        assert "a server is in control of it" in await doctor_calls.look_at_relay(config)
    finally:
        await relay.stop(kill=True)
    assert "none is running" in await doctor_calls.look_at_relay(config)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        # As nginx does where nobody told it to pass Upgrade on: the page of that address, and no WebSocket.
        (200, "pages come through {}, WebSockets do not (200)"),
        (502, "{} answers, but no server behind it (502)"),
        (421, "the web server in front of {} does not pass the Host header on"),
    ],
)
async def test_what_a_web_server_in_front_does_wrong_is_told_apart(
    config: Config, status: int, words: str
) -> None:
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, status=status)

    app.router.add_get("/healthz", answer)
    async with TestServer(app) as front:
        address = str(front.make_url("")).rstrip("/")
        with pytest.raises(Wrong) as told:
            await doctor_calls.knock_at_the_public_address(at(config, address))
    assert words.format(address) in str(told.value)


@pytest.mark.parametrize(
    ("base_url", "host", "named", "own", "words"),
    [
        ("https://visits.example.org", "127.0.0.1", (), (PRIVATE,), "is empty, and behind a web server"),
        ("https://visits.example.org", "127.0.0.1", (), (), "no address but loopback"),
        ("https://visits.example.org", "0.0.0.0", (), (PRIVATE,), f"own address is {PRIVATE}"),
        ("https://visits.example.org", "127.0.0.1", (PRIVATE,), (PUBLIC,), f"names {PRIVATE}"),
        ("https://visits.example.org", "127.0.0.1", (PUBLIC,), (PRIVATE,), ""),
        ("https://visits.example.org", "127.0.0.1", (PRIVATE, PUBLIC), (PRIVATE,), ""),
        ("https://visits.example.org", "127.0.0.1", (), (PUBLIC, PRIVATE), ""),
        # Nobody comes from elsewhere.
        ("http://localhost:8080", "127.0.0.1", (), (PRIVATE,), ""),
    ],
)
def test_addresses_that_only_this_network_reaches_are_named(
    config: Config, base_url: str, host: str, named: tuple[str, ...], own: tuple[str, ...], words: str
) -> None:
    told = public_addresses.trouble(at(config, base_url, host=host, named=named), own)
    assert words in told and bool(words) == bool(told)


def test_where_turn_servers_carry_the_calls_no_address_of_ours_matters(config: Config) -> None:
    by_turn = at(config, "https://visits.example.org")
    assert public_addresses.trouble(
        replace(by_turn, media=replace(by_turn.media, relay="turn")), (PRIVATE,)
    ) == ("")


def test_a_certificate_is_wrong_two_weeks_before_it_ends() -> None:
    now = Clock().now()
    assert doctor_calls.until(None) == ""
    assert "good until" in doctor_calls.until(now + timedelta(days=15))
    with pytest.raises(Wrong, match="renew it"):
        doctor_calls.until(now + timedelta(days=13))


def test_a_turn_server_is_asked_to_reach_an_address_of_its_own_kind(config: Config) -> None:
    six = "2001:db8::7"
    named = at(config, "https://visits.example.org", named=(six, PUBLIC))
    assert doctor_calls.passed_on_to(named, ()) == (PUBLIC, 40000)
    any_port = replace(named, media=replace(named.media, port=0))
    _, port = doctor_calls.passed_on_to(any_port, ()) or ("", 0)
    assert port
    assert doctor_calls.passed_on_to(at(config, "https://visits.example.org", named=(six,)), ()) is None
    by_turn = replace(named, media=replace(named.media, relay="turn"))
    assert doctor_calls.passed_on_to(by_turn, ()) is None
