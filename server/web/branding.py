"""The clinic's own look: colour, mark, a line of welcome. What is too weak or unsafe stops the start in words."""

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from server.web.settings import Brand

COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
# The grounds of tokens.css on which the accent is hardest to read, and the ink of buttons in it.
GROUNDS = {"colour": ("#f1f3ef", "#ffffff"), "colour_dark": ("#1b211f", "#0c1f21")}
# Patients read at AAA (WCAG 2.2, 1.4.6), on a wash of the colour itself, too.
ENOUGH = 7.0
WASH, WASHED = 0.06, {"colour": "#ffffff", "colour_dark": "#1b211f"}
LOGO_BYTES, LOGO_SIDE = 200_000, 1_200
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# All else a PNG may carry is left out: words, places, profiles, animation.
KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# By kind of colour: how many numbers a pixel is, and how many bits each may have.
SAMPLES = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}
PALETTE = 3
STYLE, LOGO = "brand/colours.css", "brand/logo.png"
LONGEST = 200


class BrandUnfit(Exception):
    """The message names the setting and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Branding:
    """As it stands in config.toml; empty texts for what the clinic leaves as it is."""

    colour: str
    colour_dark: str
    logo: str
    welcome: str
    welcome_es: str


def problem_of(branding: Branding) -> str:
    """Why it cannot be used; "" when it can."""
    try:
        files_of(branding)
    except BrandUnfit as problem:
        return str(problem)
    for name in ("welcome", "welcome_es"):
        if len(getattr(branding, name)) > LONGEST:
            return f"branding.{name} is longer than {LONGEST} characters: a line is read, a page is not"
    return ""


def brand_of(branding: Branding) -> Brand:
    return Brand(
        colour=branding.colour,
        colour_dark=branding.colour_dark,
        wash=_wash(branding.colour, "colour") if branding.colour else "",
        wash_dark=_wash(branding.colour_dark, "colour_dark") if branding.colour_dark else "",
        style=STYLE if branding.colour else "",
        logo=LOGO if branding.logo else "",
        welcome=branding.welcome,
        welcome_es=branding.welcome_es,
    )


def files_of(branding: Branding) -> dict[str, tuple[bytes, str]]:
    """What browsers fetch of it, as the static files are kept. Raises BrandUnfit."""
    found = {}
    if branding.colour or branding.colour_dark:
        found[STYLE] = (_style(branding).encode(), "text/css")
    if branding.logo:
        found[LOGO] = (clean_png(_read(branding.logo)), "image/png")
    return found


def _read(logo: str) -> bytes:
    """No more than shows that it is too large: it may be a film."""
    try:
        with Path(logo).open("rb") as file:
            return file.read(LOGO_BYTES + 1)
    except OSError as problem:
        raise BrandUnfit(f"branding.logo: {logo} cannot be read: {problem.strerror}") from problem


def _style(branding: Branding) -> str:
    for name in ("colour", "colour_dark"):
        _check_colour(name, getattr(branding, name))
    light, dark = branding.colour, branding.colour_dark
    return (
        ':root, [data-audience="patient"] {\n'
        f"  --accent: light-dark({light}, {dark});\n"
        f"  --accent-ink: light-dark({GROUNDS['colour'][1]}, {GROUNDS['colour_dark'][1]});\n"
        f"  --accent-wash: light-dark({_wash(light, 'colour')}, {_wash(dark, 'colour_dark')});\n"
        "}\n"
    )


def _check_colour(name: str, colour: str) -> None:
    if not COLOUR.fullmatch(colour):
        raise BrandUnfit(
            f"branding.{name} must be like #00565c; there is one for light pages and one for dark ones"
        )
    least = min(contrast(colour, each) for each in (*GROUNDS[name], _wash(colour, name)))
    if least < ENOUGH:
        pages, take = ("light", "darker") if name == "colour" else ("dark", "lighter")
        raise BrandUnfit(
            f"branding.{name} is too weak on {pages} pages: {least:.1f} to 1, and patients need {ENOUGH:.0f} to 1. "
            f"Take a {take} one."
        )


def _wash(colour: str, name: str) -> str:
    """A breath of the colour on the ground, for what is chosen or lies behind it."""
    mixed = [round(b + (a - b) * WASH) for a, b in zip(_parts(colour), _parts(WASHED[name]), strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def clean_png(data: bytes) -> bytes:
    """The picture and nothing else, made anew chunk by chunk. Raises BrandUnfit."""
    if not data.startswith(SIGNATURE):
        raise BrandUnfit(
            "branding.logo must be a PNG. A drawing (SVG) can carry instructions: save it as PNG."
        )
    if len(data) > LOGO_BYTES:
        raise BrandUnfit(f"branding.logo is larger than {LOGO_BYTES // 1000} kB. Save it smaller.")
    try:
        chunks = _chunks(data)
        kinds = [kind for kind, _ in chunks]
        if kinds[0] != b"IHDR" or kinds.count(b"IHDR") > 1:
            raise ValueError("it begins with something else, or twice")
        size = _raw_size(chunks[0][1], palette=b"PLTE" in kinds)
        pixels = b"".join(body for kind, body in chunks if kind == b"IDAT")
        unpacking = zlib.decompressobj()
        if len(unpacking.decompress(pixels, size + 1)) != size or not unpacking.eof:
            raise ValueError("its pixels do not fit its size")
    except (ValueError, IndexError, KeyError, struct.error, zlib.error) as problem:
        raise BrandUnfit("branding.logo is no whole PNG. Save it again as PNG.") from problem
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    at = len(SIGNATURE)
    while not found or found[-1][0] != b"IEND":
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 8 + length
        body, (check,) = data[at + 8 : end], struct.unpack(">I", data[end : end + 4])
        if len(body) != length or check != zlib.crc32(kind + body):
            raise ValueError("a part of it is damaged")
        if kind in KEPT:
            found.append((kind, body))
        at = end + 4
    return found


def _raw_size(header: bytes, *, palette: bool) -> int:
    """How many bytes the unpacked pixels have. Pictures that are built up in seven passes are refused with the rest."""
    width, height, depth, colour, _, _, passes = struct.unpack(">IIBBBBB", header)
    if not 0 < width <= LOGO_SIDE or not 0 < height <= LOGO_SIDE or passes:
        raise BrandUnfit(
            f"branding.logo may have {LOGO_SIDE} pixels a side at the most and must not be interlaced. Save it anew."
        )
    samples, depths = SAMPLES[colour]
    if depth not in depths or (colour == PALETTE and not palette):
        raise ValueError("its colours cannot be told")
    return int(((width * depth * samples + 7) // 8 + 1) * height)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))
