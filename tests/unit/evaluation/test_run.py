"""An evaluation checks its folder, targets and seasons before it starts."""

from datetime import UTC, datetime

import pytest

from evaluation.run import EvaluationOptions, UnknownTarget, run_evaluation
from shared.adapters.local.run_lock import FolderInUse, run_lock
from shared.errors import UserError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def options(tmp_path):
    return EvaluationOptions(2016, 2016, 2015, ("home_win",), tmp_path / "data", tmp_path / "out")


def test_two_evaluations_cannot_share_a_folder(options):
    with run_lock(options.out), pytest.raises(FolderInUse, match="or choose another folder"):
        run_evaluation(options, NOW)


def test_unknown_target_is_rejected_with_the_known_ones(options):
    options = EvaluationOptions(**{**vars(options), "targets": ("home_wins",)})
    with pytest.raises(UnknownTarget, match=r"home_win.*got \['home_wins'\]"):
        run_evaluation(options, NOW)


def test_seasons_that_are_missing_are_named(options):
    with pytest.raises(UserError, match=r"2015eve.zip, \S+2016eve.zip, \S+register.csv"):
        run_evaluation(options, NOW)
