"""aiortc's guess at what the other side's line can carry is kept from the other side.

It is made from delays between packets, and in a process that serves pages besides, most of those are our own: on a busy
machine it asked a browser on the same machine for 35 kbit/s. Without it browsers go by what is lost, which is true.
"""

from typing import Any

import aiortc.rtcrtpreceiver


class NoEstimate:
    def add(self, **arrival: Any) -> None:
        """Never anything to tell."""


def install() -> None:
    """Again is no mistake."""
    aiortc.rtcrtpreceiver.RemoteBitrateEstimator = NoEstimate  # type: ignore[assignment,attr-defined]
