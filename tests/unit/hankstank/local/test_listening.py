"""A port belongs to one server: the second one is refused with the port and the way to choose another."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hankstank.local import api_server, listening, subprocesses
from hankstank.local.listening import PortTaken
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.errors import UserError
from tests.patience import PATIENCE, wait_until

LOOPBACK = "127.0.0.1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with stores, though without a release."""
    FolderStore(tmp_path / "objects").write_once("status/collector.json", b"{}")
    return tmp_path


def serve(home: Path, port: int) -> "subprocess.CompletedProcess[str]":
    return hankstank("serve", "--home", str(home), "--port", str(port))


def hankstank(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "hankstank", *words]
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=30).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def shared_port() -> Iterator[int]:
    """A port that somebody listens on who would share it, as the API's workers do."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((LOOPBACK, 0))
        other.listen()
        yield other.getsockname()[1]


def test_second_api_on_a_port_is_refused_with_the_way_out(home: Path):
    with subprocesses.run_server(
        ["hankstank", "serve", "--home", str(home), "--port", "0", "--print-address"]
    ) as url:
        assert wait_until(lambda: answers(url), PATIENCE)
        port = int(url.rpartition(":")[2])
        second = serve(home, port)
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in second.stderr
    assert "--port 0" in second.stderr


def test_port_that_somebody_would_share_is_taken(shared_port: int):
    with pytest.raises(PortTaken, match=f"port {shared_port}"), listening.claimed_port(LOOPBACK, shared_port):
        pass


def test_claim_keeps_a_second_server_away_before_the_first_one_listens():
    with (
        listening.claimed_port(LOOPBACK, 0) as port,
        pytest.raises(PortTaken, match="another server"),
        listening.claimed_port(LOOPBACK, port),
    ):
        pass
    with listening.claimed_port(LOOPBACK, port) as again:
        assert again == port


def test_no_lock_file_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with listening.claimed_port(LOOPBACK, 0):
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_port_of_a_dead_server_is_free_again():
    script = "import sys,time; from hankstank.local import listening\nwith listening.claimed_port('127.0.0.1', 0) as port:\n  print(port, flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        port = int(other.stdout.readline())
        other.kill()
        other.wait()
    with listening.claimed_port(LOOPBACK, port):
        pass


def test_simulator_on_a_port_in_use_is_refused_with_the_way_out(shared_port: int, tmp_path: Path):
    refused = hankstank("simulator", "serve", "--port", str(shared_port), "--folder", str(tmp_path))
    assert (refused.returncode, f"port {shared_port}" in refused.stderr) == (1, True)
    assert "Traceback" not in refused.stderr


def test_simulator_serves_on_though_its_standard_input_has_ended(tmp_path: Path):
    words = [
        sys.executable,
        "-m",
        "hankstank",
        "simulator",
        "serve",
        "--port",
        "0",
        "--folder",
        str(tmp_path),
    ]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as simulator:
        url = simulator.stdout.readline().split()[-1]
        assert httpx.get(f"{url}/simulator/clock", timeout=PATIENCE).is_success
        assert simulator.poll() is None
        simulator.terminate()
        assert simulator.wait(timeout=PATIENCE) == 0


@pytest.mark.parametrize("make", [False, True], ids=["no folder", "an empty folder"])
def test_api_without_stores_says_what_to_do(make: bool, tmp_path: Path):
    home = tmp_path / "home"
    if make:
        home.mkdir()
    refused = serve(home, 0)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert f"{home}: no stores here: `hankstank run` makes them" in refused.stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("", "expected a JSON array of keys"),
        ("{}", "expected a JSON array of keys"),
        ('[{"name": "site"}]', "entry 1 is not a key"),
        ("[]", "expected a valid key, got none"),
        ("folder", "expected a file of keys, found a folder"),
    ],
)
def test_api_whose_keys_open_nothing_does_not_start(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, why: str
):
    file = tmp_path / "keys.json"
    if content == "folder":
        file.mkdir()
    elif content is not None:
        file.write_text(content)
    monkeypatch.setenv("HANKSTANK_API_KEYS", str(file))
    with pytest.raises(UserError, match=f"HANKSTANK_API_KEYS: .*{why}"):
        api_server.serve_api(home, "127.0.0.1", 0, 1, print_address=True)


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_host_that_is_not_this_machine_is_named_with_its_option(host: str):
    with pytest.raises(UserError, match=f"--host, got {host}") as refused, listening.claimed_port(host, 0):
        pass
    assert "--port" not in str(refused.value)
