"""Call-quality samples the browsers report, as words a person understands. Pure."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from webrtc.protocol import EchoReport, Quality

Verdict = Literal["good", "fair", "weak", "reached", "failed"]
Word = Literal["good", "fair", "weak", "lost"]
Side = Literal["up", "down", "both"]
ORDER: tuple[Word, ...] = ("good", "fair", "weak", "lost")
STEADY_SAMPLES = 3
WINDOW_SECONDS = 10.0

# From which value on a figure is fair, weak, lost. `up` is what this person sends, `down` what they get.
# Speech stays understandable with Opus' own repair up to about 5 % loss; beyond 400 ms there and back, people
# begin to talk over each other.
_UP = {"loss_up": (0.03, 0.10, 0.60)}
_DOWN = {
    "loss_down": (0.03, 0.10, 0.60),
    "concealed": (0.03, 0.12, 0.80),
    "frozen_ms": (300.0, 1500.0, 10_000.0),
    "jitter_ms": (60.0, 150.0, 5_000.0),
}
_BOTH = {"rtt_ms": (400.0, 900.0, 10_000.0)}
# Below these the sender cannot carry a useful picture, or not even sound.
_ESTIMATE_UP = (300_000.0, 150_000.0, 8_000.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """How the call is for one person, and in which direction it is weak."""

    word: Word
    side: Side | None = None


def judge(sample: Quality) -> Judgement:
    """The worst figure decides; a figure that was not measured says nothing."""
    up = max(_worst(sample, _UP), _shortage(sample.estimate_up))
    down = _worst(sample, _DOWN)
    both = _worst(sample, _BOTH)
    worst = max(up, down, both)
    if worst == 0:
        return Judgement(word="good")
    side: Side = "both" if worst == both or up == down else ("up" if up > down else "down")
    return Judgement(word=ORDER[worst], side=side)


def judge_own(sample: Quality) -> Word:
    """How the call is on this side, for the word that everybody reads while it goes on.

    What does not arrive here was already counted where it was sent; counted twice, every loss would be everybody's.
    """
    return ORDER[max(_worst(sample, _UP), _shortage(sample.estimate_up), _worst(sample, _BOTH))]


def verdict_of(report: EchoReport) -> Verdict:
    """What a connection test promises for the visit, by the limits that hold in the visit itself.

    What was reached up is no limit: a still picture in a dark room needs next to nothing. The browser's own estimate is
    one, where it makes one. Without a picture or a sound only the way itself was tried, which is `reached`.
    """
    if report.transport is None:
        return "failed"
    if report.loss_up is None:
        return "reached"
    jitters = [each for each in (report.jitter_up_ms, report.jitter_down_ms) if each is not None]
    word = judge(
        Quality(
            rtt_ms=report.rtt_ms,
            jitter_ms=max(jitters, default=None),
            loss_up=report.loss_up,
            loss_down=report.loss_down,
            estimate_up=report.estimate_up,
        )
    ).word
    return "weak" if word == "lost" else word


@dataclass(slots=True)
class Meter:
    """Worse counts at once; better only when it lasts, so that the word does not flicker."""

    word: Word | None = None
    _better: list[Word] = field(default_factory=list)

    def take(self, sample: Quality) -> Word:
        word, current = judge_own(sample), self.word
        if current is None or ORDER.index(word) >= ORDER.index(current):
            self._better.clear()
            self.word = word
            return word
        self._better.append(word)
        if len(self._better) >= STEADY_SAMPLES:
            steady: Word = max(self._better, key=ORDER.index)
            self.word = current = steady
            self._better.clear()
        return current

    def lost(self) -> None:
        """Nothing has been heard of them at all."""
        self._better.clear()
        self.word = "lost"

    def found(self) -> None:
        """They are heard again; the next sample says how well."""
        self._better.clear()
        self.word = None


# What a page says is its own word: no share is more than all, and nothing is frozen for longer than there was time.
_MOST = {"loss_up": 1.0, "loss_down": 1.0, "concealed": 1.0, "frozen_ms": WINDOW_SECONDS * 1000}
# A page that was away this long begins anew: its next report is about what came after.
_AWAY_SECONDS = WINDOW_SECONDS * 3


@dataclass(slots=True)
class Window:
    """The reports of ten seconds as one sample, so that nothing depends on which of them is kept."""

    _began_at: float | None = None
    _heard_at: float = 0.0
    _taken: list[Quality] = field(default_factory=list)

    def take(self, report: Quality, *, now: float) -> Quality | None:
        """The sample that is whole with this report, or None. `now` on the room's own, rising clock."""
        if self._began_at is None or now - self._heard_at > _AWAY_SECONDS:
            self._began_at = now
            self._taken.clear()
        self._heard_at = now
        self._taken.append(report)
        if now - self._began_at < WINDOW_SECONDS:
            return None
        whole = _merged(self._taken)
        self._began_at = now
        self._taken.clear()
        return whole


def _merged(reports: list[Quality]) -> Quality:
    """Each figure's mean over those who have it; what was frozen adds up."""
    rows = [asdict(each) for each in reports]
    known = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    whole = {
        name: sum(values) / (1 if name == "frozen_ms" else len(values))
        for name, values in known.items()
        if values
    }
    return Quality(**{name: min(value, _MOST.get(name, value)) for name, value in whole.items()})


def _worst(sample: Quality, limits: dict[str, tuple[float, float, float]]) -> int:
    return max(_level(getattr(sample, name), steps) for name, steps in limits.items())


def _level(value: float | None, steps: tuple[float, float, float]) -> int:
    return 0 if value is None else sum(value >= step for step in steps)


def _shortage(estimate: float | None) -> int:
    return 0 if estimate is None else sum(estimate < step for step in _ESTIMATE_UP)
