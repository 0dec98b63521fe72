"""Who lives in a town on loopback, and the file `up.json` that remembers it between commands."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hankstank.dev.local_cluster import processes
from hankstank.dev.local_cluster.processes import Process
from shared.errors import CannotDo
from shared.runtime.settings import Settings

_NAME = "up.json"
_QUOTED = 1500  # bytes of a log that an error shows
OUTSIDE = "outside"  # the stand-in of the outside world
PUBSUB, STORAGE, BIGQUERY = "pubsub", "storage", "bigquery"


class Resident(msgspec.Struct, frozen=True):
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

    def last_words(self) -> str:
        """Return the end of its log."""
        said = self.log.read_bytes() if self.log.exists() else b""
        return said[-_QUOTED:].decode(errors="replace").strip() or "it said nothing"


class Town(msgspec.Struct):
    """The processes below a home folder; `surroundings` is what its clients find in their environment.

    `standin` is the address of the outside world's stand-in, which may be somebody else's process.
    """

    home: Path
    project: str
    label: str
    standin: str
    surroundings: dict[str, str]
    residents: dict[str, Resident]
    processes: dict[str, Process] = {}

    def start(self, name: str) -> None:
        """Start a resident, for the first time or anew, and remember it."""
        resident = self.residents[name]
        environment = self.surroundings | resident.environment
        self.processes[name] = processes.start(resident.command, environment, resident.log)
        self.save()

    def kill(self, name: str) -> None:
        """End a resident and its children as a crash would."""
        processes.kill(self.processes[name])

    def runs(self, name: str) -> bool:
        """Return whether a resident's process is alive."""
        return name in self.processes and processes.runs(self.processes[name])

    def dead(self) -> list[Resident]:
        """Return the residents whose process has ended."""
        return [one for name, one in self.residents.items() if not self.runs(name)]

    def address(self, name: str) -> str:
        """Return a resident's address."""
        return self.residents[name].address

    @property
    def pubsub(self) -> str:
        """Return the Pub/Sub emulator as "host:port"."""
        return self.address(PUBSUB).removeprefix("http://")

    @property
    def settings(self) -> Settings:
        """Return what the rooms' settings say; to be used inside `surrounded`."""
        return Settings(home=self.home, project=self.project)

    def save(self) -> None:
        """Write `up.json`: whole or not at all."""
        part = self.home / f"{_NAME}.{os.getpid()}.part"
        part.write_bytes(msgspec.json.format(msgspec.json.encode(self, enc_hook=str), indent=2))
        part.replace(self.home / _NAME)

    def forget(self) -> None:
        """Remove `up.json`: nothing runs any more."""
        (self.home / _NAME).unlink(missing_ok=True)


def standing(home: Path) -> Town | None:
    """Return the town that `up.json` remembers, None where there is none."""
    path = home / _NAME
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=Town, dec_hook=lambda kind, text: kind(text))


def running(home: Path) -> Town:
    """Return the town that runs below `home`; raises CannotDo when none does, or not all of it."""
    town = standing(home)
    if town is None:
        raise CannotDo(f"{home}: nothing runs there: `hankstank up` starts it, --home names another folder")
    if dead := town.dead():
        named = "; ".join(f"{one.name} has ended, see {one.log}" for one in dead)
        raise CannotDo(f"{named}. `hankstank down` and `hankstank up` start all anew; the stores are kept")
    return town


@contextmanager
def surrounded(surroundings: Mapping[str, str]) -> Iterator[None]:
    """Let clients in this process find what the rooms' clients find: emulators, not Google."""
    before = {name: os.environ.get(name) for name in surroundings}
    os.environ.update(surroundings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
