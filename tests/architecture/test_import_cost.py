"""What a cold start pays before the first request: little of ours, and no client, engine or model library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/main.py"))
OURS = {"shared", "services", "simulator", "evaluation", "hankstank"}
OTHERS_HEAVY = {"xgboost", "duckdb", "sqlglot", "pyarrow", "grpc", "google.api_core", "google.auth"}
MODEL_LIBRARIES = ("numpy", "optuna", "flask", "jinja2")  # in the locks of some services only
YARDSTICK = "asyncio, email.mime.text, http.server, multiprocessing.pool, pydoc, sqlite3, unittest.mock, xml.dom.minidom"
RUNS = 50  # other work on the machine disturbs single runs: one below the yardstick is enough


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds compiled modules, as an image does."""
    return tmp_path_factory.mktemp("bytecode")


def imported(statement: str, bytecode: Path) -> dict[str, float]:
    """Return the own seconds of every module that a fresh interpreter loads for `statement`."""
    environment = {name: result for name, result in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", statement],
        env={**environment, "PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    lines = [line.removeprefix("import time:").split("|") for line in child.stderr.splitlines()]
    return {line[2].strip(): int(line[0]) / 1e6 for line in lines if line[0].strip().isdigit()}


def is_cheap(statement: str, bytecode: Path) -> bool:
    """Return whether our modules cost less than Python's own of the yardstick, in the same interpreter."""
    modules = imported(f"import {YARDSTICK}; {statement}", bytecode)
    ours = sum(seconds for name, seconds in modules.items() if name.split(".")[0] in OURS)
    return ours < sum(
        result for name, result in modules.items() if name.split(".")[0] in sys.stdlib_module_names
    )


def heavy(modules: dict[str, float]) -> set[str]:
    clients = {name for name in modules if name.startswith("google.cloud.")}
    return clients | (OTHERS_HEAVY & modules.keys())


@pytest.mark.parametrize("service", SERVICES)
def test_own_modules_are_cheap_and_nothing_heavy_is_loaded(service: str, bytecode: Path) -> None:
    statement = f"import services.{service}.main"
    assert heavy(imported(statement, bytecode)) == set()  # and what was compiled now is cheap from here on
    assert any(is_cheap(statement, bytecode) for _ in range(RUNS))


@pytest.mark.parametrize("service", SERVICES)
def test_every_library_that_is_loaded_is_in_the_services_lock(service: str) -> None:
    lock = (ROOT / f"requirements/{service}.txt").read_text()
    lacking = [name for name in MODEL_LIBRARIES if f"\n{name.replace('_', '-')}==" not in f"\n{lock}"]
    blocked = f"import sys; sys.modules.update(dict.fromkeys({lacking!r}))"
    subprocess.run(
        [sys.executable, "-c", f"{blocked}; import services.{service}.main"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )


def test_a_planted_client_is_seen(bytecode: Path) -> None:
    assert "google.cloud.storage" in heavy(imported("import google.cloud.storage", bytecode))


def test_planted_work_is_seen(bytecode: Path, tmp_path: Path) -> None:
    work = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end:\n    pass\n"
    (tmp_path / "services.py").write_text(work)
    assert not is_cheap(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import services", bytecode)


def test_an_entry_point_starts_no_thread(bytecode: Path) -> None:
    imports = "; ".join(f"import services.{service}.main" for service in SERVICES)
    imported(f"{imports}; import threading; assert threading.active_count() == 1", bytecode)
