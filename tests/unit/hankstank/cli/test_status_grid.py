"""`hankstank status` draws what each day must have: a hole is a symbol in its row and a line with numbers."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from typer.testing import CliRunner

from hankstank.cli.app import app
from shared.adapters.local.folder_store import FolderStore
from shared.storage.daily_outputs import (
    OUTPUTS,
    DailyOutputs,
    DayOutputs,
    Objective,
    OutputCount,
    save_daily_outputs,
)

NOW = datetime(2026, 4, 9, 9, 30, tzinfo=UTC)


def store_counts(home: Path) -> None:
    whole = {name: OutputCount.judge(2, 2) for name in OUTPUTS}
    days = (
        DayOutputs(date(2026, 4, 7), whole),
        DayOutputs(date(2026, 4, 8), whole | {"plays": OutputCount.judge(15, 12)}),
        DayOutputs(date(2026, 4, 9), {name: OutputCount(0, 0, "not_due") for name in OUTPUTS}),
    )
    objectives = (
        Objective("data_age", "age of the data", "below", 24, "h", "hours", 3.5, "met"),
        Objective("cost", "cost of a month", "below", 50, "$", "bill", None, "not_measured", "no bill"),
    )
    save_daily_outputs(FolderStore(home / "objects"), DailyOutputs(NOW, days, objectives=objectives))


def shown(home: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["status", "--home", str(home), *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_status_draws_a_grid_with_holes(tmp_path: Path):
    store_counts(tmp_path)
    lines = {" ".join(line.split()) for line in shown(tmp_path).splitlines()}
    assert {"07 08 09", "games ✓ ✓ ·", "plays ✓ ◐ ·", "2026-04-08: plays 12 of 15"} <= lines
    assert "age of the data met 3.5 h (below 24 h)" in lines
    assert "cost of a month not measured no bill (below 50 $)" in lines


def test_status_for_programs_has_the_counts(tmp_path: Path):
    store_counts(tmp_path)
    outputs = json.loads(shown(tmp_path, "--json"))["outputs"]
    assert outputs["days"][1]["outputs"]["plays"] == {"expected": 15, "actual": 12, "state": "partial"}
    assert [one["state"] for one in outputs["objectives"]] == ["met", "not_measured"]


def test_status_before_the_first_count_has_no_grid(tmp_path: Path):
    FolderStore(tmp_path / "objects").overwrite("status/x.json", b"{}")
    assert "What each day must have" not in shown(tmp_path)
