"""Resolves the dependencies into `requirements/*.txt`: one version of each package for all supported Pythons.

Needs only Python and `uv`.
"""

import re
import shutil
import subprocess
from pathlib import Path

from hankstank.dev.install import supported_versions
from shared.runtime.services import load_services

ROOT = Path(__file__).parents[3]
LOCKS = ROOT / "requirements"
OLDEST = f"3.{supported_versions()[0]}"  # a lock is resolved for this Python and all newer ones
COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST),
    *("--fork-strategy", "fewest", "--generate-hashes", "--no-strip-extras"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"),
)
PINNED_WITH_EXTRAS = re.compile(r"^(?P<name>[\w.-]+)\[[^]]+\](?P<pin>==(?:.*\\\n)*.*\n)", re.MULTILINE)


def lock_sources() -> dict[str, list[str]]:
    """Return the resolver's arguments for each lock; the most complete lock is first."""
    return {
        "dev": ["--extra", "dev", "pyproject.toml"],
        "local": ["--extra", "local", "pyproject.toml"],
        **{name: ["--extra", name, "--extra", "google", "pyproject.toml"] for name in load_services()},
        "emulators": ["requirements/emulators.in"],
    }


def with_bare_pins(locked: str) -> str:
    """Return a lock in which every pin of `name[extra]` follows the same pin of `name`.

    pip before 23.3 treats the two as different packages and would look for the newest release of the
    unpinned one, which has no hash in the lock.
    """
    return PINNED_WITH_EXTRAS.sub(r"\g<name>\g<pin>\g<0>", locked)


def main() -> None:
    """Resolve every lock; versions that still fit stay, and all locks have the same versions."""
    for name, source in lock_sources().items():
        lock = LOCKS / f"{name}.txt"
        if source[-1] == "pyproject.toml" and name != "dev":
            shutil.copy(LOCKS / "dev.txt", lock)  # the resolver prefers the versions it finds there
        subprocess.run([*COMPILE, *source, "--output-file", lock], cwd=ROOT, check=True)
        lock.write_text(with_bare_pins(lock.read_text()))


if __name__ == "__main__":
    main()
