"""A target's report: calibration at lines and as a gate, the alarm for leaks, and a page that shows them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from evaluation import page, report
from evaluation.run import needed_columns
from evaluation.walk_forward import Forecasts, WalkForwardResult
from services.trainer.dataset import build_sample
from shared.modeling.distribution import poisson_distribution
from shared.sports.mlb.targets import BY_NAME, TARGETS

GAMES = 2000
RNG = np.random.default_rng(11)
MEANS = RNG.uniform(3, 8, 2 * GAMES)
COUNTS = np.minimum(RNG.poisson(MEANS), 25)
TARGET = BY_NAME["pitcher_strikeouts"]


def sample():
    n = len(COUNTS)
    known = {name: np.ones(n) for name in TARGET.required_columns} | {"strikeouts": COUNTS.astype(float)}
    keys = {"game_pk": np.arange(n) // 2, "player_id": np.arange(n), "game_type": ["R"] * n}
    day = np.datetime64("2016-04-01") + np.arange(n) // 30
    return build_sample(pl.DataFrame(keys | known | {"game_date": day, "known_date": day}), TARGET)


def forecasts(means):
    return Forecasts(means, poisson_distribution(means, 25))


def reported(means, target=TARGET):
    rows = sample()
    result = WalkForwardResult(
        target, rows, forecasts(means), forecasts(np.full_like(MEANS, 5.5)), {2016: None}
    )
    return report.target_report(result, {"line-ups unknown": (rows, forecasts(1.2 * MEANS))}, {})


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("home_win", set()),
        ("home_score", {3.5, 4.5}),
        ("away_score", {3.5, 4.5}),
        ("batter_hits", {0.5, 1.5}),
        ("batter_home_runs", {0.5, 1.5}),
        ("pitcher_outs", {15.5, 17.5}),
        ("pitcher_strikeouts", {4.5, 5.5, 6.5}),
    ],
)
def test_counts_are_checked_at_their_lines(name, lines):
    found = set(report.lines_of(BY_NAME[name]))
    assert lines <= found
    assert bool(lines) == bool(found)


def test_every_variant_is_checked_at_lines():
    variants = reported(MEANS)["variants"]
    right, high = (variants[name]["by_line"]["5.5"] for name in ("confirmed line-ups", "line-ups unknown"))
    assert right["happened"] == pytest.approx((COUNTS > 5.5).mean())
    assert abs(right["difference"]) < 3 * right["difference_se"]
    assert high["difference"] < -5 * high["difference_se"]


def test_gate_passes_true_means_and_not_those_a_fifth_too_high():
    variants = reported(MEANS)["variants"]
    right, high = (variants[name]["gate"] for name in ("confirmed line-ups", "line-ups unknown"))
    assert (right["passes"], right["fault"]) == (True, "")
    assert abs(right["slope"] - 1) < 3 * right["slope_se"]
    assert not high["passes"]
    assert high["intercept"] == pytest.approx(-np.log(1.2), abs=3 * high["intercept_se"])


def test_gate_does_not_pass_forecasts_that_are_too_bold():
    bold = MEANS**2 / 5.5
    gate = reported(bold)["variants"]["confirmed line-ups"]["gate"]
    assert gate["slope"] == pytest.approx(0.5, abs=3 * gate["slope_se"])
    assert "slope" in gate["fault"]


@pytest.mark.parametrize(("bound", "alarms"), [(1.0, 0), (3.0, 1)])
def test_log_loss_below_the_bound_rings_the_alarm(bound, alarms):
    assert len(reported(MEANS, replace(TARGET, bound=bound))["too_good_to_be_true"]) == alarms


def whole_report(target_report):
    return {
        "seasons": {"first": 2016, "last": 2016, "history": 2015},
        "evaluations_of_held_out_seasons": {"2016": 4},
        "evaluations_are_counted_in": "data/looks.jsonl",
        "ablation_comparisons": 0,
        "one_game": {},
        "seconds_in_all": 1.0,
        "peak_memory_mb": 1,
        "targets": {"pitcher_strikeouts": target_report},
        "odds": {},
        "odds_not_read": [],
        "pitch_quality": {},
        "requested_features": {},
        "unreadable_games": {},
        "notice": "",
    }


def test_page_shows_lines_gates_and_where_looks_are_counted():
    html = page.render_page(whole_report(reported(MEANS, replace(TARGET, bound=3.0))))
    for text in ("over 5.5, confirmed line-ups", "passes", "calibration intercept", "look for a leak"):
        assert text in html
    assert "2016: 4, counted in data/looks.jsonl" in html
    assert "comparisons in all" not in html
    assert "Chosen on earlier seasons" not in html


def test_page_shows_ablation_and_nested_choice_where_they_were_asked_for():
    loss, difference = {"log_loss": 2.2, "se": 0.01}, {"mean": -0.0012, "se": 0.0007}
    more = {
        "ablation": {"month": {"read": True, "columns": ["month"]} | difference},
        "nested": {
            "candidates": 4,
            "chosen": {"2016": "the pool"},
            "nested": loss,
            "pool": loss,
            "hindsight": {"candidate": "formula with trees alone"} | loss,
            "hindsight_minus_nested": difference,
            "nested_minus_pool": difference,
        },
    }
    html = page.render_page(whole_report(reported(MEANS) | more) | {"ablation_comparisons": 220})
    assert "220 comparisons in all" in html
    assert "some 10 of them" in html
    assert "among 4 candidates" in html
    assert "best with hindsight: formula with trees alone" in html
    assert "-0.00120 ± 0.00070" in html


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_needed_columns_are_all_that_a_target_reads(target):
    needed = needed_columns(target)
    assert set(target.required_columns) <= set(needed)
    assert {"game_pk", "game_date", "known_date", "game_type"} <= set(needed)
    assert {name for columns in target.benchmarks.values() for name in columns} <= set(needed)
