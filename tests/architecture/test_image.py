"""The image: linted, small, unprivileged, and emulated: what it copies starts with what it installs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.services import load_services
from tests.apart import get, import_all, installed_python, room_python, serving
from tests.dockerfile import ROOT, ignored, parsed

FILE = parsed()
SERVICES = [room.name for room in load_services().values() if room.runs_as == "service"]
CLOUD = {
    "HANKSTANK_PROJECT": "nowhere",
    "STORAGE_EMULATOR_HOST": "http://127.0.0.1:9",
}  # nobody listens there
HADOLINT = shutil.which("hadolint", path=Path(sys.executable).parent)


@pytest.fixture(scope="module", params=SERVICES)
def apart(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """Return a service, an interpreter with its locked packages, and what its image holds."""
    folder = tmp_path_factory.mktemp(request.param)
    FILE.copy(request.param, folder / "app")
    return request.param, room_python(request.param, folder / "room"), folder / "app"


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    assert HADOLINT, "hadolint is not installed: run `make install`"
    return subprocess.run([HADOLINT, "--no-color", str(path)], capture_output=True, text=True, check=False)


def test_hadolint_is_content() -> None:
    assert lint(ROOT / "Dockerfile").stdout == ""


def test_hadolint_sees_a_planted_fault(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM python:latest\nRUN cd /tmp && sudo pip install flask\nCMD flask run\n"
    )
    assert {"DL3003", "DL3004", "DL3007", "DL3025"} <= set(
        re.findall(r"DL\d+", lint(tmp_path / "Dockerfile").stdout)
    )


def test_every_base_is_pinned_by_digest_or_a_stage() -> None:
    bases = FILE.texts("FROM")
    stages = {base.split(" AS ")[1] for base in bases if " AS " in base}
    assert all("@sha256:" in base or base.split()[0] in stages for base in bases)


def test_packages_are_wheels_with_hashes() -> None:
    installs = [text for text in FILE.texts("RUN") if "pip" in text]
    assert all("--require-hashes" in text and "--only-binary=:all:" in text for text in installs)


def test_the_image_installs_nothing_itself() -> None:
    assert not [
        text for text in FILE.texts("RUN", FILE.last) if re.search(r"\b(pip|apt|apt-get|gcc)\b", text)
    ]


def test_the_image_runs_unprivileged() -> None:
    assert FILE.texts("USER", FILE.last) == ["10001"]


def test_the_health_check_needs_only_python() -> None:
    (check,) = FILE.texts("HEALTHCHECK", FILE.last)
    assert '["python", "-c"' in check


@pytest.mark.parametrize(
    "name",
    ["shared/adapters/local/folder_store.py", "README.md", "tests/data.py", "shared/__pycache__/x.pyc"],
)
def test_the_builder_is_not_given(name: str) -> None:
    assert ignored(name)


@pytest.mark.parametrize(
    "name", ["shared/runtime/services.json", "requirements/trainer.txt", "services/trainer/main.py"]
)
def test_the_builder_is_given(name: str) -> None:
    assert not ignored(name)


def test_an_image_starts_and_is_healthy(apart: tuple[str, Path, Path]) -> None:
    service, python, app = apart
    program, *arguments = FILE.command
    settings = {**FILE.settings(service), **CLOUD}
    with serving([python.with_name(program), *arguments], app, settings) as url:
        assert get(f"{url}/healthz")[0] == 200


def test_an_image_has_all_that_a_push_loads(apart: tuple[str, Path, Path]) -> None:
    service, python, app = apart
    assert import_all(python, app, [f"services.{service}", "shared.adapters.gcp"]) == ""


def test_an_image_that_lacks_a_file_does_not_start(tmp_path: Path) -> None:
    python, app = room_python("trainer", tmp_path / "room"), tmp_path / "app"
    FILE.copy("trainer", app)
    (app / "shared/messaging/envelope.py").unlink()
    start = serving([python, *FILE.command[1:]], app, FILE.settings("trainer"))
    with pytest.raises(AssertionError, match="cannot import name 'envelope'"), start:
        pass


@pytest.mark.skipif(
    "HANKSTANK_INSTALL" not in os.environ, reason="minutes: set HANKSTANK_INSTALL=1 to run it"
)
@pytest.mark.parametrize("service", SERVICES)
def test_an_image_installs_wheels_only(service: str, tmp_path: Path) -> None:
    python = installed_python(ROOT / f"requirements/{service}.txt", tmp_path / "room")
    FILE.copy(service, tmp_path / "app")
    assert import_all(python, tmp_path / "app", [f"services.{service}", "shared.adapters.gcp"]) == ""
