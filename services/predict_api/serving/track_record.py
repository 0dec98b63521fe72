"""Builds the track record: scores of stored forecasts, and apart from them, evaluations."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from math import log, sqrt

import msgspec
import polars as pl

from services.predict_api.schemas.track_record_responses import (
    Evaluation,
    HoldoutResult,
    ModelCard,
    ModelsAnswer,
    ModelScore,
    MonthlyScore,
    ReliabilityBin,
    TrackRecordAnswer,
)
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN
from shared.errors import ObjectCorrupted, ObjectMissing
from shared.modeling.forecast_record import ForecastRecord
from shared.modeling.manifest import ModelManifest
from shared.modeling.model import Model
from shared.ports import ObjectStore

logger = logging.getLogger(__name__)

EVALUATION_OBJECT = "records/evaluation.json"  # written by `hankstank evaluate --publish`
MIN_SCORED_GAMES = 400  # games: with fewer, luck dominates
_NO_MONTHS = pl.DataFrame(  # for a snapshot without months, of an earlier version
    schema=dict.fromkeys(("target", "model_version", "variant"), pl.String)
    | {"is_challenger": pl.Boolean, "forecasts": pl.Int64}
    | dict.fromkeys(("log_loss", "squared_error", "happened"), pl.Float64)
    | dict.fromkeys(("month", "first_date", "last_date"), pl.Date)
)


def describe_models(forecaster: Forecaster) -> ModelsAnswer:
    """Return the models of the served release, and its challengers."""
    model_cards = [_model_card(model, is_challenger=False) for model in forecaster.models.values()]
    model_cards += [_model_card(model, is_challenger=True) for model in forecaster.challengers.values()]
    return ModelsAnswer(world=forecaster.world, release=forecaster.release.id, models=model_cards)


def build_track_record(forecaster: Forecaster, windows: ForecastRecord) -> TrackRecordAnswer:
    """Return the record of the last days, graded forecasts by model and month, and apart, evaluations."""
    tables = forecaster.snapshot.tables
    months = tables["track_record"] if "reliability" in tables else _NO_MONTHS
    wins = months.filter(pl.col("target") == HOME_WIN, ~pl.col("is_challenger"))
    return TrackRecordAnswer(
        world=forecaster.world,
        windows=list(windows.windows),
        is_enough=_count_scored_games(wins) >= MIN_SCORED_GAMES,
        graded=[ModelScore(**row) for row in _by_model(months).iter_rows(named=True)],
        by_month=list(_by_month(months, wins)),
        reliability=_reliability_by_target(forecaster),
        walk_forward={
            target: _holdout_result(_model_manifest(model)) for target, model in forecaster.models.items()
        },
        evaluation=forecaster.evaluation,
    )


def published_evaluation(objects: ObjectStore) -> Evaluation | None:
    """Return the evaluation that was published; None where there is none or it cannot be read."""
    try:
        return msgspec.json.decode(objects.read_bytes(EVALUATION_OBJECT), type=Evaluation)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        logger.warning("%s: skipped: %s", EVALUATION_OBJECT, error)
        return None


def _count_scored_games(wins: pl.DataFrame) -> int:
    """Return the least number of scored games: a game may be forecast before and after its line-ups."""
    by_variant = wins.group_by("variant").agg(pl.col("forecasts").sum())
    return max(by_variant["forecasts"], default=0)


def _weighted_mean(name: str) -> pl.Expr:
    return (pl.col(name) * pl.col("forecasts")).sum() / pl.col("forecasts").sum()


def _by_model(months: pl.DataFrame) -> pl.DataFrame:
    return months.group_by("target", "model_version", "is_challenger", "variant", maintain_order=True).agg(
        _weighted_mean("log_loss"),
        _weighted_mean("squared_error"),
        pl.col("forecasts").sum(),
        pl.col("first_date").min(),
        pl.col("last_date").max(),
    )


def _by_month(months: pl.DataFrame, wins: pl.DataFrame) -> Iterator[MonthlyScore]:
    home_share = float(wins.select(_weighted_mean("happened")).item() or 0.0)
    answered = months.filter(~pl.col("is_challenger")).group_by("target", "month", maintain_order=True)
    summed = answered.agg(_weighted_mean("log_loss"), _weighted_mean("happened"), pl.col("forecasts").sum())
    for row in summed.sort("target", "month").iter_rows(named=True):
        is_win = row["target"] == HOME_WIN and 0 < home_share < 1
        yield MonthlyScore(
            target=row["target"],
            month=row["month"],
            forecasts=row["forecasts"],
            log_loss=row["log_loss"],
            naive_log_loss=_binary_log_loss(home_share, row["happened"]) if is_win else None,
        )


def _binary_log_loss(promised: float, happened: float) -> float:
    """Return the log loss of one constant probability, where a share happened."""
    return -happened * log(promised) - (1 - happened) * log(1 - promised)


def _reliability_by_target(forecaster: Forecaster) -> dict[str, list[ReliabilityBin]]:
    found: dict[str, list[ReliabilityBin]] = defaultdict(list)
    tenths = forecaster.snapshot.tables.get("reliability", pl.DataFrame())
    for row in tenths.iter_rows(named=True):
        error = row["deviation"] / sqrt(row["forecasts"])
        counts = {name: row[name] for name in ("forecasts", "promised", "happened")}
        found[row["target"]].append(ReliabilityBin(**counts, error=error))
    return dict(found)


def _model_card(model: Model, *, is_challenger: bool) -> ModelCard:
    manifest = _model_manifest(model)
    return ModelCard(
        target=manifest.target,
        version=manifest.version,
        form=manifest.form,
        trained_from=manifest.trained_on.first,
        trained_until=manifest.trained_on.last,
        rows=manifest.trained_on.rows,
        features=list(manifest.features),
        walk_forward=_holdout_result(manifest),
        artifact_sha256=manifest.artifact_sha256,
        is_challenger=is_challenger,
    )


def _holdout_result(manifest: ModelManifest) -> HoldoutResult:
    evaluation = manifest.evaluation
    return HoldoutResult(
        first=evaluation.first,
        last=evaluation.last,
        games=evaluation.games,
        rows=evaluation.rows,
        log_loss=evaluation.ours.log_loss,
        log_loss_se=evaluation.ours.log_loss_se,
        naive_log_loss=evaluation.naive.log_loss,
        gain=evaluation.gain,
        gain_se=evaluation.gain_se,
        brier=evaluation.ours.brier,
        naive_brier=evaluation.naive.brier,
    )


def _model_manifest(model: Model) -> ModelManifest:
    if not isinstance(model.manifest, ModelManifest):
        raise TypeError(f"{model.manifest.target}: expected the manifest of a registered model")
    return model.manifest
