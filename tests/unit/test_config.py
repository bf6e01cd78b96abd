"""config.toml becomes values or stops the start, naming the key."""

import copy
import dataclasses
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.config import Config, ConfigError, check, config_from, mail_password, master_key_file, read_config

SHIPPED = Path(__file__).parents[2] / "config.toml"
TABLE = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
KEYS = [(section, key) for section, keys in TABLE.items() for key in keys]


def changed(**values: Any) -> dict[str, Any]:
    """The shipped settings with some others: `changed(server__port=1)`."""
    table = copy.deepcopy(TABLE)
    for name, value in values.items():
        section, key = name.split("__")
        table[section][key] = value
    return table


def refused(table: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        config_from(table)
    return str(error.value)


def test_the_shipped_file_becomes_values() -> None:
    config = read_config(SHIPPED)
    assert config.server.data == Path("var")
    assert config.clinic.languages == ("en", "es")
    assert config.media.public_addresses == ()
    assert config.base_url == "http://localhost:8080"
    assert config.database_url == f"sqlite+aiosqlite:///{Path('var/bedside.db').resolve()}"


def test_the_values_are_frozen() -> None:
    config = read_config(SHIPPED)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.server.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_a_missing_key_is_named(section: str, key: str) -> None:
    table = changed()
    del table[section][key]
    assert refused(table) == f"{section}.{key} is missing"


@pytest.mark.parametrize("section", TABLE)
def test_a_missing_section_is_named(section: str) -> None:
    table = changed()
    del table[section]
    assert refused(table) == f"{section} is missing"


@pytest.mark.parametrize("section", TABLE)
def test_an_unknown_key_is_named(section: str) -> None:
    table = changed()
    table[section]["flavour"] = "green"
    assert refused(table) == f"{section}.flavour is not a setting"


def test_an_unknown_section_is_named() -> None:
    assert refused({**changed(), "weather": {}}) == "weather is not a setting"


def test_a_value_in_place_of_a_section_is_named() -> None:
    assert refused({**changed(), "mail": 3}) == "mail must be a table"


def wrong_types() -> Iterator[tuple[str, str, object]]:
    for section, key in KEYS:
        right = type(TABLE[section][key])
        # True is an int to Python and to nobody else.
        for wrong in ("8080", 8080, 1.5, True, ["8080"], [1], {"a": 1}):
            if type(wrong) is not right or wrong == [1]:
                yield section, key, wrong


@pytest.mark.parametrize(("section", "key", "wrong"), list(wrong_types()))
def test_a_value_of_the_wrong_type_is_named(section: str, key: str, wrong: object) -> None:
    assert refused(changed(**{f"{section}__{key}": wrong})).startswith(f"{section}.{key} must be ")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"server__base_url": "http://visits.example.org"}, "server.base_url"),
        ({"server__base_url": "http://192.0.2.7:8080"}, "server.base_url"),
        ({"server__base_url": "http://localhost.example.org"}, "server.base_url"),
        ({"server__base_url": "http://localhost@visits.example.org"}, "server.base_url"),
        ({"server__base_url": "https://visits.example.org/"}, "server.base_url"),
        ({"server__base_url": "https://visits.example.org/clinic"}, "server.base_url"),
        ({"server__base_url": "https://visits.example.org?a=b"}, "server.base_url"),
        ({"server__base_url": "https://someone@visits.example.org"}, "server.base_url"),
        ({"server__base_url": "https://visits.example.org:99999"}, "server.base_url"),
        ({"server__base_url": "https://[::1"}, "server.base_url"),
        ({"server__base_url": "visits.example.org"}, "server.base_url"),
        ({"server__base_url": "ftp://visits.example.org"}, "server.base_url"),
        ({"server__port": 65536}, "server.port"),
        ({"server__port": -1}, "server.port"),
        ({"clinic__time_zone": "America/Nowhere"}, "clinic.time_zone"),
        ({"clinic__time_zone": "../secrets"}, "clinic.time_zone"),
        ({"clinic__time_zone": ""}, "clinic.time_zone"),
        ({"clinic__languages": []}, "clinic.languages"),
        ({"clinic__languages": ["tlh"]}, "clinic.languages"),
        ({"database__url": "postgresql+asyncpg://db/bedside"}, "database.url"),
        ({"database__url": "sqlite:///bedside.db"}, "database.url"),
        ({"mail__security": "ssl"}, "mail.security"),
        ({"mail__host": "mail.example.org"}, "mail.security"),
        ({"mail__port": 70000}, "mail.port"),
        ({"mail__from_address": "Harbor Clinic"}, "mail.from_address"),
        ({"mail__from_address": "a@b.example\nBcc: c@d.example"}, "mail.from_address"),
        ({"media__port": 65536}, "media.port"),
        ({"media__public_addresses": ["visits.example.org"]}, "media.public_addresses"),
        ({"media__max_seats": 1}, "media.max_seats"),
        ({"media__orphan_minutes": 0}, "media.orphan_minutes"),
        ({"media__relay": "janus"}, "media.relay"),
        ({"media__relay": "turn"}, "media.relay"),
        ({"turn__urls": ["turn.example.org"]}, "turn.urls"),
        ({"turn__urls": ["stun:turn.example.org"]}, "turn.urls"),
        ({"turn__urls": ["turns:turn.example.org/path"]}, "turn.urls"),
        ({"turn__urls": ["turns:turn.example.org?transport=sctp"]}, "turn.urls"),
        ({"turn__urls": ["turns:someone@turn.example.org"]}, "turn.urls"),
        ({"turn__urls": ["turns:turn.example.org:443\n"]}, "turn.urls"),
        ({"turn__credential_minutes": 0}, "turn.credential_minutes"),
        ({"sessions__idle_minutes": 0}, "sessions.idle_minutes"),
        ({"sessions__absolute_hours": 0}, "sessions.absolute_hours"),
    ],
)
def test_what_cannot_be_is_refused_by_name(values: dict[str, Any], key: str) -> None:
    assert refused(changed(**values)).startswith(f"{key} ")


