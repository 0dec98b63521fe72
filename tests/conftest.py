"""What every run of the tests tells at its end: which adapters kept their port's promises, and which were absent."""

from collections import Counter
from pathlib import PurePath
from typing import Any

CONTRACTS = "tests/contracts/test_"


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
