"""Function bundles: complete, without what is only for one machine, and the same bytes each time."""

import hashlib
import json
import os
import shutil
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from hankstank.dev.release import function_bundles
from shared.runtime.services import ServiceSpec
from tests.apart import get, import_all, installed_python, locked, room_python, serving

FUNCTIONS = pytest.mark.parametrize("room", function_bundles.list_functions(), ids=lambda room: room.name)


LOADED_LATER = "shared.adapters.gcp"


@pytest.fixture(scope="module", params=function_bundles.list_functions(), ids=lambda room: room.name)
def apart(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ServiceSpec, Path, Path]:
    """Return a room, an interpreter with its locked packages, and the folder of its unpacked bundle."""
    folder = tmp_path_factory.mktemp(request.param.name)
    python = room_python(request.param.name, folder / "packages")
    return request.param, python, unpacked(request.param, folder)


def unpacked(room: ServiceSpec, folder: Path) -> Path:
    with ZipFile(BytesIO(function_bundles.pack_bundle(room))) as bundle:
        bundle.extractall(folder / "workspace")
    return folder / "workspace"


def start(python: Path, room: ServiceSpec) -> list[str | Path]:
    return [python, "-m", "functions_framework", "--target", room.target, "--source", "workspace/main.py"]


def test_three_rooms_are_functions() -> None:
    assert [room.name for room in function_bundles.list_functions()] == ["collector", "validator", "loader"]


@FUNCTIONS
def test_a_bundle_holds_its_room_and_no_other(room: ServiceSpec) -> None:
    folders = {
        name.split("/")[1] for name in function_bundles.bundle_contents(room) if name.startswith("services/")
    }
    assert folders == {"__init__.py", room.name}


@FUNCTIONS
def test_a_bundle_has_no_store_of_one_machine(room: ServiceSpec) -> None:
    assert not [
        name for name in function_bundles.bundle_contents(room) if "local" in name or "__pycache__" in name
    ]


@FUNCTIONS
def test_the_same_files_make_the_same_bytes(
    room: ServiceSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = function_bundles.pack_bundle(room)
    for folder in ("services", "shared", "requirements"):
        shutil.copytree(function_bundles.ROOT / folder, tmp_path / folder, copy_function=shutil.copyfile)
    monkeypatch.setattr(function_bundles, "ROOT", tmp_path)
    assert function_bundles.pack_bundle(room) == first


def test_bundles_are_named_by_their_bytes(tmp_path: Path) -> None:
    for room, sha in function_bundles.write_bundles(tmp_path).items():
        assert hashlib.sha256((tmp_path / f"{room}-{sha}.zip").read_bytes()).hexdigest() == sha


def test_terraform_is_told_the_names(tmp_path: Path) -> None:
    written = function_bundles.write_bundles(tmp_path)
    assert json.loads((tmp_path / function_bundles.VARIABLES_FILE).read_text()) == {"bundles": written}


def test_bundles_of_earlier_code_are_removed(tmp_path: Path) -> None:
    (tmp_path / f"collector-{'0' * 64}.zip").touch()
    function_bundles.write_bundles(tmp_path)
    assert not (tmp_path / f"collector-{'0' * 64}.zip").exists()


def test_a_bundle_starts_alone(apart: tuple[ServiceSpec, Path, Path]) -> None:
    room, python, workspace = apart
    with serving(start(python, room), workspace.parent, {}) as url:
        assert get(url)[0] == 200


def test_a_bundle_has_all_that_a_push_loads(apart: tuple[ServiceSpec, Path, Path]) -> None:
    room, python, workspace = apart
    assert import_all(python, workspace, [f"services.{room.name}", LOADED_LATER]) == ""


def test_a_bundle_that_lacks_a_module_does_not_start(tmp_path: Path) -> None:
    room = function_bundles.list_functions()[0]
    python, workspace = room_python(room.name, tmp_path / "packages"), unpacked(room, tmp_path)
    (workspace / "shared/messaging/envelope.py").unlink()
    with pytest.raises(AssertionError, match="envelope"), serving(start(python, room), workspace.parent, {}):
        pass


def test_an_unlocked_package_is_not_there(tmp_path: Path) -> None:
    python = room_python("validator", tmp_path / "packages")
    (tmp_path / "main.py").write_text("import httpx\n")
    assert "httpx" not in locked("validator")
    with pytest.raises(AssertionError, match="httpx"), serving([python, "main.py"], tmp_path, {}):
        pass


@pytest.mark.skipif(
    "HANKSTANK_INSTALL" not in os.environ, reason="minutes: set HANKSTANK_INSTALL=1 to run it"
)
@FUNCTIONS
def test_a_bundle_installs_and_starts(room: ServiceSpec, tmp_path: Path) -> None:
    workspace = unpacked(room, tmp_path)
    python = installed_python(workspace / "requirements.txt", tmp_path / "installed")
    with serving(start(python, room), workspace.parent, {}) as url:
        assert get(url)[0] == 200
