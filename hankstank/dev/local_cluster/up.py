"""Starts and stops a cluster: all of it or nothing."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from hankstank.dev.local_cluster import process_specs, processes
from hankstank.dev.local_cluster.cluster import (
    LocalCluster,
    ProcessSpec,
    load_cluster,
    load_running_cluster,
)
from hankstank.dev.local_cluster.process_specs import ClusterOptions
from hankstank.dev.local_cluster.stores import create_stores, create_topics
from hankstank.local import simulator_process
from shared.adapters.local.run_lock import run_lock
from shared.errors import UserError
from shared.runtime.services import load_services

_START_TIMEOUT = 90.0  # seconds until everything answers, on a busy machine
_POLL_INTERVAL = 0.1
Notify = Callable[[str], object]


class ClusterStartError(UserError):
    """A process of the cluster ended or did not answer in time; the others were stopped."""


def start_cluster(options: ClusterOptions, notify: Notify = lambda _line: None) -> tuple[LocalCluster, bool]:
    """Start a cluster unless it runs already; return it and whether this call started it.

    Raises ClusterStartError with the end of a log, UserError if only a part of the cluster runs.
    """
    if load_cluster(options.home):
        return load_running_cluster(options.home), False
    if (options.home / "queue.sqlite").exists():
        raise UserError(f"{options.home} holds the stores of one process: name another folder with --home")
    simulator_process.check_data(options.source, (options.season,), options.data)
    with run_lock(options.home):
        cluster = process_specs.plan_cluster(options)
        try:
            _start_all(cluster, notify)
        except BaseException:
            _stop_processes(cluster)
            raise
    return cluster, True


def stop_cluster(home: Path) -> list[str]:
    """Stop the cluster in `home` with all child processes; return the names of those that ran."""
    cluster = load_cluster(home)
    if cluster is None:
        return []
    with run_lock(home):
        return _stop_processes(cluster)


def _stop_processes(cluster: LocalCluster) -> list[str]:
    stopped = [name for name in cluster.process_specs if cluster.is_running(name)]
    service_processes = [process for name, process in cluster.processes.items() if name in load_services()]
    other_processes = [process for name, process in cluster.processes.items() if name not in load_services()]
    processes.stop_all(service_processes)  # first: their last writes need the emulators
    processes.stop_all(other_processes)
    cluster.remove_state()
    return stopped


def _start_all(cluster: LocalCluster, notify: Notify) -> None:
    """Start what the services need, then the services while the stores are created."""
    services = load_services()
    _start_processes(cluster, [name for name in cluster.process_specs if name not in services], notify)
    with ThreadPoolExecutor(1) as executor:
        stores_created = executor.submit(create_stores, cluster)
        create_topics(cluster)
        _start_processes(cluster, list(services), notify)
        stores_created.result()


def _start_processes(cluster: LocalCluster, names: Sequence[str], notify: Notify) -> None:
    for name in names:
        cluster.start_process(name)
    for one in _wait_until_ready([cluster.process_specs[name] for name in names], cluster):
        notify(f"{one.name:<12} {one.address}")


def _wait_until_ready(started: Iterable[ProcessSpec], cluster: LocalCluster) -> list[ProcessSpec]:
    """Wait until all answer and return them; raises ClusterStartError with the end of a log."""
    waiting, deadline = list(started), time.monotonic() + _START_TIMEOUT
    ready: list[ProcessSpec] = []
    with httpx.Client(timeout=2, trust_env=False) as client:
        while waiting:
            ready += (answered := [spec for spec in waiting if _is_responding(spec, client)])
            waiting = [one for one in waiting if one not in answered]
            _check_started(waiting, cluster, deadline)
            time.sleep(_POLL_INTERVAL)
    return ready


def _check_started(waiting: Sequence[ProcessSpec], cluster: LocalCluster, deadline: float) -> None:
    for one in waiting:
        if not cluster.is_running(one.name):
            raise ClusterStartError(
                f"{one.name} ended before it answered; the end of {one.log}: {one.log_tail()}"
            )
    if waiting and time.monotonic() > deadline:
        one = waiting[0]
        raise ClusterStartError(
            f"{one.name} did not answer at {one.address} within {_START_TIMEOUT:.0f} s; "
            f"the end of {one.log}: {one.log_tail()}"
        )


def _is_responding(spec: ProcessSpec, client: httpx.Client) -> bool:
    try:
        return client.get(spec.address + spec.health).is_success
    except httpx.RequestError:
        return False
