"""An authenticator app on a stopped clock, and what the pages that set one up show."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

import pyotp
import zxingcpp
from sqlalchemy import text

from server.store.database import Database
from tests.clocks import StoppedClock

# Dots a square of a QR code is drawn with.
DOT = 4


@dataclass(frozen=True, slots=True)
class Phone:
    """What somebody holds in their hand."""

    secret: str
    clock: StoppedClock

    def code(self, *, seconds: int = 0) -> str:
        """The six digits it shows `seconds` from now."""
        return pyotp.TOTP(self.secret).at(self.clock.now() + timedelta(seconds=seconds))


async def actions(database: Database, account_id: str) -> list[str]:
    """What the audit trail says about an account."""
    async with database.read() as tx:
        rows = await tx.all(
            text("SELECT action FROM audit_events WHERE object_id = :id ORDER BY seq"), id=account_id
        )
    return [row.action for row in rows]


def shown_key(page: str) -> str:
    return "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))


def shown_codes(page: str) -> list[str]:
    return re.findall(r"<li>(\d{4} \d{4} \d{4} \d{4})</li>", page)


def read_qr(picture: str) -> str:
    """What a camera would read: the drawing's strokes, drawn again as rows of dots."""
    drawing = unquote(picture)
    (size,), (scale,) = re.findall(r"width='(\d+)'", drawing), re.findall(r"scale\((\d+)\)", drawing)
    (strokes,) = re.findall(r"class='qrline' stroke='#000' d='([^']+)'", drawing)
    side = int(size) // int(scale)
    dots = [bytearray(b"\xff" * side * DOT) for _ in range(side * DOT)]
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes):
        values = [float(number) for number in numbers.split()]
        if kind == "h":
            for row in range(int(y) * DOT, int(y) * DOT + DOT):
                dots[row][int(x) * DOT : int(x + values[0]) * DOT] = b"\0" * (int(values[0]) * DOT)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if kind == "M" else (x + values[0], y + values[1])
    seen = memoryview(b"".join(dots)).cast("B", (side * DOT, side * DOT))
    (found,) = zxingcpp.read_barcodes(seen)
    return str(found.text)
