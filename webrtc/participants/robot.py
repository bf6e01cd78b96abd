"""A scripted participant: a moving picture, a tone, and a count of what the others show."""

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from webrtc.participants.media import MovingPicture, Seen, Tone
from webrtc.participants.participant import Participant
from webrtc.participants.wires import Wire


class GeneratedMedia:
    """Fresh tracks for every connection; what arrives is counted by seat."""

    def __init__(self, *, hertz: int, hue: int, size: tuple[int, int], fps: int) -> None:
        self.seen: dict[str, Seen] = {}
        self._hertz, self._hue, self._size, self._fps = hertz, hue, size, fps

    def outgoing(self, kind: str, seat: str) -> MediaStreamTrack:
        if kind == "audio":
            return Tone(hertz=self._hertz)
        return MovingPicture(width=self._size[0], height=self._size[1], fps=self._fps, hue=self._hue)

    async def incoming(self, track: MediaStreamTrack, seat: str) -> None:
        seen = self.seen.setdefault(seat, Seen())
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    seen.take_picture(frame)
                elif isinstance(frame, AudioFrame):
                    seen.take_sound(frame)
        except MediaStreamError:
            return  # the track has ended


class Robot(Participant):
    """`run` it; meanwhile `admit`, `leave`, and ask what it has `seen`."""

    def __init__(
        self,
        wire: Wire,
        *,
        hertz: int = 440,
        hue: int = 90,
        size: tuple[int, int] = (320, 240),
        fps: int = 15,
        page: str | None = None,
    ) -> None:
        self._generated = GeneratedMedia(hertz=hertz, hue=hue, size=size, fps=fps)
        super().__init__(wire, self._generated, page=page)

    def seen(self, seat: str) -> Seen:
        return self._generated.seen.get(seat, Seen())

    def sees_and_hears(self, seat: str, *, pictures: int = 10, sounds: int = 25) -> bool:
        """Pictures that move and are not black, sounds that are not silence."""
        seen = self.seen(seat)
        return seen.moving >= pictures and seen.brightness > 40 and seen.loud >= sounds