@pytest.mark.parametrize(
    "values",
    [
        {"server__base_url": "https://visits.example.org"},
        {"server__base_url": "https://visits.example.org:8443"},
        {"server__base_url": "http://127.0.0.1:9000"},
        {"server__base_url": "http://[::1]:9000"},
        {"mail__host": "mail.example.org", "mail__security": "tls"},
        {"mail__host": "mail.example.org", "mail__security": "starttls"},
        {"media__port": 0, "media__public_addresses": ["192.0.2.7", "2001:db8::7"]},
    ],
)
def test_what_can_be_is_taken(values: dict[str, Any]) -> None:
    config = config_from(changed(**values))
    for name, value in values.items():
        section, key = name.split("__")
        taken = getattr(getattr(config, section), key)
        assert taken == (tuple(value) if isinstance(value, list) else value)


SERVERS = ["turns:turn.example.org:443?transport=tcp", "turn:turn.example.org", "turn:[2001:db8::7]:3478"]


@pytest.mark.parametrize("secret", [None, "", "a word of 31 characters, no more"[:31]])
def test_turn_servers_without_a_secret_that_cannot_be_guessed_are_refused(
    monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.delenv("BEDSIDE_TURN_SECRET", raising=False)
    if secret is not None:
        monkeypatch.setenv("BEDSIDE_TURN_SECRET", secret)
    said = refused(changed(turn__urls=SERVERS))
    assert said.startswith("turn.urls needs BEDSIDE_TURN_SECRET")
    assert not secret or secret not in said


@pytest.mark.parametrize("relay", ["built-in", "turn"])
def test_turn_servers_with_a_secret_are_taken(monkeypatch: pytest.MonkeyPatch, relay: str) -> None:
    """The secret is in the environment alone."""
    monkeypatch.setenv("BEDSIDE_TURN_SECRET", "0" * 64)
    config = config_from(changed(turn__urls=SERVERS, media__relay=relay))
    assert config.turn.urls == tuple(SERVERS) and config.media.relay == relay
    assert "0" * 64 not in repr(config)


def test_a_gateways_reports_are_believed_for_a_long_secret_only(monkeypatch: pytest.MonkeyPatch) -> None:
    two = changed(sms__urls=["https://one.example/send", "https://two.example/send"])
    monkeypatch.setenv("BEDSIDE_SMS_REPORT_SECRET", "0" * 32)
    assert config_from(two).sms.urls
    monkeypatch.setenv("BEDSIDE_SMS_REPORT_SECRET_2", "0" * 31)
    with pytest.raises(ConfigError, match=r"REPORT_SECRET needs 32 characters for https://two"):
        config_from(two)


def test_a_changed_configuration_can_be_checked_again() -> None:
    config = read_config(SHIPPED)
    abroad = dataclasses.replace(config.server, base_url="http://visits.example.org")
    with pytest.raises(ConfigError, match=r"^server\.base_url "):
        check(dataclasses.replace(config, server=abroad))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(place=st.sampled_from(KEYS), value=ANYTHING | st.text().map("https://{}".format))
def test_whatever_is_written_is_taken_or_refused_by_name(place: tuple[str, str], value: object) -> None:
    section, key = place
    try:
        assert isinstance(config_from(changed(**{f"{section}__{key}": value})), Config)
    except ConfigError as refusal:
        assert str(refusal).startswith((f"{section}.{key}", f"{section}."))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("branding__logo", "a\0b"), ("server__data", "\0"), ("clinic__name", "\0"), ("reminders__sms", ["\0"])],
)
def test_a_zero_byte_is_in_no_text(setting: str, value: object) -> None:
    """Files, databases and the system take none: better at the start than where it is first used."""
    with pytest.raises(ConfigError, match=rf"^{setting.replace('__', '.')} must not hold a zero byte"):
        config_from(changed(**{setting: value}))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml cannot be read: No such file"):
        read_config(tmp_path / "nothing.toml")


@pytest.mark.parametrize("written", [b"[server", b"\xff\xfe", b"port = 1\nport = 2"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(written)
    with pytest.raises(ConfigError, match=r"broken\.toml is not valid TOML"):
        read_config(path)


def test_the_master_key_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BEDSIDE_MASTER_KEY_FILE", raising=False)
    with pytest.raises(
        ConfigError, match=r"^BEDSIDE_MASTER_KEY_FILE is not set and there is no .*master\.key"
    ):
        master_key_file(tmp_path / "config.toml")


def test_the_master_key_is_where_it_is_named_else_beside_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BEDSIDE_MASTER_KEY_FILE", raising=False)
    (tmp_path / "master.key").touch()
    assert master_key_file(tmp_path / "config.toml") == tmp_path / "master.key"
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", "/elsewhere/key")
    assert master_key_file(tmp_path / "config.toml") == Path("/elsewhere/key")


def test_the_mail_password_comes_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "password" not in TABLE["mail"]
    monkeypatch.setenv("BEDSIDE_MAIL_PASSWORD", "correct horse")
    assert mail_password() == "correct horse"
