"""How the calls of a story were: mostly good, here and there weak for a while. Invented, and the same every time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from server.care.call_quality import SPAN, Figures, Sample

LATE = (0, 0, 0, 1, 0, 3, 0, 8)
BREAK = timedelta(seconds=40)
SEATS = ("patient", "clinician")


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How long before their time they came, how long after it they were let in, and when the call broke once."""

    came: timedelta
    late: timedelta
    broke_after: timedelta | None


def manner(of_visit: str, *, minutes: int) -> Manner:
    """`of_visit` decides: most begin in time, one call in four is interrupted once."""
    dice = sha256(of_visit.encode()).digest()
    broke_after = timedelta(minutes=2 + dice[6] % (minutes - 4)) if dice[5] % 4 == 0 else None
    return Manner(
        came=timedelta(minutes=4 + dice[3] % 7),
        late=timedelta(minutes=LATE[dice[4] % len(LATE)]),
        broke_after=broke_after,
    )


def samples(of_visit: str, *, starts_at: datetime, minutes: int) -> list[Sample]:
    """`of_visit` decides: one call in three was weak on the patient's side for two minutes, one in four came by TCP."""
    dice = sha256(of_visit.encode()).digest()
    count = minutes * 60 // int(SPAN / timedelta(seconds=1))
    begins = dice[1] % max(1, count - 12)
    weak = range(begins, begins + 12) if dice[0] % 3 == 0 else range(0)
    route = "tcp" if dice[2] % 4 == 0 else "udp"
    return [
        Sample(
            seat=seat,
            at=starts_at + SPAN * (n + 1),
            route=route if seat == "patient" else "udp",
            word="weak" if seat == "patient" and n in weak else "good",
            side="up" if seat == "patient" and n in weak else None,
            figures=_figures(dice[(n + 3) % 32] / 255, weak=n in weak, patient=seat == "patient"),
        )
        for n in range(count)
        for seat in SEATS
    ]


def _figures(chance: float, *, weak: bool, patient: bool) -> Figures:
    lost, little = (0.12, 0.01 * chance) if weak else (0.004 * chance, 0.004 * chance)
    return Figures(
        rtt_ms=round((58 if patient else 22) + 40 * chance + (160 if weak and patient else 0)),
        jitter_ms=round(4 + 9 * chance),
        loss_up=lost if patient else little,
        loss_down=little if patient else lost,
        bitrate_up=(320_000 if weak and patient else 1_050_000) + 90_000 * chance,
        bitrate_down=(1_050_000 if patient or not weak else 320_000) + 90_000 * chance,
        fps_down=30 - round(12 * chance) if weak and not patient else 30,
        frozen_ms=round(900 * chance) if weak and not patient else 0,
        concealed=0.03 if weak and not patient else 0.001 * chance,
    )
