"""A stand-in for BigQuery on loopback: bqemulator, in its own environment beside ours."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from hankstank.dev.emulators.process import EmulatorAbsent, answers, free_port, run_server
from shared.storage import tables

_ROOT = Path(__file__).parents[3]
_SPATIAL = "lib/python*/site-packages/duckdb_extension_spatial/extensions"
_STAGING = "mlb_staging"
_PLATFORM = "import duckdb; print(duckdb.sql('pragma platform').fetchone()[0])"


def emulator_venv_path() -> Path:
    """Return the folder of the stand-ins' virtual environment: HANKSTANK_EMULATORS, or `.venv-emulators`."""
    return Path(os.environ.get("HANKSTANK_EMULATORS", _ROOT / ".venv-emulators"))


@contextmanager
def bigquery_emulator(
    project: str, data: Path | None = None, log: Path | None = None, port: int | None = None
) -> Iterator[str]:
    """Run the stand-in and yield its address, the value of BIGQUERY_EMULATOR_HOST.

    The datasets that Terraform makes stand from the start. Tables rest in the folder `data`, where a later
    run finds them again, or in memory without one. Raises EmulatorAbsent, EmulatorFailed.
    """
    python = emulator_venv_path() / "bin/python"
    home = _home_with_spatial(emulator_venv_path())
    address = f"http://127.0.0.1:{port or free_port()}"
    storage_options = ["--persistent", "--data-dir", str(data)] if data else ["--ephemeral"]
    ports = ["--rest-port", address.rpartition(":")[2], "--grpc-port", str(free_port())]
    command: list[str | Path] = [
        python,
        "-m",
        "bqemulator",
        "start",
        *ports,
        "--project",
        project,
        *storage_options,
    ]
    quiet = {"BQEMU_LOG_LEVEL": "warning", "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
    if data:
        data.mkdir(parents=True, exist_ok=True)
    with run_server(
        command, lambda: answers(_datasets_url(address, project)), {"HOME": str(home), **quiet}, log
    ):
        create_datasets(address, project)
        yield address


def _home_with_spatial(environment: Path) -> Path:
    """Return a home folder whose DuckDB has the spatial extension, which the stand-in demands at start.

    DuckDB looks for extensions under its user's home and nowhere else; the user's own stays as it is.
    """
    home = environment / "home"
    if any(home.glob(".duckdb/extensions/*/*/spatial.duckdb_extension")):
        return home
    shipped = next(environment.glob(f"{_SPATIAL}/v*/spatial.duckdb_extension"), None)
    if shipped is None:
        raise EmulatorAbsent(f"{environment}: no BigQuery stand-in is installed there: make emulators")
    completed = subprocess.run([environment / "bin/python", "-c", _PLATFORM], capture_output=True, check=True)
    place = home / ".duckdb/extensions" / shipped.parent.name / completed.stdout.decode().strip()
    place.mkdir(parents=True, exist_ok=True)
    copied = place / f"{os.getpid()}.part"
    shutil.copy(shipped, copied)
    copied.replace(place / shipped.name)  # whole or not at all, also when two start at once
    return home


def create_datasets(address: str, project: str) -> None:
    """Create the datasets that Terraform makes, where they do not stand yet."""
    names = {tables.get_table(name).dataset for name in tables.list_tables()} | {_STAGING}
    with httpx.Client(trust_env=False) as client:
        for name in sorted(names):
            dataset = {"datasetReference": {"projectId": project, "datasetId": name}, "location": "US"}
            answer = client.post(_datasets_url(address, project), json=dataset)
            if answer.status_code != httpx.codes.CONFLICT:
                answer.raise_for_status()


def _datasets_url(address: str, project: str) -> str:
    return f"{address}/bigquery/v2/projects/{project}/datasets"
