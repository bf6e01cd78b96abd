"""Whether a restart of the service this process runs as would end the calls too (docs/bedside.service)."""

import subprocess
from pathlib import Path

from webrtc.relay_process import socket_path

SPARES_THE_RELAY = frozenset({"process", "none"})
PATIENCE_SECONDS = 5.0
OWN_TMP = ("/tmp/", "/var/tmp/")  # noqa: S108 -- what PrivateTmp replaces


def warnings(data: Path, *, cgroup: Path = Path("/proc/self/cgroup")) -> list[str]:
    """Nothing where it is no service, or where nobody tells."""
    try:
        asking = ask_about(cgroup.read_text())
        if not asking:
            return []
        said = subprocess.run(
            asking, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return trouble(said, unit=asking[-1], socket=socket_path(data))


def ask_about(cgroup: str) -> list[str]:
    """The question about the service whose processes are told by this cgroup; nothing where it is none."""
    for line in cgroup.splitlines():
        number, kind, path = line.split(":", 2)
        if (number, kind) != ("0", "") and kind != "name=systemd":
            continue
        units = [part for part in path.split("/") if part.endswith((".service", ".scope"))]
        if units and units[-1].endswith(".service"):
            user = ["--user"] if any(part.startswith("user@") for part in units[:-1]) else []
            return ["systemctl", *user, "show", "--property=KillMode,PrivateTmp", units[-1]]
    return []


def trouble(properties: str, *, unit: str, socket: Path) -> list[str]:
    """In words, what of a unit's properties (`Name=value` lines) would take the relay along or hide it."""
    told = dict(line.split("=", 1) for line in properties.splitlines() if "=" in line)
    found = []
    if told.get("KillMode", "process") not in SPARES_THE_RELAY:
        found.append(
            f"stopping {unit} ends the relay and with it every call (KillMode={told['KillMode']}): put "
            "KillMode=process into its [Service] section, as in docs/bedside.service"
        )
    if told.get("PrivateTmp", "no") != "no" and str(socket).startswith(OWN_TMP):
        found.append(
            f"{unit} has a /tmp of its own (PrivateTmp={told['PrivateTmp']}), so its next start will not find the "
            "relay: put PrivateTmp=no, as in docs/bedside.service"
        )
    return found
