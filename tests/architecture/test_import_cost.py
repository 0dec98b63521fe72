"""What a cold start pays before the first request: little of ours, and no client, engine or model library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/main.py"))
OURS = {"shared", "services", "hankstank"}
OTHERS_HEAVY = {"xgboost", "duckdb", "sqlglot", "pyarrow", "grpc", "google.api_core", "google.auth"}
BUDGET = 0.100  # seconds of this repository's own modules
RUNS = 10  # a busy machine only adds time: one run within the budget is enough
MEASURED = """
import time
clock, processor = time.perf_counter(), time.process_time()
{}
print((time.process_time() - processor) / (time.perf_counter() - clock))
"""


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds compiled modules, as an image does."""
    return tmp_path_factory.mktemp("bytecode")


def imported(statement: str, bytecode: Path) -> dict[str, float]:
    """Return the own seconds of every module that a fresh interpreter loads for `statement`.

    Python tells the time on the clock; it is scaled to the processor's, which other work cannot take from it.
    """
    environment = {name: told for name, told in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", MEASURED.format(statement)],
        env={**environment, "PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    lines = [line.removeprefix("import time:").split("|") for line in child.stderr.splitlines()]
    share = float(child.stdout)
    return {line[2].strip(): int(line[0]) / 1e6 * share for line in lines if line[0].strip().isdigit()}


def own_seconds(modules: dict[str, float]) -> float:
    return sum(seconds for name, seconds in modules.items() if name.split(".")[0] in OURS)


def heavy(modules: dict[str, float]) -> set[str]:
    clients = {name for name in modules if name.startswith("google.cloud.")}
    return clients | (OTHERS_HEAVY & modules.keys())


@pytest.mark.parametrize("service", SERVICES)
def test_own_modules_are_cheap(service: str, bytecode: Path) -> None:
    statement = f"import services.{service}.main"
    imported(statement, bytecode)
    assert any(own_seconds(imported(statement, bytecode)) < BUDGET for _ in range(RUNS))


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_heavy_is_loaded(service: str, bytecode: Path) -> None:
    assert heavy(imported(f"import services.{service}.main", bytecode)) == set()


def test_a_planted_client_is_seen(bytecode: Path) -> None:
    assert "google.cloud.storage" in heavy(imported("import google.cloud.storage", bytecode))


def test_planted_work_is_seen(bytecode: Path, tmp_path: Path) -> None:
    work = "import time\nend = time.process_time() + 0.15\nwhile time.process_time() < end:\n    pass\n"
    (tmp_path / "services.py").write_text(work)
    statement = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import services"
    assert own_seconds(imported(statement, bytecode)) > BUDGET


def test_an_entry_point_starts_no_thread(bytecode: Path) -> None:
    imports = "; ".join(f"import services.{service}.main" for service in SERVICES)
    imported(f"{imports}; import threading; assert threading.active_count() == 1", bytecode)
