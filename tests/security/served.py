"""The API as `hankstank serve` starts it, with keys configured, and clients of it in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hankstank.local import subprocesses
from services.predict_api.web.api_keys import new_key
from shared.adapters.local.folder_store import FolderStore
from tests.patience import PATIENCE, wait_until
from tests.unit.services.predict_api.release_store import BOS_STARTER, TOMORROW, fill

QUESTION = f'{{"player_id": {BOS_STARTER}, "game_date": "{TOMORROW}"}}'
_CLIENTS = (sys.executable, "-m", "tests.security.clients")


@dataclass(frozen=True)
class Served:
    """A running API: its address, two holders' secrets, and how clients reach it."""

    host: str
    port: int
    secret: str
    other_secret: str
    before: tuple[str, ...] = ()  # what a client's command begins with: `ip netns exec NAME`
    source: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def words(self, what: str, count: int, secret: str) -> list[str]:
        at = ["--host", self.host, "--port", str(self.port), "--source", self.source]
        return [*self.before, *_CLIENTS, what, *at, "--count", str(count), "--secret", secret]

    def asked(self, rounds: int) -> list[int]:
        """Return the statuses of a probe and of a key holder's question, by turns."""
        words = [*self.words("ask", rounds, self.secret), "--question", QUESTION]
        seen = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=PATIENCE)
        statuses: list[int] = json.loads(seen.stdout)
        return statuses

    @contextmanager
    def held(self, kind: str, count: int) -> Iterator[None]:
        """Hold connections of one kind, all of them opened before the body begins."""
        words = [*self.words("hold", count, self.other_secret), "--kind", kind]
        holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "all opened\n"
            yield
            assert holder.poll() is None, "the attack ended before the answers came"
        finally:
            holder.communicate(timeout=PATIENCE)


@contextmanager
def served(
    home: Path, host: str = "127.0.0.1", before: Sequence[str] = (), source: str = "", **settings: str
) -> Iterator[Served]:
    """Run the API on a small store below `home` and yield it once it answers."""
    fill(FolderStore(home / "objects"))
    secrets, keys = zip(*(new_key(name) for name in ("holder", "other")), strict=True)
    file = home / "keys.json"
    file.write_bytes(
        msgspec.json.encode([msgspec.structs.replace(key, per_minute=10**6, per_hour=10**6) for key in keys])
    )
    words = ["hankstank", "serve", "--home", str(home), "--host", host, "--port", "0", "--print-address"]
    with subprocesses.run_server(words, {"HANKSTANK_API_KEYS": str(file), **settings}) as url:
        api = Served(host, int(url.rpartition(":")[2]), *secrets, tuple(before), source)
        assert wait_until(lambda: api.asked(1) == [200, 200], PATIENCE)
        yield api


@contextmanager
def namespace() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Make a network namespace joined to this one; yield our address in it and how to run a command there.

    Raises CalledProcessError or FileNotFoundError where the kernel, the rights or the tool are lacking.
    """
    number = os.getpid() % 16384
    name, ours, theirs = f"tank{number}", f"tk{number}a", f"tk{number}b"
    network = f"198.18.{number // 64}.{number % 64 * 4}".rpartition(".")
    address = [f"{network[0]}.{int(network[2]) + last}" for last in (1, 2)]
    inside = ("ip", "netns", "exec", name)
    try:
        for words in (
            f"ip netns add {name}",
            f"ip link add {ours} type veth peer name {theirs} netns {name}",
            f"ip address add {address[0]}/30 dev {ours}",
            f"ip link set {ours} up",
            f"{' '.join(inside)} ip address add {address[1]}/30 dev {theirs}",
            f"{' '.join(inside)} ip link set {theirs} up",
        ):
            subprocess.run(words.split(), check=True, capture_output=True, text=True)
        yield address[0], inside
    finally:
        for words in (f"ip link delete {ours}", f"ip netns delete {name}"):
            subprocess.run(words.split(), check=False, capture_output=True)
