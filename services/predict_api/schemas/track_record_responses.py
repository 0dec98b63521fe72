"""The types of answers about models and the track record."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta

from services.predict_api.schemas.responses import Answer, World
from shared.modeling.forecast_record import RecordWindow

Share = Annotated[float, Meta(ge=0, le=1)]


class HoldoutResult(Answer, frozen=True, kw_only=True):
    """How a model did on days held out after training, beside the naive forecast; lower is better."""

    first: date
    last: date
    games: int
    rows: int
    log_loss: float
    log_loss_se: float
    naive_log_loss: float
    gain: float
    gain_se: float
    brier: float
    naive_brier: float


class ModelCard(Answer, frozen=True, kw_only=True):
    """A model in production, or a challenger, which forecasts but never answers."""

    target: str
    version: str
    form: str
    trained_from: date
    trained_until: date
    rows: int
    features: list[str]
    walk_forward: HoldoutResult
    artifact_sha256: str
    is_challenger: bool


class ModelsAnswer(Answer, frozen=True, kw_only=True):
    """The models of the release that answers."""

    world: World
    release: str
    models: list[ModelCard]


class ModelScore(Answer, frozen=True, kw_only=True):
    """How stored forecasts of one model did once their games were over."""

    target: str
    model_version: str
    is_challenger: bool
    variant: str | None
    forecasts: int
    log_loss: float
    squared_error: float | None
    first_date: date | None
    last_date: date | None


class MonthlyScore(Answer, frozen=True, kw_only=True):
    """A month of scored forecasts; the naive loss, of home wins only, uses the home clubs' share of wins."""

    target: str
    month: date
    forecasts: int
    log_loss: float
    naive_log_loss: float | None


class ReliabilityBin(Answer, frozen=True, kw_only=True):
    """A tenth of the forecasts by probability: predicted and observed means, with the standard error."""

    forecasts: int
    promised: float
    happened: float
    error: float


class BenchmarkScore(Answer, frozen=True, kw_only=True):
    """Another forecaster of the same games; `gain` is its log loss minus ours, above 0 we are better."""

    name: str
    rows: int
    log_loss: float
    gain: float
    gain_se: float


class TargetEvaluation(Answer, frozen=True, kw_only=True):
    """How forecasts of one target did on seasons that were held out, with line-ups posted."""

    rows: int
    games: int
    log_loss: float
    log_loss_se: float
    calibration_slope: float
    rivals: list[BenchmarkScore]
    by_month: dict[str, float]
    by_season: dict[str, float]
    reliability: list[ReliabilityBin]


class Evaluation(Answer, frozen=True, kw_only=True):
    """A walk-forward evaluation of seasons: models trained before each, inputs of the day before."""

    made_at: datetime
    first: int
    last: int
    history: int
    notice: str
    targets: dict[str, TargetEvaluation]


class TrackRecordAnswer(Answer, frozen=True, kw_only=True):
    """Scores of stored forecasts; apart from them, the evaluation on held-out days.

    `is_enough`: enough games are scored that the record means more than the evaluation. `windows` are the
    last day with results, its last 7, 14 and 30 days, and its season.
    """

    world: World
    windows: list[RecordWindow]
    is_enough: bool
    graded: list[ModelScore]
    by_month: list[MonthlyScore]
    reliability: dict[str, list[ReliabilityBin]]
    walk_forward: dict[str, HoldoutResult]
    evaluation: Evaluation | None
