"""Google Cloud's emulators for tests: servers on loopback that are ready when used and end with their parent."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

import httpx

from hankstank.dev.emulators.bigquery import bigquery_command, create_datasets
from hankstank.dev.emulators.command import EmulatorAbsent, EmulatorCommand, free_ports
from hankstank.dev.emulators.pubsub import pubsub_command
from hankstank.dev.emulators.storage import storage_command
from shared.errors import UserError

VARIABLE = "PUBSUB_EMULATOR_HOST"
_IMAGE, _CONTAINER_PORT = "google/cloud-sdk:emulators", 8432
_PARENT_WATCH = str(Path(__file__).with_name("parent_watch.py"))
_START_TIMEOUT, _POLL_INTERVAL = 60.0, 0.05  # seconds


class EmulatorFailed(UserError):
    """An emulator ended, or did not answer in time."""


def free_port() -> int:
    """Return a free port on loopback."""
    (port,) = free_ports(1)
    return port


@contextmanager
def bigquery_emulator(project: str, folder: Path | None = None) -> Iterator[str]:
    """Run the emulator and yield its address, the value of BIGQUERY_EMULATOR_HOST.

    Tables are kept in `folder`, or in memory without one. Creates the datasets that Terraform makes. Raises
    EmulatorAbsent, EmulatorFailed.
    """
    with run_emulator(bigquery_command(project, free_port(), folder)) as address:
        create_datasets(address, project)
        yield address


def storage_emulator(folder: Path | None = None) -> AbstractContextManager[str]:
    """Run the server and yield its address, the value of STORAGE_EMULATOR_HOST.

    Objects are kept in `folder`, or in memory without one. Raises EmulatorAbsent, EmulatorFailed.
    """
    return run_emulator(storage_command(free_port(), folder))


@contextmanager
def pubsub_emulator() -> Iterator[str]:
    """Yield "host:port" of the emulator in PUBSUB_EMULATOR_HOST, or of one that is started here.

    Tries the Cloud SDK's jar, then a container. Raises EmulatorAbsent with everything that was tried.
    """
    given = os.environ.get(VARIABLE)
    if given:
        if not answers(f"http://{given}/"):
            raise EmulatorAbsent(f"nothing answers at {given}: unset {VARIABLE} or start an emulator there")
        yield given
        return
    with ExitStack() as stack:
        yield _start_first_available(stack)


def _start_first_available(stack: ExitStack) -> str:
    missing = []
    try:
        return stack.enter_context(run_emulator(pubsub_command(free_port()))).removeprefix("http://")
    except (EmulatorAbsent, EmulatorFailed) as absent:
        missing.append(str(absent))
    try:
        return stack.enter_context(_run_container())
    except EmulatorAbsent as absent:
        missing.append(str(absent))
    advice = f"`gcloud components install pubsub-emulator`, start Docker, or set {VARIABLE}"
    raise EmulatorAbsent(f"found no Pub/Sub emulator: {'; '.join(missing)}. To get one: {advice}")


@contextmanager
def _run_container() -> Iterator[str]:
    """Run the emulator's image with Docker, which chooses the port.

    Not with testcontainers' PubSubContainer: importing it needs an unrelated Google client.
    """
    try:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - only where needed
        from testcontainers.core.wait_strategies import HttpWaitStrategy  # noqa: PLC0415
    except ImportError:
        raise EmulatorAbsent("testcontainers is not installed") from None
    start = f"gcloud beta emulators pubsub start --project=local --host-port=0.0.0.0:{_CONTAINER_PORT}"
    with ExitStack() as stack:
        try:
            image = DockerContainer(_IMAGE).with_exposed_ports(_CONTAINER_PORT).with_command(start)
            container = stack.enter_context(image.waiting_for(HttpWaitStrategy(_CONTAINER_PORT)))
        except Exception as error:  # noqa: BLE001 - every engine fails in its own way
            raise EmulatorAbsent(f"no Docker engine that runs {_IMAGE}: {error}") from None
        address = f"{container.get_container_host_ip()}:{container.get_exposed_port(_CONTAINER_PORT)}"
        yield address


def answers(url: str) -> bool:
    """Return whether a server on loopback answers at `url` with a 2xx status."""
    try:
        return httpx.get(url, trust_env=False).is_success  # never through a proxy
    except httpx.RequestError:
        return False


@contextmanager
def run_emulator(emulator: EmulatorCommand) -> Iterator[str]:
    """Run an emulator until the block or this process ends; yield its address.

    Raises EmulatorFailed, with the end of its output, if it ends before it is ready.
    """
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-S", _PARENT_WATCH, *emulator.command],
            stdin=subprocess.PIPE,  # closed when this process dies, which stops the emulator
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **emulator.environment},
            start_new_session=True,  # Ctrl-C must reach this process only, which stops the emulator in order
        )
        try:
            _wait_until_ready(child, emulator, output)
            yield emulator.address
        finally:
            _stop_process(child)


def _wait_until_ready(child: "subprocess.Popen[bytes]", emulator: EmulatorCommand, output: IO[bytes]) -> None:
    name, deadline = emulator.command[0], time.monotonic() + _START_TIMEOUT
    while not answers(emulator.address + emulator.health):
        if child.poll() is not None:
            message = f"{name} ended with code {child.returncode} before it answered"
            raise EmulatorFailed(f"{message}; its last output: {_log_tail(output)}")
        if time.monotonic() > deadline:
            raise EmulatorFailed(f"{name} did not answer within {_START_TIMEOUT:.0f} s: {_log_tail(output)}")
        time.sleep(_POLL_INTERVAL)


def _log_tail(output: IO[bytes]) -> str:
    output.seek(max(0, output.seek(0, os.SEEK_END) - 2000))
    return output.read().decode(errors="replace").strip()


def _stop_process(child: "subprocess.Popen[bytes]") -> None:
    """Stop the parent watch, which stops its child; after a timeout kill the whole group."""
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # only the session that was started above
        child.wait()
