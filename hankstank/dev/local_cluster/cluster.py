"""Who lives in a town on loopback, and the file `up.json` that remembers it between commands."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hankstank.dev.local_cluster import processes
from hankstank.dev.local_cluster.processes import Process
from shared.errors import UserError
from shared.runtime.settings import Settings

_STATE_FILE = "up.json"
_LOG_TAIL_BYTES = 1500  # bytes of a log that an error shows
SIMULATOR = "outside"  # the stand-in of the outside world
PUBSUB, STORAGE, BIGQUERY = "pubsub", "storage", "bigquery"


class ProcessSpec(msgspec.Struct, frozen=True):
    """One process of the town: how it is started, where it answers and where it writes."""

    name: str
    address: str
    health: str  # path that is answered when it is ready
    log: Path
    command: tuple[str, ...]
    environment: dict[str, str] = {}

    @property
    def port(self) -> str:
        """Return the port of its address."""
        return self.address.rpartition(":")[2]

    def log_tail(self) -> str:
        """Return the end of its log."""
        output = self.log.read_bytes() if self.log.exists() else b""
        return output[-_LOG_TAIL_BYTES:].decode(errors="replace").strip() or "it said nothing"


class LocalCluster(msgspec.Struct):
    """The processes below a home folder; `surroundings` is what its clients find in their environment.

    `standin` is the address of the outside world's stand-in, which may be somebody else's process.
    """

    home: Path
    project: str
    label: str
    simulator_url: str
    env: dict[str, str]
    process_specs: dict[str, ProcessSpec]
    processes: dict[str, Process] = {}

    def start_process(self, name: str) -> None:
        """Start a resident, for the first time or anew, and remember it."""
        spec = self.process_specs[name]
        environment = self.env | spec.environment
        self.processes[name] = processes.start(spec.command, environment, spec.log)
        self.save_state()

    def kill_process(self, name: str) -> None:
        """End a resident and its children as a crash would."""
        processes.kill(self.processes[name])

    def is_running(self, name: str) -> bool:
        """Return whether a resident's process is alive."""
        return name in self.processes and processes.is_running(self.processes[name])

    def ended_processes(self) -> list[ProcessSpec]:
        """Return the residents whose process has ended."""
        return [one for name, one in self.process_specs.items() if not self.is_running(name)]

    def address_of(self, name: str) -> str:
        """Return a resident's address."""
        return self.process_specs[name].address

    @property
    def pubsub_host(self) -> str:
        """Return the Pub/Sub emulator as "host:port"."""
        return self.address_of(PUBSUB).removeprefix("http://")

    @property
    def settings(self) -> Settings:
        """Return what the rooms' settings say; to be used inside `surrounded`."""
        return Settings(home=self.home, project=self.project)

    def save_state(self) -> None:
        """Write `up.json`: whole or not at all."""
        part = self.home / f"{_STATE_FILE}.{os.getpid()}.part"
        part.write_bytes(msgspec.json.format(msgspec.json.encode(self, enc_hook=str), indent=2))
        part.replace(self.home / _STATE_FILE)

    def remove_state(self) -> None:
        """Remove `up.json`: nothing runs any more."""
        (self.home / _STATE_FILE).unlink(missing_ok=True)


def load_cluster(home: Path) -> LocalCluster | None:
    """Return the town that `up.json` remembers, None where there is none."""
    path = home / _STATE_FILE
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=LocalCluster, dec_hook=lambda kind, text: kind(text))


def load_running_cluster(home: Path) -> LocalCluster:
    """Return the town that runs below `home`; raises CannotDo when none does, or not all of it."""
    cluster = load_cluster(home)
    if cluster is None:
        raise UserError(f"{home}: nothing runs there: `hankstank up` starts it, --home names another folder")
    if ended := cluster.ended_processes():
        reasons = "; ".join(f"{one.name} has ended, see {one.log}" for one in ended)
        raise UserError(f"{reasons}. `hankstank down` and `hankstank up` start all anew; the stores are kept")
    return cluster


@contextmanager
def emulator_env(env: Mapping[str, str]) -> Iterator[None]:
    """Let clients in this process find what the rooms' clients find: emulators, not Google."""
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
