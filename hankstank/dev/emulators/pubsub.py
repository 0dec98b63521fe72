"""The Pub/Sub emulator of the Cloud SDK, found on this machine.

It keeps nothing when it ends, checks no identity, and silently ignores filters, exactly-once delivery
and the tokens of real pushes.
"""

import os
import re
import shutil
from pathlib import Path

from hankstank.dev.emulators.command import EmulatorAbsent, EmulatorCommand

_JAR = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar"
_USUAL_ROOTS = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/opt/homebrew/share/google-cloud-sdk",
    "/snap/google-cloud-cli/current",
    "~/google-cloud-sdk",
)


def pubsub_command(port: int) -> EmulatorCommand:
    """Return how to start the Cloud SDK's jar; raises EmulatorAbsent without it or without Java."""
    jar, java = emulator_jar(), shutil.which("java")
    if java is None:
        raise EmulatorAbsent("no java on PATH: the Pub/Sub emulator needs it")
    command = (java, "-jar", str(jar), "--host=127.0.0.1", f"--port={port}")
    return EmulatorCommand(command, f"http://127.0.0.1:{port}", "/")


def emulator_jar(roots: tuple[Path, ...] | None = None) -> Path:
    """Return the newest jar of the emulator under the Cloud SDK's roots; raises EmulatorAbsent."""
    places = cloud_sdk_roots() if roots is None else roots
    jars = [jar for root in places for jar in sorted(root.glob(_JAR), key=_jar_version, reverse=True)]
    if not jars:
        where = ", ".join(map(str, places)) or "any Cloud SDK"
        raise EmulatorAbsent(f"no {_JAR} in {where}: run `gcloud components install pubsub-emulator`")
    return jars[0]


def cloud_sdk_roots() -> tuple[Path, ...]:
    """Return the folders of Cloud SDKs: by environment variable, by command, and the usual places."""
    candidates = [Path(root) for root in (os.environ.get("CLOUDSDK_ROOT_DIR"),) if root]
    gcloud = shutil.which("gcloud")
    candidates += [Path(gcloud).resolve().parents[1]] if gcloud else []
    candidates += [Path(root).expanduser() for root in _USUAL_ROOTS]
    return tuple(dict.fromkeys(root for root in candidates if root.is_dir()))


def _jar_version(jar: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", jar.name)]
