"""Packets that go into a stream come out of it, wherever the stream was cut; bytes of any kind raise one named error
at most, and nothing that is kept grows with what is sent. Inputs that were once interesting stay as examples."""

from collections import Counter
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from webrtc.relay.framing import HEADER, LONGEST, Frames, FrameTooLong, framed
from webrtc.relay.outgoing import OTHER_BYTES, VIDEO_BYTES, Outgoing

PACKETS = st.lists(
    st.binary(max_size=40) | st.sampled_from([bytes(LONGEST), bytes(LONGEST - 1)]), max_size=12
)
RTP = st.builds(
    lambda kind, ssrc, stamp, size: (
        bytes([128, kind, 0, 0]) + stamp.to_bytes(4, "big") + bytes([ssrc] * 4) + bytes(size)
    ),
    st.sampled_from([96, 111, 224, 205]),
    st.integers(0, 12),
    st.integers(0, 3),
    st.sampled_from([0, 100, 488, 489, 1188]),
)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in pairwise(bounds)]


@given(packets=PACKETS, places=st.lists(st.integers(0, 20_000), max_size=30))
@example(packets=[b"", b""], places=[1, 2, 3])
@example(packets=[b"\x00\x01", bytes(LONGEST)], places=[1, 3, 5])
def test_what_goes_in_comes_out_wherever_it_is_cut(packets: list[bytes], places: list[int]) -> None:
    frames, arrived = Frames(), []
    for chunk in cut(b"".join(map(framed, packets)), places):
        arrived += frames.feed(chunk)
    assert arrived == packets
    assert frames.kept == 0


@given(stream=st.binary(max_size=5000), places=st.lists(st.integers(0, 5000), max_size=30))
@example(stream=b"\x05\xdc" + bytes(1499), places=[])
@example(stream=b"\x05\xdd", places=[1])
@example(stream=b"\xff\xff\xff\xff", places=[1, 2, 3])
def test_any_bytes_are_packets_or_one_named_error_and_never_kept_for_long(
    stream: bytes, places: list[int]
) -> None:
    frames, whole = Frames(), b""
    for chunk in cut(stream, places):
        try:
            whole += b"".join(map(framed, frames.feed(chunk)))
        except FrameTooLong:
            break
        assert frames.kept < HEADER + LONGEST
    assert stream.startswith(whole)


@given(
    steps=st.lists(
        st.none() | st.integers(0, 3000) | RTP | st.binary(min_size=1, max_size=1500), max_size=80
    ),
    times=st.integers(1, 60),
)
def test_a_slow_connection_gets_whole_packets_in_order_or_not_at_all(
    steps: list[bytes | int | None], times: int
) -> None:
    """A number is how many bytes the connection takes of the next frame; None is a connection that takes all."""
    dropped: Counter[str] = Counter()
    outgoing, stream, put = Outgoing(dropped), b"", 0
    for step in steps:
        if isinstance(step, bytes):
            for _ in range(times):
                outgoing.put(step)
                put += 1
                assert outgoing.kept <= VIDEO_BYTES + OTHER_BYTES + HEADER + LONGEST
        elif frame := outgoing.next():
            taken = len(frame) if step is None else min(step, len(frame))
            stream += frame[:taken]
            outgoing.begin(frame[taken:])
    while frame := outgoing.next():
        stream += frame
    sent = Frames().feed(stream)
    offered = {step for step in steps if isinstance(step, bytes)}
    assert set(sent) <= offered
    assert len(sent) + dropped.total() == put
