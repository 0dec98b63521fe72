"""What makes up a town: three emulators, the outside world, six rooms, and how each is started."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hankstank.dev.emulators.process import free_ports
from hankstank.dev.local_cluster.cluster import (
    BIGQUERY,
    PUBSUB,
    SIMULATOR,
    STORAGE,
    LocalCluster,
    ProcessSpec,
)
from hankstank.local.run_plan import Source
from shared.runtime.services import ServiceSpec, load_services
from shared.runtime.start import server_command

LOOPBACK = "127.0.0.1"
PROJECT = "hankstank-local"
_SOURCES = ("HANKSTANK_MLB_API_URL", "HANKSTANK_SAVANT_URL", "HANKSTANK_WEATHER_URL")
_HEALTH = {
    PUBSUB: "/",
    STORAGE: "/_internal/healthcheck",
    BIGQUERY: f"/bigquery/v2/projects/{PROJECT}/datasets",
}


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """What a user asked `hankstank up` for; `standin` names a stand-in that runs already."""

    home: Path
    source: Source = "league"
    season: int = 2026
    seed: int = 7
    data: Path = Path("../shared/data")
    simulator_url: str | None = None

    @property
    def label(self) -> str:
        """Return what the world is called for people."""
        if self.source == "league":
            return f"simulated league, seed {self.seed}"
        return f"Retrosheet {self.season}"


def plan_cluster(options: ClusterOptions) -> LocalCluster:
    """Return the town of a choice, with ports of its own; nothing is started."""
    home = options.home.absolute()
    ports = iter(free_ports(len(load_services()) + 4))
    supporting = {
        one.name: one for one in (*_emulator_specs(home, ports), *_simulator_specs(options, home, ports))
    }
    simulator_url = options.simulator_url or supporting[SIMULATOR].address
    env = _cluster_env({name: one.address for name, one in supporting.items()}, simulator_url)
    specs = supporting | {
        room.name: _service_spec(room, home, next(ports)) for room in load_services().values()
    }
    return LocalCluster(home, PROJECT, options.label, simulator_url, env, specs)


def push_endpoints(cluster: LocalCluster) -> dict[str, str]:
    """Return where each room is pushed: the API beside its questions, the others at their root."""
    return {
        name: f"{cluster.address_of(name)}/{'events' if room.is_api else ''}"
        for name, room in load_services().items()
    }


def _emulator_specs(home: Path, ports: Iterator[int]) -> Iterator[ProcessSpec]:
    folders = {PUBSUB: "", STORAGE: str(home / "objects"), BIGQUERY: str(home / "warehouse")}
    for name, folder in folders.items():
        port, log = next(ports), _log_path(home, name)
        arguments = (
            "-m",
            "hankstank.dev.local_cluster.emulator_process",
            name,
            str(port),
            str(log),
            folder,
            PROJECT,
        )
        yield ProcessSpec(name, _loopback_url(port), _HEALTH[name], log, (sys.executable, *arguments))


def _simulator_specs(options: ClusterOptions, home: Path, ports: Iterator[int]) -> Iterator[ProcessSpec]:
    if options.simulator_url:
        return
    port = next(ports)
    flags = {
        "world": options.source,
        "seed": options.seed,
        "season": options.season,
        "data": options.data.absolute(),
        "folder": home / "outside",
        "now": f"{options.season}-01-01T12:00:00Z",
        "port": port,
    }
    arguments = (
        "-m",
        "simulator.server",
        "--stay",
        *(f"--{key}={value}" for key, value in flags.items()),
    )
    yield ProcessSpec(
        SIMULATOR,
        _loopback_url(port),
        "/standin/clock",
        _log_path(home, SIMULATOR),
        (sys.executable, *arguments),
    )


def _service_spec(room: ServiceSpec, home: Path, port: int) -> ProcessSpec:
    arguments = (sys.executable, "-m", *server_command(room, str(port), LOOPBACK, api_workers=1))
    health = "/health" if room.is_api else "/"
    return ProcessSpec(
        room.name, _loopback_url(port), health, _log_path(home, room.name), arguments, _service_env(room)
    )


def _service_env(room: ServiceSpec) -> dict[str, str]:
    """Return what one room has in its environment; it takes one push at a time, as in the cloud."""
    job = {"HANKSTANK_JOB": f"services.{room.name}.job"} if room.has_job else {}
    return {
        "THREADS": "1",
        "K_SERVICE": room.name,
        **job,
        **({"OMP_NUM_THREADS": "1"} if room.is_api else {}),
    }


def _cluster_env(addresses: Mapping[str, str], simulator_url: str) -> dict[str, str]:
    direct = ",".join(filter(None, (os.environ.get("no_proxy"), LOOPBACK, "localhost")))
    return {
        "HANKSTANK_PROJECT": PROJECT,
        "HANKSTANK_BUCKET_PREFIX": PROJECT,
        "PUBSUB_EMULATOR_HOST": addresses[PUBSUB].removeprefix("http://"),
        "STORAGE_EMULATOR_HOST": addresses[STORAGE],
        "BIGQUERY_EMULATOR_HOST": addresses[BIGQUERY],
        **dict.fromkeys(_SOURCES, simulator_url),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), direct),
    }


def _log_path(home: Path, name: str) -> Path:
    return home / "logs" / f"{name}.log"


def _loopback_url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
