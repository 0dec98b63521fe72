"""Judges models by the scores of their stored forecasts: a challenger, and production itself."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from services.trainer.dataset import Sample
from services.trainer.scores import PairedDifference, paired_rows
from services.trainer.selection.naive import naive_losses
from services.trainer.selection.promotion import PromotionVerdict, passes_shadow
from shared.modeling.distribution import Floats
from shared.modeling.manifest import ModelManifest
from shared.modeling.registry import is_same_minor
from shared.modeling.target import Target
from shared.ports import Warehouse

SHADOW_GAMES = 400  # a month: a challenger is judged once, when so many are scored
SHADOW_DAYS = 60  # of data: a challenger with too few scored games by then is dropped
BROKEN_DAYS, BROKEN_GAMES = 30, 100
BROKEN_ERRORS = 2.0  # standard errors worse than naive
_SCORED = Path(__file__).with_name("scored_forecasts.sql").read_text()
_FORECAST_KEY = ["game_pk", "player_id"]


def scored_forecasts(warehouse: Warehouse, as_of: date) -> pl.DataFrame:
    """Return the scored forecasts of the last `SHADOW_DAYS` days, one row a forecast."""
    return warehouse.query_rows(_SCORED, first=as_of - timedelta(days=SHADOW_DAYS - 1), as_of=as_of)


def judge_challenger(challenger: ModelManifest, scored: pl.DataFrame, as_of: date) -> PromotionVerdict | None:
    """Judge a challenger on the games that it and production forecast from the same release; None: not yet.

    Once, when enough games are over: looking every day and stopping at a good moment finds "95 %" by chance
    far more often than one time in twenty.
    """
    found = loss_difference(challenger, scored)
    if found and found.games >= SHADOW_GAMES:
        return passes_shadow(challenger.version, found)
    if (as_of - challenger.as_of).days >= SHADOW_DAYS:
        games = found.games if found else 0
        reason = f"challenger {challenger.version}: {games} games scored in {SHADOW_DAYS} days"
        return PromotionVerdict(deploy=False, reason=f"{reason}, expected {SHADOW_GAMES}")
    return None


def loss_difference(challenger: ModelManifest, scored: pl.DataFrame) -> PairedDifference | None:
    """Return the challenger's log loss minus production's on forecasts that both made; None without any."""
    of_target = scored.filter(pl.col("target") == challenger.target)
    is_ours = pl.col("is_challenger") & (pl.col("model_version") == challenger.version)
    theirs = of_target.filter(~pl.col("is_challenger"))
    both = of_target.filter(is_ours).join(
        theirs, on=[*_FORECAST_KEY, "release_id"], suffix="_production", nulls_equal=True
    )
    latest = _latest_forecasts(both)
    if latest.is_empty():
        return None
    losses = (latest["log_loss"] - latest["log_loss_production"]).to_numpy()
    return paired_rows(losses, latest["game_pk"].to_numpy())


def find_production_failure(
    production: ModelManifest, scored: pl.DataFrame, target: Target, rows: Sample
) -> str:
    """Say why production is broken: clearly worse than naive on its latest scored games; "" if it is not.

    Versions of the same form are one: a new form is judged by its own forecasts only.
    """
    since = production.as_of - timedelta(days=BROKEN_DAYS)
    lines = [v for v in scored["model_version"].unique() if is_same_minor(v, production.version)]
    own = scored.filter(
        (pl.col("target") == target.name)
        & ~pl.col("is_challenger")
        & pl.col("model_version").is_in(lines)
        & (pl.col("game_date") >= since)
    )
    losses = _of_rows(_latest_forecasts(own), rows, ["game_pk"] if target.rows == "game" else _FORECAST_KEY)
    forecast_rows = np.isfinite(losses)
    if not forecast_rows.any():
        return ""
    judged_rows = rows.filter_rows(forecast_rows)
    past = rows.known_before(int(judged_rows.days.min()))
    if not len(past):
        return ""
    naive = naive_losses(target, past, judged_rows).log_loss
    found = paired_rows(losses[forecast_rows] - naive, judged_rows.games)
    is_broken = found.games >= BROKEN_GAMES and found.mean - BROKEN_ERRORS * found.se > 0
    return f"scored forecasts worse than naive: {found}" if is_broken else ""


def _latest_forecasts(scored: pl.DataFrame) -> pl.DataFrame:
    """Return of each game and player the forecast of the last release before it was played."""
    return scored.sort("release_id").unique(_FORECAST_KEY, keep="last", maintain_order=True)


def _of_rows(scored: pl.DataFrame, rows: Sample, keys: list[str]) -> Floats:
    """Return the log loss of each row; NaN where none was forecast."""
    losses = scored.select(*keys, "log_loss").unique(keys)
    found = rows.frame.select(keys).join(losses, on=keys, how="left", maintain_order="left")
    return found["log_loss"].fill_null(np.nan).to_numpy()
