"""A connection that does not keep up: the picture gives way in whole frames, everything else has its own small room."""

from collections import Counter

from tests.media.checks import DTLS
from webrtc.relay.framing import Frames
from webrtc.relay.outgoing import OTHER_BYTES, OVERHEAD, VIDEO_BYTES, Outgoing

PICTURE, SOUND = b"pict", b"soun"


def rtp(ssrc: bytes, stamp: int, size: int, number: int = 0) -> bytes:
    head = bytes([128, 96]) + number.to_bytes(2, "big") + stamp.to_bytes(4, "big") + ssrc
    return head.ljust(size, b"x")


def rtcp(size: int = 60) -> bytes:
    return bytes([128, 205]).ljust(size, b"x")


class Slow:
    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self.outgoing = Outgoing(self.dropped)

    def put(self, *packets: bytes) -> None:
        for packet in packets:
            self.outgoing.put(packet)

    def sent(self) -> list[bytes]:
        frames, packets = Frames(), []
        while frame := self.outgoing.next():
            packets += frames.feed(frame)
        assert not self.outgoing and self.outgoing.kept == 0
        return packets


def test_what_fits_is_sent_later_and_what_is_no_picture_goes_first() -> None:
    slow = Slow()
    video = [rtp(PICTURE, 1, 1100, number) for number in range(3)]
    others = [DTLS, rtcp(), rtp(SOUND, 7, 120)]
    slow.put(video[0], others[0], video[1], others[1], others[2], video[2])
    assert slow.sent() == [*others, *video]
    assert slow.dropped == {}


def test_a_frame_that_was_begun_is_finished_before_anything_else() -> None:
    slow = Slow()
    slow.put(DTLS)
    slow.outgoing.begin(b"rest of a frame")
    assert slow.outgoing.next() == b"rest of a frame"
    assert slow.sent() == [DTLS]


def test_a_picture_that_does_not_fit_is_dropped_whole_also_what_is_still_to_come_of_it() -> None:
    slow = Slow()
    fitting = VIDEO_BYTES // (1100 + OVERHEAD)
    first = [rtp(PICTURE, 1, 1100, number) for number in range(fitting - 2)]
    second = [rtp(PICTURE, 2, 1100, number) for number in range(4)]
    end_of_second = rtp(PICTURE, 2, 90, 5)
    slow.put(*first, *second, end_of_second)
    assert slow.dropped == {"tcp-slow-video": 5}
    third = rtp(PICTURE, 3, 1100)
    slow.put(third)
    assert slow.sent() == [*first, third]


def test_sound_feedback_and_handshakes_find_room_when_the_picture_has_none() -> None:
    slow = Slow()
    slow.put(*(rtp(PICTURE, stamp, 1200) for stamp in range(500)))
    dropped = slow.dropped["tcp-slow-video"]
    others = [rtp(SOUND, 1, 400), rtcp(), rtcp(700), DTLS, bytes(100)]
    slow.put(*others)
    assert slow.sent()[: len(others)] == others
    assert dropped > 400 and slow.dropped == {"tcp-slow-video": dropped}


def test_nothing_that_waits_grows_without_end() -> None:
    slow = Slow()
    for number in range(5000):
        slow.put(rtp(PICTURE, number // 10, 1200), rtp(number.to_bytes(4, "big"), 1, 1200), DTLS, b"\x16")
        assert slow.outgoing.kept <= VIDEO_BYTES + OTHER_BYTES
        assert len(slow.outgoing._pictures) <= 8
    assert slow.dropped["tcp-slow"] > 0
