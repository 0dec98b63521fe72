"""The Pub/Sub emulator, found on this machine in one of three ways.

It keeps nothing when it ends, checks no identity, and silently ignores filters, exactly-once delivery
and the tokens of real pushes.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hankstank.dev.emulators.process import (
    EmulatorAbsent,
    EmulatorCommand,
    EmulatorFailed,
    answers,
    free_port,
    run_emulator,
)

VARIABLE = "PUBSUB_EMULATOR_HOST"
_JAR = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar"
_IMAGE, _CONTAINER_PORT = "google/cloud-sdk:emulators", 8432
_USUAL_ROOTS = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/opt/homebrew/share/google-cloud-sdk",
    "/snap/google-cloud-cli/current",
    "~/google-cloud-sdk",
)


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


def pubsub_command(port: int) -> EmulatorCommand:
    """Return how to start the Cloud SDK's jar; raises EmulatorAbsent without it or without Java."""
    jar, java = emulator_jar(), shutil.which("java")
    if java is None:
        raise EmulatorAbsent("no java on PATH")
    command = (java, "-jar", str(jar), "--host=127.0.0.1", f"--port={port}")
    return EmulatorCommand(command, f"http://127.0.0.1:{port}", "/")


def emulator_jar(roots: tuple[Path, ...] | None = None) -> Path:
    """Return the newest jar of the emulator under the Cloud SDK's roots; raises EmulatorAbsent."""
    places = cloud_sdk_roots() if roots is None else roots
    jars = [jar for root in places for jar in sorted(root.glob(_JAR), key=_jar_version, reverse=True)]
    if not jars:
        raise EmulatorAbsent(f"no {_JAR} in {', '.join(map(str, places)) or 'any Cloud SDK'}")
    return jars[0]


def cloud_sdk_roots() -> tuple[Path, ...]:
    """Return the folders of Cloud SDKs: by environment variable, by command, and the usual places."""
    candidates = [Path(root) for root in (os.environ.get("CLOUDSDK_ROOT_DIR"),) if root]
    gcloud = shutil.which("gcloud")
    candidates += [Path(gcloud).resolve().parents[1]] if gcloud else []
    candidates += [Path(root).expanduser() for root in _USUAL_ROOTS]
    return tuple(dict.fromkeys(root for root in candidates if root.is_dir()))


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


def _jar_version(jar: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", jar.name)]
