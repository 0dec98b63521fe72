"""The bill of the recorded season: under the target, with its big lines apart, and true to its page."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.dev.cost import bill as bill_module
from hankstank.dev.cost import load, statement
from hankstank.dev.cost.bill import Bill, compute_bill, minimum_instance_cost
from hankstank.dev.cost.prices import price_list
from hankstank.dev.cost.usage import load_recorded_usage

USAGE = load_recorded_usage()
IN_SEASON, OFF_SEASON = (compute_bill(USAGE, month) for month in ("in-season", "off-season"))


def cost(*words: str):
    return CliRunner().invoke(app, ["cost", *words], env={"COLUMNS": "200"})


def test_season_without_minimum_instance_is_under_target():
    assert IN_SEASON.sums["without_minimum_instance"] < statement.TARGET


def test_season_stays_under_target_once_alerting_is_charged():
    assert IN_SEASON.sums["without_minimum_instance"] + IN_SEASON.sums["announced"] < statement.TARGET


def test_day_stays_under_its_alert():
    assert max(IN_SEASON.sums["a_day"], OFF_SEASON.sums["a_day"]) < statement.DAILY_ALERT


def test_off_season_costs_less():
    assert OFF_SEASON.sums["total"] < IN_SEASON.sums["total"]
    assert OFF_SEASON.sums["gross"] < IN_SEASON.sums["gross"]


def test_minimum_instance_of_the_api_is_apart():
    assert minimum_instance_cost(2, 2) == Decimal("26.28")
    assert (
        IN_SEASON.sums["total"]
        == IN_SEASON.sums["without_minimum_instance"] + IN_SEASON.sums["minimum_instance"]
    )


@pytest.mark.parametrize("one", [IN_SEASON, OFF_SEASON], ids=lambda one: one.month)
def test_sums_are_those_of_the_lines(one: Bill):
    assert one.sums["total"] == sum(line.net for line in one.lines)
    assert one.sums["gross"] == one.sums["total"] + sum(line.free for line in one.lines)


@given(st.floats(1, 1000))
def test_more_rows_never_cost_less(times: float):
    more = {name: replace(rows, a_day=rows.a_day * times) for name, rows in USAGE.tables.items()}
    assert compute_bill(replace(USAGE, tables=more), "in-season").sums["total"] >= IN_SEASON.sums["total"]


def test_every_assumption_is_used():
    code = "".join(Path(module.__file__).read_text() for module in (bill_module, load))
    assert set(load.load_assumptions()) <= set(re.findall(r"""["'](\w+)["']""", code))


def test_every_assumption_has_its_reason():
    assert all(each["why"] for each in load.read_json(load.QUANTITIES)["assumed"].values())


@pytest.mark.parametrize("one", [IN_SEASON, OFF_SEASON], ids=lambda one: one.month)
def test_every_price_has_its_line_and_reason(one: Bill):
    assert [line.key for line in one.lines] == [price.key for price in price_list().prices]
    assert all(line.why for line in one.lines)


def test_every_stated_quantity_is_priced():
    assert load.read_json(load.QUANTITIES)["monthly"].keys() == {price.key for price in price_list().prices}


def test_conditions_paid_for_are_those_of_terraform():
    alerts = (load.ROOT / "terraform/modules/platform/alerts.tf").read_text()
    measured = alerts[alerts.index("metric_alerts = {") : alerts.index("log_alerts = {")]
    conditions = len(re.findall(r"^    [a-z-]+ = \{$", measured, re.MULTILINE))
    (why,) = (line.why for line in IN_SEASON.lines if line.key == "alerting.metrics")
    assert f"in {conditions} conditions" in why


def test_page_says_what_the_command_says():
    page = statement.PAGE.read_text()
    assert page == statement.render_page(page), "write it again: python -m hankstank.dev.cost.statement"


def test_command_shows_lines_and_sums():
    shown = cost("--month", "off-season").stdout
    assert "A month off-season" in shown
    assert statement.format_usd(OFF_SEASON.sums["total"]) in shown


def test_programs_get_exact_amounts():
    values = json.loads(cost("--json").stdout)
    assert Decimal(values["sums"]["total"]) == IN_SEASON.sums["total"]
    assert len(values["lines"]) == len(IN_SEASON.lines)


def test_folder_without_a_run_is_refused(tmp_path):
    refused = cost("--home", str(tmp_path))
    assert refused.exit_code == 1
    assert "expected the stores of a finished run" in refused.stderr
