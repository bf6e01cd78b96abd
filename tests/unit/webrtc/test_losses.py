"""PROTOCOL.md, `media`: what is not sent with one of these states is missing though nobody chose so."""

import pytest

from webrtc.losses import NOTHING, Losses, losses
from webrtc.protocol import MediaView

BOTH = frozenset({"picture", "sound"})
PICTURE, SOUND = frozenset({"picture"}), frozenset({"sound"})


def media(state: str = "ok", *, audio: bool = True, video: bool = True) -> MediaView:
    return MediaView(audio=audio, video=video, state=state)


NOTHING_SENT = {"audio": False, "video": False}


@pytest.mark.parametrize(
    ("state", "sent", "lost"),
    [
        ("camera-stopped", {"video": False}, PICTURE),
        ("microphone-stopped", {"audio": False}, SOUND),
        ("stopped", NOTHING_SENT, BOTH),
        ("interrupted", NOTHING_SENT, BOTH),
        ("interrupted", {"audio": False}, SOUND),
        ("audio-first", {"video": False}, PICTURE),
        ("ok", NOTHING_SENT, NOTHING),
        ("something-new", NOTHING_SENT, NOTHING),
    ],
)
def test_what_a_state_takes_away(state: str, sent: dict[str, bool], lost: Losses):
    assert losses(NOTHING, was=media(), now=media(state, **sent)) == lost


def test_who_had_switched_it_off_loses_nothing():
    hidden = media(video=False)
    assert losses(NOTHING, was=hidden, now=media("camera-stopped", video=False)) == NOTHING
    muted = media(audio=False)
    assert losses(NOTHING, was=muted, now=media("interrupted", **NOTHING_SENT)) == PICTURE


def test_it_is_back_when_it_is_sent_again_or_switched_off_by_choice():
    assert losses(PICTURE, was=media("camera-stopped", video=False), now=media()) == NOTHING
    assert losses(PICTURE, was=media("camera-stopped", video=False), now=media(video=False)) == NOTHING


def test_a_page_that_is_loaded_anew_goes_on_without_what_was_lost():
    assert losses(PICTURE, was=None, now=media("no-camera", video=False)) == PICTURE
    assert losses(NOTHING, was=None, now=media("no-camera", video=False)) == NOTHING
    assert losses(NOTHING, was=None, now=media("none", **NOTHING_SENT)) == NOTHING


def test_a_restarted_server_takes_the_pages_word_for_it():
    assert losses(None, was=None, now=media("camera-stopped", video=False)) == PICTURE
    assert losses(None, was=None, now=media("no-camera", video=False)) == NOTHING
