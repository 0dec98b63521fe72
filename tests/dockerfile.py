"""Reads the Dockerfile: its stages, and what the last of them would hold and run."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of one stage: `COPY`, its text with continued lines joined, and the stage's number."""

    stage: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The instructions of all stages, in order."""

    instructions: tuple[Instruction, ...]

    def texts(self, name: str, stage: int | None = None) -> list[str]:
        """Return the texts of the instructions called `name`, of one stage or of all."""
        return [one.text for one in self.instructions if one.name == name and stage in (None, one.stage)]

    @property
    def last(self) -> int:
        """Return the number of the stage that becomes the image."""
        return self.instructions[-1].stage

    @property
    def command(self) -> list[str]:
        """Return the image's command; raises JSONDecodeError when it is not in exec form."""
        return [str(word) for word in json.loads(self.texts("CMD", self.last)[-1])]

    def settings(self, service: str) -> dict[str, str]:
        """Return the environment that the image of `service` sets."""
        words = " ".join(self.texts("ENV", self.last)).replace("${SERVICE}", service).split()
        return dict(word.split("=", 1) for word in words)

    def copy(self, service: str, image: Path) -> None:
        """Copy what the last stage copies from the repository into the image's working folder, `image`."""
        for text in self.texts("COPY", self.last):
            if not text.startswith("--from"):
                source, target = text.replace("${SERVICE}", service).split()
                _copy(ROOT / source, image / target / ("" if not target.endswith("/") else Path(source).name))


def parsed(path: Path = ROOT / "Dockerfile") -> Dockerfile:
    """Return the Dockerfile at `path`."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return Dockerfile(tuple(_instructions(text)))


def ignored(name: str) -> bool:
    """Return whether `.dockerignore` keeps the file from the builder: the last pattern that fits decides."""
    verdict = False
    for pattern in _patterns():
        if _fits(pattern.removeprefix("!"), Path(name)):
            verdict = not pattern.startswith("!")
    return verdict


def _instructions(text: str) -> Iterator[Instruction]:
    stage = -1
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, result = line.partition(" ")
        stage += name == "FROM"
        yield Instruction(stage, name, " ".join(result.split()))


def _patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _fits(pattern: str, path: Path) -> bool:
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in path.parts)
    return any(fnmatch(place.as_posix(), pattern) for place in (path, *path.parents[:-1]))


def _copy(source: Path, target: Path) -> None:
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for file in files:
        if not ignored(file.relative_to(ROOT).as_posix()):
            place = target / file.relative_to(source) if source.is_dir() else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
