"""The BigQuery emulator on loopback: bqemulator, in a virtual environment of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import httpx

from hankstank.dev.emulators.command import EmulatorAbsent, EmulatorCommand, free_ports
from shared.storage import tables

_ROOT = Path(__file__).parents[3]
_SPATIAL = "lib/python*/site-packages/duckdb_extension_spatial/extensions"
_STAGING = "mlb_staging"
_PLATFORM = "import duckdb; print(duckdb.sql('pragma platform').fetchone()[0])"


def emulator_venv_path() -> Path:
    """Return the emulators' virtual environment: HANKSTANK_EMULATORS, or `.venv-emulators`."""
    return Path(os.environ.get("HANKSTANK_EMULATORS", _ROOT / ".venv-emulators"))


def bigquery_command(project: str, port: int, folder: Path | None = None) -> EmulatorCommand:
    """Return how to start the emulator, with its tables in `folder` or in memory; raises EmulatorAbsent."""
    home = _home_with_spatial(emulator_venv_path())
    address = f"http://127.0.0.1:{port}"
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    storage = ["--persistent", "--data-dir", str(folder)] if folder else ["--ephemeral"]
    ports = ["--rest-port", str(port), "--grpc-port", str(free_ports(1)[0])]
    start = [str(emulator_venv_path() / "bin/python"), "-m", "bqemulator", "start", "--project", project]
    quiet = {"BQEMU_LOG_LEVEL": "warning", "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
    return EmulatorCommand(
        [*start, *ports, *storage], address, _datasets_path(project), {"HOME": str(home), **quiet}
    )


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
            answer = client.post(address + _datasets_path(project), json=dataset)
            if answer.status_code != httpx.codes.CONFLICT:
                answer.raise_for_status()


def _datasets_path(project: str) -> str:
    return f"/bigquery/v2/projects/{project}/datasets"
