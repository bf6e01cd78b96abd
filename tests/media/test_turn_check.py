"""A TURN server that would not carry a patient's call is told from one that would, with the reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from server.jobs.call_check import beside
from tests.long.coturn import Coturn, a_coturn
from webrtc.participants.turn_check import TurnTrouble, allocate


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with a_coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest.fixture
def trusted(coturn: Coturn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(coturn.authority))


async def kind_of(coturn: Coturn, url: str, relay: tuple[str, int] | None = None, secret: str = "") -> str:
    pool = coturn.pool(url)
    with pytest.raises(TurnTrouble) as told:
        await allocate(replace(pool, secret=secret or pool.secret), url, relay=relay, seconds=20)
    return told.value.kind


async def test_one_that_takes_us_says_until_when_its_certificate_is_good(
    coturn: Coturn, trusted: None
) -> None:
    ends = await allocate(coturn.pool(), coturn.tls, relay=(coturn.address, coturn.port))
    assert ends is not None and ends.timestamp() > coturn.pool().now()
    assert await allocate(coturn.pool(coturn.udp), coturn.udp) is None
    assert await beside(coturn.pool(coturn.udp, coturn.tls)) is None


async def test_what_is_wrong_with_the_others(coturn: Coturn, trusted: None) -> None:
    assert await kind_of(coturn, coturn.udp, secret="another one") == "credentials"
    assert await kind_of(coturn, coturn.tls, relay=("0.0.0.1", 9)) == "peer"
    assert await kind_of(coturn, f"turns:127.0.0.1:{unused_port()}?transport=tcp") == "silent"


async def test_a_certificate_that_nobody_vouches_for(
    coturn: Coturn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert await kind_of(coturn, coturn.tls) == "certificate"
    # What a call from the server to itself through its relay never touches.
    assert await beside(coturn.pool(coturn.udp, coturn.tls)) == "turn"
    assert await beside(None) is None
