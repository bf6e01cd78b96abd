"""A service whose restart would end the calls says so as it starts; the one we give to copy does not."""

from pathlib import Path

import pytest

from server.commands.service_unit import ask_about, trouble, warnings
from tests.builders import PROJECT

IN_TMP, ELSEWHERE = Path("/tmp/bedside-1000/abc.sock"), Path("/run/bedside/bedside-1000/abc.sock")
SYSTEM = ["systemctl", "show", "--property=KillMode,PrivateTmp", "bedside.service"]
USER = ["systemctl", "--user", *SYSTEM[1:]]


@pytest.mark.parametrize(
    ("cgroup", "asked"),
    [
        ("0::/system.slice/bedside.service\n", SYSTEM),
        ("9:pids:/other.service\n1:name=systemd:/system.slice/bedside.service\n", SYSTEM),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/bedside.service\n", USER),
        # A terminal, a login, a container.
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/terminal-1.scope\n", []),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", []),
        ("0::/\n", []),
    ],
)
def test_the_service_is_read_from_where_the_process_runs(cgroup: str, asked: list[str]) -> None:
    assert ask_about(cgroup) == asked


def test_a_service_as_systemd_makes_it_would_take_the_relay_along() -> None:
    (words,) = trouble("KillMode=control-group\nPrivateTmp=no\n", unit="bedside.service", socket=IN_TMP)
    assert "ends the relay and with it every call (KillMode=control-group)" in words
    assert len(trouble("KillMode=mixed\nPrivateTmp=yes\n", unit="bedside.service", socket=IN_TMP)) == 2


def test_a_tmp_of_its_own_matters_only_where_the_socket_is() -> None:
    (words,) = trouble("KillMode=process\nPrivateTmp=yes\n", unit="bedside.service", socket=IN_TMP)
    assert "will not find the relay" in words
    assert trouble("KillMode=process\nPrivateTmp=yes\n", unit="bedside.service", socket=ELSEWHERE) == []


def test_the_service_we_give_to_copy_spares_the_relay() -> None:
    sample = (PROJECT / "docs/bedside.service").read_text()
    assert {"KillMode=process", "PrivateTmp=no"} <= set(sample.splitlines())
    assert trouble(sample, unit="bedside.service", socket=IN_TMP) == []


def test_where_nobody_tells_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert warnings(tmp_path, cgroup=tmp_path / "none") == []
    (tmp_path / "cgroup").write_text("0::/system.slice/bedside.service\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert warnings(tmp_path, cgroup=tmp_path / "cgroup") == []


def test_what_systemd_tells_of_the_own_service_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgroup").write_text("0::/system.slice/bedside.service\n")
    systemctl = tmp_path / "systemctl"
    systemctl.write_text("#!/bin/sh\necho KillMode=control-group\necho PrivateTmp=no\n")
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (words,) = warnings(tmp_path, cgroup=tmp_path / "cgroup")
    assert words.startswith("stopping bedside.service ends the relay")
