"""The processes of a local cluster, and the file `up.json` that stores them between commands."""

from pathlib import Path

import msgspec

from hankstank.dev.local_cluster import processes
from hankstank.dev.local_cluster.processes import Process
from shared.errors import UserError
from shared.runtime.settings import Settings
from shared.storage.files import write_atomically

_STATE_FILE = "up.json"
_LOG_TAIL_BYTES = 1500  # shown in errors
SIMULATOR = "outside"  # name of the simulator's process
PUBSUB, STORAGE, BIGQUERY = "pubsub", "storage", "bigquery"


class ProcessSpec(msgspec.Struct, frozen=True):
    """One process of the cluster: its command, address and log."""

    name: str
    address: str
    health: str  # path that returns 2xx once it is ready
    log: Path
    command: tuple[str, ...]
    environment: dict[str, str] = {}

    def log_tail(self) -> str:
        """Return the end of its log."""
        output = self.log.read_bytes() if self.log.exists() else b""
        return output[-_LOG_TAIL_BYTES:].decode(errors="replace").strip() or "(no output)"


class LocalCluster(msgspec.Struct):
    """The processes of a home folder; `env` are the environment variables of its clients.

    `simulator_url` may belong to a process outside the cluster.
    """

    home: Path
    project: str
    label: str
    simulator_url: str
    env: dict[str, str]
    process_specs: dict[str, ProcessSpec]
    processes: dict[str, Process] = {}

    def start_process(self, name: str) -> None:
        """Start or restart a process and save its id."""
        spec = self.process_specs[name]
        environment = self.env | spec.environment
        self.processes[name] = processes.start(spec.command, environment, spec.log)
        self.save_state()

    def is_running(self, name: str) -> bool:
        """Return whether a process is alive."""
        return name in self.processes and processes.is_running(self.processes[name])

    def ended_processes(self) -> list[ProcessSpec]:
        """Return the processes that have ended."""
        return [one for name, one in self.process_specs.items() if not self.is_running(name)]

    def address_of(self, name: str) -> str:
        """Return the address of a process."""
        return self.process_specs[name].address

    @property
    def pubsub_host(self) -> str:
        """Return the Pub/Sub emulator as "host:port"."""
        return self.address_of(PUBSUB).removeprefix("http://")

    @property
    def settings(self) -> Settings:
        """Return the services' settings; to be used in the `environment` of `env`."""
        return Settings(home=self.home, project=self.project)

    def save_state(self) -> None:
        """Write `up.json` atomically."""
        encoded = msgspec.json.format(msgspec.json.encode(self, enc_hook=str), indent=2)
        write_atomically(self.home / _STATE_FILE, encoded)

    def remove_state(self) -> None:
        """Remove `up.json`."""
        (self.home / _STATE_FILE).unlink(missing_ok=True)


def load_cluster(home: Path) -> LocalCluster | None:
    """Return the cluster in `up.json`; None without the file."""
    path = home / _STATE_FILE
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=LocalCluster, dec_hook=lambda kind, text: kind(text))


def load_running_cluster(home: Path) -> LocalCluster:
    """Return the cluster that runs in `home`; raises UserError if none or only a part of one runs."""
    cluster = load_cluster(home)
    if cluster is None:
        raise UserError(
            f"{home}: no cluster runs there: run `hankstank cluster start`, or name another --home"
        )
    if ended := cluster.ended_processes():
        reasons = "; ".join(f"{one.name} has ended, see {one.log}" for one in ended)
        raise UserError(f"{reasons}. Run `hankstank cluster stop`, then `start`; the stores are kept")
    return cluster
