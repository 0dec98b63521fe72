"""How a club's runs divide between early and late innings, by the other club's starter and its pen."""

import numpy as np
import polars as pl

from shared.modeling.distribution import Floats
from shared.sports.mlb.game_runs.half_innings import EARLY_INNINGS

# Fitted on the regular seasons 2010-2012 by `evaluation.game_runs_fit`: on all innings one to eight the first
# five had so many times the runs of the others, and .76 ± .16 of what starters and pens promised beside.
_USUAL_RATIO, _EXPONENT = 1.016, 0.763
_LATE_INNINGS = 3  # six to eight
_BATTERS_PER_INNING = 4.3
_RUNS_PER_BATTER = 0.112  # of the major leagues; the columns of rows are relative to it
_LEAST_RUNS_PER_BATTER = 0.02


def early_to_late(rows: pl.DataFrame) -> Floats:
    """Return runs of a half-inning in innings one to five over those in later ones, [games, 2].

    Args:
        rows: game rows as `matchup.assembled_game_rows` returns them.
    """
    ratios = [promised_early_to_late(rows, fielding) for fielding in ("away", "home")]
    return _USUAL_RATIO * np.column_stack(ratios) ** _EXPONENT


def promised_early_to_late(rows: pl.DataFrame, fielding: str) -> Floats:
    """Return that ratio by the rates of the `fielding` club's starter and pen alone, [games].

    The starter pitches the first innings, as many as the batters expected of them.
    """
    starter, pen = (
        np.maximum(
            _RUNS_PER_BATTER + rows[f"{fielding}_{name}_runs_above_average"].to_numpy(),
            _LEAST_RUNS_PER_BATTER,
        )
        for name in ("starter", "bullpen")
    )
    innings = rows[f"{fielding}_starter_expected_batters"].to_numpy() / _BATTERS_PER_INNING
    early = np.clip(innings / EARLY_INNINGS, 0.0, 1.0)
    late = np.clip((innings - EARLY_INNINGS) / _LATE_INNINGS, 0.0, 1.0)
    return np.asarray((early * starter + (1 - early) * pen) / (late * starter + (1 - late) * pen))
