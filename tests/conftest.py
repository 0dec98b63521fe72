"""What every run of the tests shares: no clock over examples, and a word at its end on which adapters kept what."""

import os
import signal
from collections import Counter
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Other work may make any example slow, and the making of examples too.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# OpenMP's threads turn in circles while they wait for one that other work holds up: twice the time, or ten times.
os.environ["OMP_NUM_THREADS"] = "1"  # read when a library is loaded, here and in children

os.environ.pop("HANKSTANK_NOTIFY", None)  # no test sends anything to the targets of who runs it

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background: children would be deaf too
    signal.signal(signal.SIGINT, signal.default_int_handler)

CONTRACTS = "tests/contracts/test_"
LONGEST = (  # begun first, so that no worker is left with one of them at the end
    "pipeline/test_six_processes",
    "pipeline/test_fault_injection",
    "pipeline/test_crash",
    "contracts/test_pubsub_bus",
    "contracts/test_cloud_storage",
    "contracts/test_bigquery_warehouse",
    "unit/services/features/test_step",
    "unit/services/trainer/test_step",
    "unit/services/features/test_any_history",
    "unit/services/features/test_degraded",
    "architecture/test_image",
    "contracts/test_console_on_google_cloud",
    "pipeline/test_swap_at_rate",
    "architecture/test_terraform",
    "pipeline/test_any_order",
    "pipeline/test_listed_season",
    "bench/test_bench",
    "pipeline/test_event_chain",
    "pipeline/test_forecasts_are_graded",
    "architecture/test_import_cost",
    "architecture/test_collection",
    "faults/test_stores",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; xdist deals files out in this order (`--no-loadscope-reorder`)."""
    rank = {f"tests/{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(LONGEST)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List the files of contract tests with what became of them."""
    told: dict[str, Counter[str]] = {}
    for outcome in ("passed", "skipped", "xfailed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            where = report.nodeid.partition("::")[0]
            if where.startswith(CONTRACTS):
                name = PurePath(where).stem.removeprefix("test_").replace("_", " ")
                told.setdefault(name, Counter())[outcome] += 1
    if told:
        terminalreporter.section("contracts, by adapter")
    for name, outcomes in sorted(told.items()):
        terminalreporter.line(f"{name}: {', '.join(f'{n} {what}' for what, n in outcomes.items())}")
