"""RFC 4571, section 2: a 16-bit length in network byte order begins each frame; zero is valid, the null packet."""

import pytest

from webrtc.relay.framing import LONGEST, Frames, FrameTooLong, framed


def test_a_packet_goes_behind_its_length_and_comes_back() -> None:
    assert framed(b"abc") == b"\x00\x03abc"
    assert Frames().feed(b"\x00\x03abc\x00\x00\x00\x01d") == [b"abc", b"", b"d"]


def test_a_frame_in_pieces_is_whole_only_with_its_last_byte() -> None:
    frames, packet = Frames(), bytes(range(256)) * 5
    *pieces, last = [framed(packet)[n : n + 1] for n in range(len(packet) + 2)]
    assert all(frames.feed(piece) == [] for piece in pieces)
    assert frames.feed(last) == [packet]
    assert frames.kept == 0


def test_the_longest_packet_passes_and_one_byte_more_is_named() -> None:
    longest = bytes(LONGEST)
    assert Frames().feed(framed(longest)) == [longest]
    with pytest.raises(FrameTooLong):
        framed(longest + b"x")
    with pytest.raises(FrameTooLong):
        Frames().feed(b"\x05\xdd")


def test_a_length_is_refused_before_anything_is_kept_for_it() -> None:
    frames = Frames()
    frames.feed(b"\xff")
    with pytest.raises(FrameTooLong):
        frames.feed(b"\xff" + bytes(5000))
    assert frames.kept == 0
