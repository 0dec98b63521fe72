"""The BigQuery emulator on loopback: bqemulator, in a virtual environment of its own."""

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
    """Return the emulators' virtual environment: HANKSTANK_EMULATORS, or `.venv-emulators`."""
    return Path(os.environ.get("HANKSTANK_EMULATORS", _ROOT / ".venv-emulators"))


@contextmanager
def bigquery_emulator(
    project: str, data: Path | None = None, log: Path | None = None, port: int | None = None
) -> Iterator[str]:
    """Run the emulator and yield its address, the value of BIGQUERY_EMULATOR_HOST.

    Creates the datasets that Terraform makes. Tables are kept in the folder `data`, or in memory without
    one. Raises EmulatorAbsent, EmulatorFailed.
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
    """Return a home folder with DuckDB's spatial extension, which the emulator needs at start.

    DuckDB only looks for extensions in the home folder; the user's own home is not touched.
    """
    home = environment / "home"
    if any(home.glob(".duckdb/extensions/*/*/spatial.duckdb_extension")):
        return home
    shipped = next(environment.glob(f"{_SPATIAL}/v*/spatial.duckdb_extension"), None)
    if shipped is None:
        raise EmulatorAbsent(f"{environment}: no BigQuery emulator is installed there: run `make emulators`")
    completed = subprocess.run([environment / "bin/python", "-c", _PLATFORM], capture_output=True, check=True)
    place = home / ".duckdb/extensions" / shipped.parent.name / completed.stdout.decode().strip()
    place.mkdir(parents=True, exist_ok=True)
    copied = place / f"{os.getpid()}.part"
    shutil.copy(shipped, copied)
    copied.replace(place / shipped.name)  # atomic, also when two start at the same time
    return home


def create_datasets(address: str, project: str) -> None:
    """Create the datasets that Terraform makes, unless they exist."""
    names = {tables.get_table(name).dataset for name in tables.list_tables()} | {_STAGING}
    with httpx.Client(trust_env=False) as client:
        for name in sorted(names):
            dataset = {"datasetReference": {"projectId": project, "datasetId": name}, "location": "US"}
            answer = client.post(_datasets_url(address, project), json=dataset)
            if answer.status_code != httpx.codes.CONFLICT:
                answer.raise_for_status()


def _datasets_url(address: str, project: str) -> str:
    return f"{address}/bigquery/v2/projects/{project}/datasets"
