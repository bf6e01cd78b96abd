"""The six digits of an authenticator app, as RFC 6238 has them, and how people type them."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from server.services import totp

# RFC 6238, appendix B: the SHA-1 secret and its codes, of which an app shows the last six digits.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = {59: "94287082", 1111111109: "07081804", 1234567890: "89005924", 20000000000: "65353130"}
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(("second", "code"), RFC_CODES.items())
def test_the_codes_are_those_of_the_standard(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, UTC)
    assert totp.step_of(RFC_SECRET, code[-6:], now=now) == second // 30


def code_at(moment: datetime) -> str:
    import pyotp

    return pyotp.TOTP(RFC_SECRET).at(moment)


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_clock_may_be_one_step_off_either_way(seconds: int, taken: bool) -> None:
    found = totp.step_of(RFC_SECRET, code_at(NOW + timedelta(seconds=seconds)), now=NOW)
    assert found == (int(NOW.timestamp() + seconds) // 30 if taken else None)


@pytest.mark.parametrize("typed", ["", "00000", "0000000", "abcdef", "٠٠٠٠٠٠"])
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert totp.step_of(RFC_SECRET, typed, now=NOW) is None


@pytest.mark.parametrize("typed", ["123 456", " 123456\n", "123-456", "1 2 3 4 5 6", "123\u00a0456"])
def test_a_code_is_read_however_it_is_written(typed: str) -> None:
    assert totp.plain(typed) == "123456"
    assert totp.is_digits(totp.plain(typed))


def test_a_recovery_code_is_never_mistaken_for_one_of_an_app() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {16}
    assert not any(totp.is_digits(code) for code in codes)
    assert [totp.plain(totp.grouped(code)) for code in codes] == list(codes)


def test_a_secret_is_new_each_time_and_as_long_as_the_standard_asks() -> None:
    one, other = totp.new_secret(), totp.new_secret()
    assert one != other
    assert len(base64.b32decode(one)) == 20
    assert totp.grouped("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_an_app_is_told_whose_key_it_is() -> None:
    address = urlsplit(totp.app_address(RFC_SECRET, person="ada@harbor.example", clinic="Harbor & Sons"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/Harbor%20%26%20Sons:ada%40harbor.example"
    told = parse_qs(address.query)
    assert (told["secret"], told["issuer"]) == ([RFC_SECRET], ["Harbor & Sons"])
