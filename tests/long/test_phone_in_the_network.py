"""`--phone` as it is meant: the clinic on one machine, the patient's browser on another, a cable between them."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, async_playwright

from server.store.sealing import create_master_key
from tests.browser.conftest import (
    ROOT,
    Clinic,
    Person,
    start_clinic,
)
from tests.browser.steps import PATIENTLY, admit, come_in, in_call, open_consult, sees_and_hears, until
from tests.long.apart import DESK, PHONE, past_the_warning, person_at
from tests.networks.namespaces import Machine, skip_unless_possible, two_machines

# Where the packets of the call go: the address the browser has proved to be the relay's.
REMOTE = """async () => {
  const stats = await document.querySelector('call-stage').call.peer.pc.getStats();
  const pair = [...stats.values()].find((s) => s.type === 'candidate-pair' && s.nominated);
  return pair && stats.get(pair.remoteCandidateId).address;
}"""


@pytest.fixture
def machines() -> Iterator[tuple[Machine, Machine]]:
    skip_unless_possible()
    with two_machines() as made:
        yield made.clinic, made.phone


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(machines, tmp_path: Path) -> AsyncIterator[Clinic]:
    started = await start_clinic(tmp_path / "clinic", inside=machines[0].inside, options=("--phone",))
    yield started
    await started.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def psychiatrist(machines, playwright, tmp_path) -> AsyncIterator[Person]:
    """At the machine the clinic runs on, on localhost."""
    async with person_at(machines[0], playwright, tmp_path, DESK) as person:
        yield person


@pytest_asyncio.fixture(loop_scope="session")
async def patient(machines, playwright, tmp_path) -> AsyncIterator[Person]:
    async with person_at(machines[1], playwright, tmp_path, PHONE) as person:
        yield person


@pytest.mark.asyncio(loop_scope="session")
async def test_a_patient_on_a_phone_and_a_psychiatrist_on_localhost_see_and_hear_each_other(
    clinic: Clinic, psychiatrist: Person, patient: Person, machines: tuple[Machine, Machine]
) -> None:
    address = machines[0].address
    assert clinic["visit_url"].startswith(f"https://{address}:")
    assert clinic["clinic_url"].startswith("http://localhost:")
    await past_the_warning(patient, clinic["visit_url"])
    phone = await come_in(patient, clinic)
    assert await phone.evaluate("[isSecureContext, 'mediaDevices' in navigator]") == [True, True]

    consult = await open_consult(psychiatrist, clinic)
    await admit(consult)
    await in_call(phone)
    await in_call(consult)
    for page in (phone, consult):
        seen = await sees_and_hears(page, seconds=30)
        assert seen["brightness"] > 10 and seen["energy"] > 0
    assert await until(phone, REMOTE) == address

    # The robot is at home on loopback, and still comes.
    robots = await open_consult(psychiatrist, clinic, visit="robot_visit_id")
    await admit(robots)
    await in_call(robots)
    await sees_and_hears(robots, seconds=30)
    assert patient.errors == [] and psychiatrist.mistakes == []


@pytest.mark.asyncio(loop_scope="session")
async def test_no_door_of_staffs_opens_from_the_network(
    clinic: Clinic, machines: tuple[Machine, Machine]
) -> None:
    base = clinic["visit_url"].rpartition("/visit/")[0]
    doors = [clinic[name].rpartition("localhost:")[2].partition("/")[2] for name in DOORS]
    for machine in machines:
        for door in doors:
            asked = (*machine.inside, "curl", "-sk", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}")
            said = await run(*asked, f"{base}/{door}")
            assert said == "404 ", (machine, door)


DOORS = ("desk_url", "clinic_url", "admin_url")


async def run(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode()


class TestServe:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        shipped = (ROOT / "config.toml").read_text().replace("port = 40000", "port = 0")
        (tmp_path / "config.toml").write_text(shipped.replace("orphan_minutes = 30", "orphan_minutes = 1"))
        create_master_key(tmp_path / "master.key")
        return tmp_path

    async def test_a_clinic_is_open_to_the_network_and_says_where_the_links_are(
        self, folder: Path, machines: tuple[Machine, Machine]
    ) -> None:
        here, there = machines
        process = await asyncio.create_subprocess_exec(
            *(*here.inside, sys.executable, "-m", "server", "serve", "--phone"),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        try:
            said = await asyncio.wait_for(process.stderr.readuntil(b" and UDP "), PATIENTLY / 1000)
            assert f"is open on https://{here.address}:8080\n" in said.decode()
            assert "its link is there as a QR code" in said.decode()
            code = "import ssl, sys, urllib.request as u; " + CHECK
            answer = await run(*there.inside, sys.executable, "-c", code, f"https://{here.address}:8080")
            assert answer == "200 200 404\n"
        finally:
            relays = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            process.terminate()
            await process.communicate()
            # Calls outlive the web server on purpose; a test's relay must not.
            for relay in relays:
                os.kill(int(relay), signal.SIGTERM)


# From the other machine: fetch the authority unverified, as a phone does, trust it, and look again.
CHECK = """
def get(path, context):
    try:
        return u.urlopen(sys.argv[1] + path, context=context, timeout=10)
    except u.HTTPError as refused:
        return refused
blind = ssl._create_unverified_context()
trusting = ssl.create_default_context(cadata=get("/phone", blind).read())
print(*(get(path, trusting).status for path in ("/healthz", "/sign-in", "/sign-in/demo/x")))
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
def test_without_a_network_a_sentence_says_so(tmp_path: Path) -> None:
    started = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "server", "demo", "--phone", "--data", str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (started.returncode, started.stdout) == (2, "")
    assert started.stderr.startswith("bedside: this machine has no address on a local network")
    assert len(started.stderr.splitlines()) == 1
