"""Checks a release before it is served: its models must predict real rows as XGBoost itself does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np

from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN, Forecast
from services.predict_api.serving.game_forecasts import ChallengerBroken, GameForecast
from shared.errors import Rejected
from shared.modeling.distribution import Floats
from shared.modeling.manifest import ModelManifest, ModelSpecification
from shared.modeling.model import Model, base_margin, load_booster

if TYPE_CHECKING:
    import xgboost

TOLERANCE = 1e-6
MAX_ROWS = 64  # of a target and variant, given to XGBoost a second time


class ReleaseRefused(Rejected):
    """A release fails its check; the old one keeps serving."""


@dataclass(frozen=True, slots=True)
class ReleaseCheck:
    """The result: rows checked by target, and how far forecasts moved from the served release."""

    rows: Mapping[str, int]
    largest_difference: float  # between the serving engine and XGBoost's own matrix
    mean_change: Mapping[str, float]  # by target, where the release before answered the same question


def check_release(new: Forecaster, old: Forecaster | None, artifacts: Mapping[str, bytes]) -> ReleaseCheck:
    """Forecast the next days' games, check every forecast and return the result.

    `artifacts` are the bytes, by target, of models that were not served before.

    Raises:
        ReleaseRefused: a model was made by a newer XGBoost, differs from XGBoost on the same rows, or
            answers with probabilities that are out of range or do not add up to 1.
        ChallengerBroken: so does a challenger, or it fails.
    """
    for model in new.models.values():
        check_library(model)
        check_family(model)
    game_forecasts = _forecast_next_days(new)
    by_target = _group_by_target(_answered_forecasts(game_forecasts))
    for target, forecasts in by_target.items():
        _check_chances(new.models[target], forecasts)
    _check_challengers(new.challengers, game_forecasts)
    differences = [
        _max_difference(new.models[target], artifact, by_target[target])
        for target, artifact in artifacts.items()
        if target in by_target
    ]
    before = _answered_forecasts(_forecast_next_days(old)) if old else []
    return ReleaseCheck(
        rows={target: len(forecasts) for target, forecasts in by_target.items()},
        largest_difference=max(differences, default=0.0),
        mean_change=_mean_changes(by_target, before),
    )


def _forecast_next_days(forecaster: Forecaster) -> list[GameForecast]:
    return [
        game_forecast
        for day in forecaster.next_days()
        for game_forecast in forecaster.forecast_day(day).values()
    ]


def _answered_forecasts(game_forecasts: Iterable[GameForecast]) -> list[Forecast]:
    """Return the forecasts that the API answers: production's, not the challengers'."""
    return [
        one
        for game_forecast in game_forecasts
        for one in game_forecast.all_forecasts()
        if not one.is_challenger
    ]


def _group_by_target(forecasts: Iterable[Forecast]) -> dict[str, list[Forecast]]:
    found: dict[str, list[Forecast]] = {}
    for one in forecasts:
        found.setdefault(one.target, []).append(one)
    return found


def _check_challengers(models: Mapping[str, Model], game_forecasts: Sequence[GameForecast]) -> None:
    for target, forecasts in _group_by_target(
        one for game_forecast in game_forecasts for one in game_forecast.challenger_forecasts
    ).items():
        try:
            _check_chances(models[target], forecasts)
        except ReleaseRefused as refusal:
            raise ChallengerBroken(target, forecasts[0].version, refusal) from None


def check_library(model: Model) -> None:
    """Raise ReleaseRefused for a model that a newer XGBoost made than the one here."""
    if not isinstance(model.manifest, ModelManifest):
        return
    trained_with, ours = model.manifest.libraries.get("xgboost", ""), _xgboost_version()
    if trained_with and _major_version(trained_with) > _major_version(ours):
        raise ReleaseRefused(
            f"{model.manifest.target} {model.manifest.version}: made by XGBoost {trained_with}, "
            f"here is {ours}: deploy the API with the trainer's libraries first"
        )


def check_family(model: Model) -> None:
    """Raise ReleaseRefused for a model whose distribution is not of its target's kind."""
    manifest = model.manifest
    is_yes_or_no = manifest.family == "bernoulli" and manifest.max_count == 1
    if is_yes_or_no != (manifest.target == HOME_WIN) or (manifest.family == "bernoulli" and not is_yes_or_no):
        raise ReleaseRefused(
            f"{manifest.target} {manifest.version}: expected "
            f"{'a bernoulli up to 1' if manifest.target == HOME_WIN else 'a distribution of counts'}, "
            f"got a {manifest.family} up to {manifest.max_count}"
        )


