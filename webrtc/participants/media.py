"""Pictures and sounds made here, a moving bar and a steady tone, and a count of what arrives."""

import asyncio
import math
import time
from array import array
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame

RATE = 48_000
SAMPLES = 960  # 20 ms
VIDEO_CLOCK = 90_000
BAR = 48
# Every how many bytes a frame is looked at: enough to see a bar pass, cheap enough to do for each frame.
STRIDE = 211


class MovingPicture(MediaStreamTrack):
    """A dark bar that walks over a bright ground. `hue` tells two senders apart."""

    kind = "video"

    def __init__(self, *, width: int = 320, height: int = 240, fps: int = 15, hue: int = 90) -> None:
        super().__init__()
        self._size = (width, height)
        self._fps = fps
        self._hue = hue
        self._started: float | None = None
        self._number = 0

    async def recv(self) -> VideoFrame:
        loop = asyncio.get_running_loop()
        if self._started is None:
            self._started = loop.time()
        await asyncio.sleep(max(0.0, self._started + self._number / self._fps - loop.time()))
        frame = _bar_frame(self._size, at=self._number * 6, hue=self._hue)
        frame.pts = self._number * VIDEO_CLOCK // self._fps
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        self._number += 1
        return frame


class Tone(MediaStreamTrack):
    """A sine, loud enough to be heard, without a click between two frames."""

    kind = "audio"

    def __init__(self, *, hertz: int = 440) -> None:
        super().__init__()
        second = [int(9000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE)]
        whole = array("h", second).tobytes()  # a whole number of waves, so that it can be repeated
        size = SAMPLES * 2
        self._pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        self._started: float | None = None
        self._number = 0

    async def recv(self) -> AudioFrame:
        loop = asyncio.get_running_loop()
        if self._started is None:
            self._started = loop.time()
        await asyncio.sleep(max(0.0, self._started + self._number * SAMPLES / RATE - loop.time()))
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(self._pieces[self._number % len(self._pieces)])
        frame.sample_rate = RATE
        frame.pts = self._number * SAMPLES
        frame.time_base = Fraction(1, RATE)
        self._number += 1
        return frame


@dataclass(slots=True)
class Seen:
    """What has arrived from one other participant."""

    pictures: int = 0
    moving: int = 0  # pictures that differ from the one before
    brightness: float = 0.0  # 0 to 255, of the last picture
    size: tuple[int, int] = (0, 0)
    sounds: int = 0
    loud: int = 0  # sounds that are not silence
    hertz: float = 0.0  # of the last loud sound
    last_at: float = 0.0
    _sample: bytes = b""

    def take_picture(self, frame: VideoFrame) -> None:
        sample = bytes(frame.planes[0])[::STRIDE]
        if self._sample and _difference(sample, self._sample) > 1.0:
            self.moving += 1
        self.pictures += 1
        self.brightness = sum(sample) / len(sample)
        self.size = (frame.width, frame.height)
        self.last_at = time.monotonic()
        self._sample = sample

    def take_sound(self, frame: AudioFrame) -> None:
        values = array("h", bytes(frame.planes[0]))
        channels = len(frame.layout.channels)
        left = values[: frame.samples * channels : channels]
        self.sounds += 1
        self.last_at = time.monotonic()
        if math.sqrt(sum(value * value for value in left) / max(1, len(left))) > 300:
            self.loud += 1
            crossings = sum((a < 0) != (b < 0) for a, b in pairwise(left))
            self.hertz = crossings / 2 / (len(left) / frame.sample_rate)


def _bar_frame(size: tuple[int, int], *, at: int, hue: int) -> VideoFrame:
    width, height = size
    frame = VideoFrame(width=width, height=height, format="yuv420p")
    start = at % (width - BAR)
    row = bytes([190]) * start + bytes([60]) * BAR + bytes([190]) * (width - BAR - start)
    for plane, line in zip(
        frame.planes, (row, bytes([hue]) * (width // 2), bytes([255 - hue]) * (width // 2)), strict=True
    ):
        plane.update(line.ljust(plane.line_size, b"\0") * plane.height)
    return frame


def _difference(one: bytes, other: bytes) -> float:
    if len(one) != len(other):
        return 255.0
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)
