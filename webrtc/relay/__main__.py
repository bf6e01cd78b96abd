"""python -m webrtc.relay --socket PATH [--port N] [--orphan-minutes M] [--address A] … (--help says them all)"""

import argparse
import gc
import resource
import signal
import sys
from dataclasses import replace
from math import inf
from pathlib import Path
from time import monotonic

from webrtc.relay.control import AlreadyRunning, Control
from webrtc.relay.legs import Limits
from webrtc.relay.loop import Loop, bind
from webrtc.relay.table import Table

CANNOT_START = 3
OTHER_FILES = 64


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    try:
        udp, listener = bind(address=options.address, port=options.port)
        limits = Limits(bits_per_second=options.bits_per_second, pairs=options.pairs)
        if options.memory:
            limits = replace(limits, silent_after=inf, closed_after=inf)
        loop = Loop(udp=udp, listener=listener, table=Table(limits=limits, now=monotonic()))
        control = Control(path=options.socket, loop=loop, orphan_seconds=options.orphan_minutes * 60)
    except (AlreadyRunning, OSError) as error:
        print(f"relay: cannot start: {error!r}", file=sys.stderr)
        return CANNOT_START
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    _allow_files(limits.connections + OTHER_FILES)
    control.start()
    gc.freeze()  # what was imported lives as long as the process: no need to walk it again and again
    print(f"relay: listening on port {loop.port}, UDP and TCP", file=sys.stderr, flush=True)
    try:
        loop.run()
    finally:
        loop.close()
        control.close()
    print("relay: ended", file=sys.stderr)
    return 0


def _allow_files(wanted: int) -> None:
    """Many systems give a process 1,024 open files unless it asks; a connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m webrtc.relay", description="The sealed media relay.")
    parser.add_argument("--socket", type=Path, required=True, help="path of the control socket")
    parser.add_argument("--port", type=int, default=0, help="UDP and TCP port; 0 takes any free one")
    parser.add_argument(
        "--orphan-minutes", type=float, default=30, help="end after so long without a controller"
    )
    parser.add_argument("--address", default="", help="bind to this address only")
    parser.add_argument(
        "--bits-per-second", type=int, default=Limits().bits_per_second, help="ceiling per leg"
    )
    parser.add_argument("--pairs", type=int, default=Limits().pairs, help="ceiling on open pairs")
    parser.add_argument(
        "--memory", action="store_true", help="only keep pairs that others carry: silence ends none"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
