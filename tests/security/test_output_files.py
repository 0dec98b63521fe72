"""What a command writes never takes the place of stores, devices, or a file that nobody gave up."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.dev.release import function_bundles
from shared.adapters.local.output_files import make_output_folder
from shared.errors import UserError
from shared.storage.files import write_atomically
from tests.unit.hankstank.filled_stores import stock


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("once") / "home"
    stock(home)
    return home


@pytest.fixture
def home(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "home")


def export(home: Path, out: object, *words: str) -> Result:
    given = ["export", "games_historical", "--format", "csv", "--out", str(out), "--home", str(home), *words]
    return CliRunner().invoke(app, given)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def linked(to: Path) -> Path:
    link = to.parent.parent / "link.csv"
    link.symlink_to(to)
    return link


def hard_linked(to: Path) -> Path:
    link = to.parent.parent / "hard.csv"
    os.link(to, link)
    return link


def roundabout(to: Path) -> Path:
    return to.parent / "objects" / ".." / to.name


@pytest.mark.parametrize("way", [Path, linked, roundabout])
@pytest.mark.parametrize("name", ["warehouse.duckdb", "queue.sqlite", "new.csv", "objects/new.csv"])
def test_nothing_is_exported_into_stores(home: Path, way, name: str) -> None:
    before = contents(home)
    result = export(home, way(home / name), "--force")
    assert (result.exit_code, "expected a path outside of stores" in result.stderr) == (1, True)
    assert contents(home) == before


def test_stores_of_another_home_are_none_either(home: Path, tmp_path: Path) -> None:
    other = shutil.copytree(home, tmp_path / "other")
    assert "outside of stores" in export(home, other / "warehouse.duckdb", "--force").stderr


def test_hard_link_to_the_warehouse_is_replaced_alone(home: Path) -> None:
    before = (home / "warehouse.duckdb").read_bytes()
    link = hard_linked(home / "warehouse.duckdb")
    assert export(home, link).exit_code == 1
    assert export(home, link, "--force").exit_code == 0
    assert (home / "warehouse.duckdb").read_bytes() == before
    assert link.read_text().startswith("game_pk,")


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_device_is_no_file(home: Path, device: str) -> None:
    kind = Path(device).stat().st_mode
    result = export(home, device, "--force")
    assert (result.exit_code, Path(device).stat().st_mode) == (1, kind)
    assert "`hankstank query` prints CSV" in result.stderr


def test_pipe_is_no_file(home: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert export(home, tmp_path / "pipe", "--force").exit_code == 1
    assert (tmp_path / "pipe").is_fifo()


def test_file_that_is_there_is_replaced_by_force_alone(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    out.write_text("mine")
    assert "--force replaces it" in export(home, out).stderr
    assert out.read_text() == "mine"
    assert export(home, out, "--force").exit_code == 0
    assert out.read_text().startswith("game_pk,")


def test_link_that_was_planted_for_a_temporary_file_is_not_followed(home: Path, tmp_path: Path) -> None:
    out, victim = tmp_path / "out" / "games.csv", tmp_path / "victim"
    out.parent.mkdir()
    victim.write_text("mine")
    (out.parent / f".games.csv.{os.getpid()}").symlink_to(victim)
    assert export(home, out).exit_code == 0
    assert victim.read_text() == "mine"


def test_report_folders_lie_outside_of_stores(home: Path, tmp_path: Path) -> None:
    for folder in (home, home / "objects" / "reports"):
        with pytest.raises(UserError, match="outside of stores"):
            make_output_folder(folder)
    make_output_folder(tmp_path / "reports")


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "--first", "2012", "--last", "2012", "--history", "2010"],
        ["evaluate-simulator"],
        ["fault-injection"],
    ],
)
def test_commands_with_reports_refuse_stores(home: Path, command: list[str]) -> None:
    before = contents(home)
    result = CliRunner().invoke(app, [*command, "--out", str(home)])
    assert (result.exit_code, "outside of stores" in result.stderr) == (1, True)
    assert contents(home) == before


def test_report_replaces_no_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")
    with pytest.raises(FileExistsError, match="plain file"):
        write_atomically(tmp_path / "report.json", b"{}")
    assert (tmp_path / "report.json").is_fifo()


def test_bundles_remove_earlier_bundles_alone(tmp_path: Path) -> None:
    photos, earlier = tmp_path / "photos.zip", tmp_path / f"loader-{'0' * 64}.zip"
    photos.write_bytes(b"mine")
    earlier.write_bytes(b"old")
    function_bundles.write_bundles(tmp_path)
    assert (photos.read_bytes(), earlier.exists()) == (b"mine", False)
