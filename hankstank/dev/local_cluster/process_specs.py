"""Specifies the processes of a cluster: three emulators, the simulator and six services."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hankstank.dev.emulators.bigquery import bigquery_command
from hankstank.dev.emulators.command import free_ports
from hankstank.dev.emulators.pubsub import pubsub_command
from hankstank.dev.emulators.storage import storage_command
from hankstank.dev.local_cluster.cluster import (
    BIGQUERY,
    PUBSUB,
    SIMULATOR,
    STORAGE,
    LocalCluster,
    ProcessSpec,
)
from hankstank.local import simulator_process
from hankstank.local.run_plan import Source, world_label
from shared.runtime.services import ServiceSpec, load_services
from shared.runtime.start import server_command

LOOPBACK = "127.0.0.1"
PROJECT = "hankstank-local"
_SOURCES = ("HANKSTANK_MLB_API_URL", "HANKSTANK_SAVANT_URL", "HANKSTANK_WEATHER_URL")


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Options of `hankstank cluster start`; `simulator_url` is a simulator that runs already."""

    home: Path
    source: Source = "league"
    season: int = 2026
    seed: int = 7
    data: Path = Path("../shared/data")
    simulator_url: str | None = None

    @property
    def label(self) -> str:
        """Return the label of the source."""
        return world_label(self.source, self.seed, self.season)


def plan_cluster(options: ClusterOptions) -> LocalCluster:
    """Return the cluster for some options, with free ports; nothing is started. Raises EmulatorAbsent."""
    home = options.home.absolute()
    ports = iter(free_ports(len(load_services()) + 4))
    supporting = {
        one.name: one for one in (*_emulator_specs(home, ports), *_simulator_specs(options, home, ports))
    }
    simulator_url = options.simulator_url or supporting[SIMULATOR].address
    env = _cluster_env({name: one.address for name, one in supporting.items()}, simulator_url)
    specs = supporting | {one.name: _service_spec(one, home, next(ports)) for one in load_services().values()}
    return LocalCluster(home, PROJECT, options.label, simulator_url, env, specs)


def push_endpoints(cluster: LocalCluster) -> dict[str, str]:
    """Return the push address of each service: /events of the API, the root of the others."""
    return {
        name: f"{cluster.address_of(name)}/{'events' if service.is_api else ''}"
        for name, service in load_services().items()
    }


def _emulator_specs(home: Path, ports: Iterator[int]) -> Iterator[ProcessSpec]:
    emulators = {
        PUBSUB: pubsub_command(next(ports)),
        STORAGE: storage_command(next(ports), home / "objects"),
        BIGQUERY: bigquery_command(PROJECT, next(ports), home / "warehouse"),
    }
    for name, one in emulators.items():
        log, environment = _log_path(home, name), dict(one.environment)
        yield ProcessSpec(name, one.address, one.health, log, tuple(one.command), environment)


def _simulator_specs(options: ClusterOptions, home: Path, ports: Iterator[int]) -> Iterator[ProcessSpec]:
    if options.simulator_url:
        return
    port = next(ports)
    simulator = simulator_process.server_arguments(
        options.source, (options.season,), options.seed, options.data.absolute(), home / "simulator"
    )
    command = (sys.executable, "-m", *simulator, "--stay", f"--port={port}")
    log = _log_path(home, SIMULATOR)
    yield ProcessSpec(SIMULATOR, _loopback_url(port), "/simulator/clock", log, command)


def _service_spec(service: ServiceSpec, home: Path, port: int) -> ProcessSpec:
    command = (sys.executable, "-m", *server_command(service, str(port), LOOPBACK, api_workers=1))
    health, log = "/health" if service.is_api else "/", _log_path(home, service.name)
    return ProcessSpec(service.name, _loopback_url(port), health, log, command, _service_env(service))


def _service_env(service: ServiceSpec) -> dict[str, str]:
    """Return the environment variables of one service; it handles one push at a time, as in the cloud."""
    job = {"HANKSTANK_RUN_JOB": f"services.{service.name}.job"} if service.has_job else {}
    return {
        "THREADS": "1",
        "K_SERVICE": service.name,
        **job,
        **({"OMP_NUM_THREADS": "1"} if service.is_api else {}),
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
