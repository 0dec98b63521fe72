"""What an evaluation demands before it begins."""

from datetime import UTC, datetime

import pytest

from evaluation.run import EvaluationOptions, UnknownTarget, run_evaluation
from shared.adapters.local.run_lock import FolderInUse, run_lock
from shared.errors import UserError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def choice(tmp_path):
    return EvaluationOptions(2016, 2016, 2015, ("home_win",), tmp_path / "data", tmp_path / "out")


def test_two_never_share_a_folder(choice):
    with run_lock(choice.out), pytest.raises(FolderInUse, match="or choose another folder"):
        run_evaluation(choice, NOW)


def test_target_that_is_not_forecast_is_refused_with_those_that_are(choice):
    choice = EvaluationOptions(**{**vars(choice), "targets": ("home_wins",)})
    with pytest.raises(UnknownTarget, match=r"home_win.*got \['home_wins'\]"):
        run_evaluation(choice, NOW)


def test_seasons_that_are_missing_are_named(choice):
    with pytest.raises(UserError, match=r"2015eve.zip, \S+2016eve.zip, \S+register.csv"):
        run_evaluation(choice, NOW)
