"""The second way in for phones: its names, and the drawing a camera reads from a terminal."""

import re

import pytest
import zxingcpp

from server.web.certificate import Certificate
from server.web.phone_side import PhoneSide, advice, drawn, host_names

LINK = "https://192.168.1.20:8080/visit/join/" + "rlIrCBFhQUp7r2cpwdHsvAtc_j9TdWmTSR57TzTLc2M"
# Dots a square of the code is drawn with.
DOT = 4


def photographed(drawing: str, *, ink: int, paper: int) -> str | None:
    """What a camera reads from a terminal whose letters are `ink` and whose ground is `paper`, 0 to 255."""
    upper, lower = {"█": ink, "▀": ink}, {"█": ink, "▄": ink}
    rows = []
    for line in drawing.splitlines():
        for half in (upper, lower):
            row = b"".join(bytes([half.get(sign, paper)]) * DOT for sign in line)
            rows += [row] * DOT
    width = len(rows[0])
    assert {len(row) for row in rows} == {width}
    found = zxingcpp.read_barcodes(memoryview(b"".join(rows)).cast("B", (len(rows), width)), try_invert=False)
    return found[0].text if found else None


def test_a_camera_reads_the_link_from_a_dark_terminal() -> None:
    assert photographed(drawn(LINK, in_colour=False), ink=230, paper=20) == LINK


def test_in_colour_it_is_the_same_on_every_terminal() -> None:
    """White letters on black ground are asked for line by line, so that a light terminal shows no negative."""
    drawing = drawn(LINK, in_colour=True)
    lines = drawing.splitlines()
    assert all(re.fullmatch(r"\x1b\[38;5;231;48;5;16m[█▀▄ ]+\x1b\[0m", line) for line in lines)
    bare = re.sub(r"\x1b\[[\d;]*m", "", drawing)
    assert bare == drawn(LINK, in_colour=False)
    assert photographed(bare, ink=255, paper=0) == LINK


def test_it_fits_a_small_terminal() -> None:
    lines = drawn(LINK, in_colour=False).splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("frontdesk", ("frontdesk", "frontdesk.local")),
        ("FrontDesk.clinic.example", ("frontdesk", "frontdesk.local")),
        ("localhost", ()),
        ("localhost.localdomain", ()),
        ("front_desk", ()),
        ("-desk", ()),
        ("x" * 64, ()),
        ("", ()),
    ],
)
def test_only_a_name_that_can_be_one_goes_into_the_certificate(own, expected) -> None:
    assert host_names(own) == expected


def side(tmp_path, **changes) -> PhoneSide:  # type: ignore[no-untyped-def]
    certificate = Certificate(file=tmp_path / "phone.pem", authority=b"")
    facts = {"address": "192.168.1.20", "port": 8080, "names": ("desk",), "certificate": certificate}
    return PhoneSide(**(facts | changes))


def test_links_carry_the_address_and_every_name_is_ours(tmp_path) -> None:
    phone = side(tmp_path)
    assert phone.url == "https://192.168.1.20:8080"
    assert phone.origins == {"https://192.168.1.20:8080", "https://desk:8080"}
    # The usual port is left out, as browsers leave it out of Host and Origin.
    assert side(tmp_path, port=443).origins == {"https://192.168.1.20", "https://desk"}


def test_the_advice_says_what_the_phone_will_show_and_what_was_not_tried(tmp_path) -> None:
    said = advice(side(tmp_path), media_port=40000)
    assert len(said.splitlines()) == 3
    for part in (
        "Show Details",
        "Advanced",
        "https://192.168.1.20:8080/phone",
        "Not tried on a real iPhone.",
        "TCP 8080 and UDP 40000",
    ):
        assert part in said
    several = advice(side(tmp_path, others=("10.0.0.5", "172.17.0.1")), media_port=40000)
    assert "other addresses too: 10.0.0.5, 172.17.0.1. Choose with --phone ADDRESS." in several