def _check_chances(model: Model, forecasts: Sequence[Forecast]) -> None:
    target, most = model.manifest.target, model.manifest.max_count
    means = np.array([one.mean for one in forecasts])
    sums = np.array([one.chances.sum() for one in forecasts])
    least = min(float(one.chances.min()) for one in forecasts)
    is_plausible = bool(((means >= 0) & (means <= most)).all())  # False for NaN
    if not is_plausible or least < 0 or np.abs(sums - 1).max() > TOLERANCE:
        raise ReleaseRefused(
            f"{target}: expected means from 0 to {most} and chances that add up to 1, "
            f"got means {means.min()} to {means.max()}, sums {sums.min()} to {sums.max()}, least {least}"
        )


def _max_difference(model: Model, artifact: bytes, forecasts: Sequence[Forecast]) -> float:
    """Return by how much forecasts differ from XGBoost's own matrix at most; raises ReleaseRefused."""
    booster = load_booster(artifact, model.manifest.target)
    by_part: dict[str, list[Forecast]] = {}
    for one in forecasts:
        by_part.setdefault(one.lineup_status, []).append(one)
    chosen = {variant: own[:MAX_ROWS] for variant, own in by_part.items()}
    differences = (
        _reference_means(model.manifest, variant, booster, own) - [one.mean for one in own]
        for variant, own in chosen.items()
    )
    difference = max(float(np.abs(one).max()) for one in differences)
    if not difference <= TOLERANCE:
        raise ReleaseRefused(
            f"{model.manifest.target} {model.manifest.version}: expected what XGBoost answers, "
            f"the engine differs by {difference:.2e} on {sum(map(len, chosen.values()))} rows"
        )
    return difference


def _reference_means(
    manifest: ModelSpecification, variant: str, booster: xgboost.Booster, forecasts: Sequence[Forecast]
) -> Floats:
    """Return what XGBoost's own matrix says of the rows of one line-up variant."""
    import xgboost  # noqa: PLC0415 - takes a second to import

    part, names = manifest.part(variant), list(manifest.features)
    inputs = _row_values(forecasts, names)
    margin = base_margin(_row_values(forecasts, part.margin.column_names), part.margin)
    rows = xgboost.DMatrix(inputs, base_margin=margin, feature_names=names, nthread=1)
    return np.asarray(booster.predict(rows, iteration_range=part.rounds), dtype=np.float64)


def _row_values(forecasts: Sequence[Forecast], names: Sequence[str]) -> Floats:
    return np.array([[_as_float(one.row[name]) for name in names] for one in forecasts]).reshape(
        len(forecasts), len(names)
    )


def _mean_changes(new: Mapping[str, list[Forecast]], old: Iterable[Forecast]) -> dict[str, float]:
    before = {_forecast_key(one): one.mean for one in old}
    changes: dict[str, float] = {}
    for target, forecasts in new.items():
        same = [
            abs(one.mean - before[_forecast_key(one)]) for one in forecasts if _forecast_key(one) in before
        ]
        if same:
            changes[target] = round(float(np.mean(same)), 6)
    return changes


def _forecast_key(forecast: Forecast) -> tuple[object, ...]:
    return forecast.target, forecast.row["game_pk"], forecast.row.get("player_id")


def _as_float(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _major_version(version_text: str) -> int:
    head = version_text.partition(".")[0]
    return int(head) if head.isdigit() else 0


def _xgboost_version() -> str:
    for wheel in ("xgboost-cpu", "xgboost"):
        try:
            return version(wheel)
        except PackageNotFoundError:
            continue
    return "none"
