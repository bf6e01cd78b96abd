"""What is missing of a seat's picture and sound although nobody chose so. Pure."""

from webrtc.protocol import MediaView

# Which of the two may be missing through no choice of the person's, by the state a page reports.
UNCHOSEN: dict[str, frozenset[str]] = {
    "interrupted": frozenset({"picture", "sound"}),
    "stopped": frozenset({"picture", "sound"}),
    "camera-stopped": frozenset({"picture"}),
    "microphone-stopped": frozenset({"sound"}),
    "audio-first": frozenset({"picture"}),
}
# A page that was loaded anew never had what the one before it lost.
NEVER_HAD: dict[str, frozenset[str]] = {
    "none": frozenset({"picture", "sound"}),
    "no-camera": frozenset({"picture"}),
    "no-microphone": frozenset({"sound"}),
}
Losses = frozenset[str]
NOTHING: Losses = frozenset()
EVERYTHING: Losses = frozenset({"picture", "sound"})


def losses(known: Losses | None, *, was: MediaView | None, now: MediaView) -> Losses:
    """What is lost from now on. `known`: what was lost so far, None where nobody remembers.

    Who had stopped their video themselves has lost no picture when the camera goes.
    """
    sent = {"picture": was.video, "sound": was.audio} if was is not None else {}
    sends = {"picture": now.video, "sound": now.audio}
    unchosen = UNCHOSEN.get(now.state, NOTHING)
    lost = {
        what for what in unchosen if not sends[what] and (known is None or what in known or sent.get(what))
    }
    still = {what for what in NEVER_HAD.get(now.state, NOTHING) if what in (known or NOTHING)}
    return frozenset(lost | still)
