"""A calibrated forecast reaches the scores it should, and a biased one does not."""

import numpy as np
import pytest

from evaluation import charts, measures
from evaluation.walk_forward import Forecasts
from shared.modeling.distribution import poisson_distribution

RNG = np.random.default_rng(7)
MEANS = RNG.uniform(1, 8, 20_000)
OBSERVED = np.minimum(RNG.poisson(MEANS), 25)
TRUE = Forecasts(MEANS, poisson_distribution(MEANS, 25))
HIGH = Forecasts(1.3 * MEANS, poisson_distribution(1.3 * MEANS, 25))
GAMES = np.arange(len(MEANS)) // 2


def test_true_forecast_is_uniform():
    found = measures.pit_uniformity(measures.randomised_pit(TRUE, OBSERVED))
    assert found["ks_distance"] < 0.015
    assert found["between_10_and_90"] == pytest.approx(0.8, abs=0.01)


def test_high_forecast_is_not_uniform():
    assert measures.pit_uniformity(measures.randomised_pit(HIGH, OBSERVED))["ks_distance"] > 0.1


def test_true_forecast_has_slope_one():
    assert measures.calibration_line(1 - TRUE.chances[:, 0], OBSERVED > 0)["slope"] == pytest.approx(
        1, abs=0.06
    )


def test_interval_coverage_is_nominal():
    found = measures.interval_coverage(TRUE, OBSERVED)
    assert found["held"] == pytest.approx(found["promised"], abs=0.01)
    assert found["held"] >= 0.8


@pytest.mark.parametrize("score", ["log_loss", "rps", "absolute", "brier"])
def test_truth_beats_a_high_forecast(score):
    ours, theirs = (measures.row_scores(forecasts, OBSERVED)[score] for forecasts in (TRUE, HIGH))
    found = measures.paired_difference(ours, theirs, GAMES)
    assert found["mean"] + 2 * found["se"] < 0
    assert found["games"] == len(MEANS) / 2


def test_reliability_counts_every_row():
    groups = measures.reliability_groups(1 - TRUE.chances[:, 0], OBSERVED > 0)
    assert sum(group["rows"] for group in groups) == len(MEANS)


def test_forecast_of_a_line_is_calibrated():
    found = measures.scores_by_line(TRUE, OBSERVED, (3.5,), GAMES)["3.5"]
    assert abs(found["difference"]) < 3 * found["difference_se"]


def test_difference_at_a_line_is_clustered_by_game():
    """Two games of two rows; over 0.5 was promised at .5, .5, .2, .8 and happened in rows 1, 2 and 4."""
    chances = np.array([[0.5, 0.5], [0.5, 0.5], [0.8, 0.2], [0.2, 0.8]])
    forecasts, observed = Forecasts(chances[:, 1], chances), np.array([1, 1, 0, 1])
    found = measures.scores_by_line(forecasts, observed, (0.5,), np.array([1, 1, 2, 2]))["0.5"]
    assert (found["promised"], found["happened"], found["difference"]) == pytest.approx((0.5, 0.75, 0.25))
    # differences .5, .5, -.2, .2, less their mean .25: sums of games .5 and -.5
    assert found["difference_se"] == pytest.approx(np.sqrt(0.5) / 4)


def test_diagrams_are_self_contained():
    diagram = charts.reliability_diagram(measures.reliability_groups(1 - TRUE.chances[:, 0], OBSERVED > 0))
    assert diagram.startswith("<svg")
    assert "http" not in diagram + charts.pit_histogram([1.0] * 20)
