"""What makes up a town: three emulators, the outside world, six rooms, and how each is started."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hankstank.dev.emulators.process import free_ports
from hankstank.dev.local_cluster.cluster import BIGQUERY, OUTSIDE, PUBSUB, STORAGE, Resident, Town
from hankstank.local.run_plan import Source
from shared.runtime.services import Room, rooms
from shared.runtime.start import command

LOOPBACK = "127.0.0.1"
PROJECT = "hankstank-local"
_SOURCES = ("HANKSTANK_MLB_API_URL", "HANKSTANK_SAVANT_URL", "HANKSTANK_WEATHER_URL")
_HEALTH = {
    PUBSUB: "/",
    STORAGE: "/_internal/healthcheck",
    BIGQUERY: f"/bigquery/v2/projects/{PROJECT}/datasets",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a user asked `hankstank up` for; `standin` names a stand-in that runs already."""

    home: Path
    source: Source = "league"
    season: int = 2026
    seed: int = 7
    data: Path = Path("../shared/data")
    standin: str | None = None

    @property
    def label(self) -> str:
        """Return what the world is called for people."""
        if self.source == "league":
            return f"simulated league, seed {self.seed}"
        return f"Retrosheet {self.season}"


def plan(choice: Choice) -> Town:
    """Return the town of a choice, with ports of its own; nothing is started."""
    home = choice.home.absolute()
    ports = iter(free_ports(len(rooms()) + 4))
    around = {one.name: one for one in (*_emulators(home, ports), *_outside(choice, home, ports))}
    standin = choice.standin or around[OUTSIDE].address
    surroundings = _surroundings({name: one.address for name, one in around.items()}, standin)
    residents = around | {room.name: _room(room, home, next(ports)) for room in rooms().values()}
    return Town(home, PROJECT, choice.label, standin, surroundings, residents)


def push_endpoints(town: Town) -> dict[str, str]:
    """Return where each room is pushed: the API beside its questions, the others at their root."""
    return {name: f"{town.address(name)}/{'events' if room.is_api else ''}" for name, room in rooms().items()}


def _emulators(home: Path, ports: Iterator[int]) -> Iterator[Resident]:
    folders = {PUBSUB: "", STORAGE: str(home / "objects"), BIGQUERY: str(home / "warehouse")}
    for name, folder in folders.items():
        port, log = next(ports), _log(home, name)
        words = (
            "-m",
            "hankstank.dev.local_cluster.emulator_process",
            name,
            str(port),
            str(log),
            folder,
            PROJECT,
        )
        yield Resident(name, _address(port), _HEALTH[name], log, (sys.executable, *words))


def _outside(choice: Choice, home: Path, ports: Iterator[int]) -> Iterator[Resident]:
    if choice.standin:
        return
    port = next(ports)
    options = {
        "world": choice.source,
        "seed": choice.seed,
        "season": choice.season,
        "data": choice.data.absolute(),
        "folder": home / "outside",
        "now": f"{choice.season}-01-01T12:00:00Z",
        "port": port,
    }
    words = (
        "-m",
        "simulator.server",
        "--stay",
        *(f"--{key}={said}" for key, said in options.items()),
    )
    yield Resident(OUTSIDE, _address(port), "/standin/clock", _log(home, OUTSIDE), (sys.executable, *words))


def _room(room: Room, home: Path, port: int) -> Resident:
    words = (sys.executable, "-m", *command(room, str(port), LOOPBACK, api_workers=1))
    health = "/health" if room.is_api else "/"
    return Resident(room.name, _address(port), health, _log(home, room.name), words, _of_room(room))


def _of_room(room: Room) -> dict[str, str]:
    """Return what one room has in its environment; it takes one push at a time, as in the cloud."""
    job = {"HANKSTANK_JOB": f"services.{room.name}.job"} if room.has_job else {}
    return {
        "THREADS": "1",
        "K_SERVICE": room.name,
        **job,
        **({"OMP_NUM_THREADS": "1"} if room.is_api else {}),
    }


def _surroundings(addresses: Mapping[str, str], standin: str) -> dict[str, str]:
    direct = ",".join(filter(None, (os.environ.get("no_proxy"), LOOPBACK, "localhost")))
    return {
        "HANKSTANK_PROJECT": PROJECT,
        "HANKSTANK_BUCKET_PREFIX": PROJECT,
        "PUBSUB_EMULATOR_HOST": addresses[PUBSUB].removeprefix("http://"),
        "STORAGE_EMULATOR_HOST": addresses[STORAGE],
        "BIGQUERY_EMULATOR_HOST": addresses[BIGQUERY],
        **dict.fromkeys(_SOURCES, standin),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), direct),
    }


def _log(home: Path, name: str) -> Path:
    return home / "logs" / f"{name}.log"


def _address(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
