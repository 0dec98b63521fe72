"""What every run of the tests shares: no clock over examples, and a word at its end on which adapters kept what."""

from collections import Counter
from pathlib import PurePath
from typing import Any

from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # other work may make any example slow
settings.load_profile("any machine")

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
