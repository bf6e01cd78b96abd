"""The clinic's own colour and mark: what is refused, in words that say what to do."""

import struct
import tomllib
import zlib
from pathlib import Path

import pytest

from server.config import ConfigError, config_from
from server.web import branding
from server.web.branding import Branding, BrandUnfit, clean_png, contrast, files_of, problem_of

NONE = {"colour": "", "colour_dark": "", "logo": "", "welcome": "", "welcome_es": ""}
VIOLET = {"colour": "#4b2a86", "colour_dark": "#d3c2ff"}


def brand(**given: str) -> Branding:
    return Branding(**NONE | given)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def header(*, width: int = 4, height: int = 3, depth: int = 8, colour: int = 6, passes: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, passes))


def png(*more: bytes, pixels: bytes | None = None, **said: int) -> bytes:
    width, height, depth = said.get("width", 4), said.get("height", 3), said.get("depth", 8)
    raw = zlib.compress(b"\0" * ((width * 4 * depth // 8 + 1) * height)) if pixels is None else pixels
    return branding.SIGNATURE + header(**said) + b"".join(more) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")


def test_contrast_is_the_standards() -> None:
    """WCAG 2.2: black on white is 21 to 1, #767676 the lightest grey that reaches 4.5."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_a_clinic_that_gives_nothing_keeps_ours() -> None:
    assert problem_of(brand()) == "" and files_of(brand()) == {}


def test_readable_colours_become_a_style_sheet_for_both_schemes() -> None:
    body, kind = files_of(brand(**VIOLET))["brand/colours.css"]
    assert kind == "text/css" and b"--accent: light-dark(#4b2a86, #d3c2ff);" in body


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"colour": "#3b82f6", "colour_dark": "#d3c2ff"},
            "branding.colour is too weak on light pages: 3.3 to 1, and patients need 7 to 1",
        ),
        ({"colour": "#4b2a86", "colour_dark": "#4b2a86"}, "branding.colour_dark is too weak on dark pages"),
        ({"colour": "#4b2a86"}, "branding.colour_dark must be like"),
        ({"colour_dark": "#d3c2ff"}, "branding.colour must be like"),
        ({"colour": "violet", "colour_dark": "#d3c2ff"}, "branding.colour must be like"),
        ({"colour": "#4b2a86;}", "colour_dark": "#d3c2ff"}, "branding.colour must be like"),
        ({"logo": "/nowhere/logo.png"}, "branding.logo: /nowhere/logo.png cannot be read"),
        ({"logo": "logo\0.png"}, "branding.logo must not hold a zero byte"),
        ({"welcome": "x" * 201}, "branding.welcome is longer than 200 characters"),
        ({"welcome_es": "x" * 201}, "branding.welcome_es is longer than 200 characters"),
    ],
)
def test_what_cannot_be_used_stops_the_start_in_words(given: dict[str, str], said: str) -> None:
    table = tomllib.loads((Path(__file__).parents[2] / "config.toml").read_text())
    table["branding"] = NONE | given
    with pytest.raises(ConfigError) as refused:
        config_from(table)
    assert said in str(refused.value)


def test_our_own_colours_would_be_taken() -> None:
    """The ones of the letters, which are those of the pages."""
    assert problem_of(brand(colour="#00565c", colour_dark="#86d0d2")) == ""


def test_a_weak_colour_is_told_which_way_to_go() -> None:
    assert "Take a darker one." in problem_of(brand(colour="#3b82f6", colour_dark="#d3c2ff"))
    assert "Take a lighter one." in problem_of(brand(colour="#4b2a86", colour_dark="#4b2a86"))


def test_of_a_picture_only_the_picture_is_kept() -> None:
    talkative = png(
        chunk(b"tEXt", b"Author\0Somebody"), chunk(b"eXIf", b"a place"), chunk(b"acTL", b"\0" * 8)
    )
    assert clean_png(talkative + b"<script>") == png()


@pytest.mark.parametrize(
    "picture",
    [
        png(depth=16),
        png(chunk(b"PLTE", b"\0" * 6), colour=3, pixels=zlib.compress(b"\0" * 15)),
        png(colour=0, depth=1, pixels=zlib.compress(b"\0" * 6)),
    ],
)
def test_every_depth_of_colour_is_taken(picture: bytes) -> None:
    assert clean_png(picture) == picture


def test_the_mark_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "mark.png").write_bytes(png())
    assert files_of(brand(logo=str(tmp_path / "mark.png")))["brand/logo.png"] == (png(), "image/png")


def test_of_a_huge_file_no_more_is_read_than_says_that_it_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "film.png").open("wb") as file:
        file.write(branding.SIGNATURE)
        file.truncate(1 << 40)
    assert "larger than 200 kB" in problem_of(brand(logo=str(tmp_path / "film.png")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "must be a PNG. A drawing (SVG) can carry instructions",
        ),
        (b"RIFF\0\0\0\0WEBPVP8 ", "must be a PNG"),
        (b"", "must be a PNG"),
        (png()[:-5], "no whole PNG"),
        (png().replace(b"IDAT", b"IDAX"), "no whole PNG"),
        (png(pixels=b"not packed"), "no whole PNG"),
        (png(pixels=zlib.compress(b"\0" * 50)), "no whole PNG"),
        (png(pixels=zlib.compress(b"\0" * 10_000_000)), "no whole PNG"),
        (branding.SIGNATURE + chunk(b"IEND", b""), "no whole PNG"),
        (png(width=1201, pixels=b""), "1200 pixels a side"),
        (png(passes=1), "must not be interlaced"),
        (png(header(width=60_000)), "no whole PNG"),
        (png(depth=3), "no whole PNG"),
        (png(depth=0, pixels=zlib.compress(b"\0" * 3)), "no whole PNG"),
        (png(colour=3, pixels=zlib.compress(b"\0" * 15)), "no whole PNG"),
        (png(chunk(b"tEXt", b"x" * 200_000)), "larger than 200 kB"),
    ],
)
def test_what_is_no_such_picture_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BrandUnfit) as refused:
        clean_png(data)
    assert said in str(refused.value)
