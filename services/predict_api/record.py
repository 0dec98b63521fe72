"""Models and their track record: what stored forecasts came to, and what evaluation had promised."""

from typing import Any

from services.predict_api.answers import Graded, Held, ModelCard, ModelsAnswer, TrackRecordAnswer
from services.predict_api.forecaster import Forecaster
from shared.model import Model
from shared.model_manifest import ModelManifest


def models(forecaster: Forecaster) -> ModelsAnswer:
    """Return the models of the release that answers, and those that stand beside them."""
    cards = [_card(model, is_challenger=False) for model in forecaster.models.values()]
    cards += [_card(model, is_challenger=True) for model in forecaster.challengers.values()]
    return ModelsAnswer(release=forecaster.release.id, models=cards)


def track_record(forecaster: Forecaster) -> TrackRecordAnswer:
    """Return graded forecasts by model, and apart from them the evaluation of each standing model."""
    rows = forecaster.snapshot.tables["track_record"].iter_rows(named=True)
    held = {target: _held(_manifest(model)) for target, model in forecaster.models.items()}
    return TrackRecordAnswer(world=forecaster.world, graded=[_graded(row) for row in rows], walk_forward=held)


def _graded(row: dict[str, Any]) -> Graded:
    return Graded(
        target=row["target"],
        model_version=row.get("model_version") or "",
        is_challenger=bool(row.get("is_challenger")),
        variant=row.get("variant"),
        forecasts=row.get("forecasts") or 0,
        log_loss=row["log_loss"],
        squared_error=row.get("squared_error"),
        first_date=row.get("first_date"),
        last_date=row.get("last_date"),
    )


def _card(model: Model, *, is_challenger: bool) -> ModelCard:
    manifest = _manifest(model)
    return ModelCard(
        target=manifest.target,
        version=manifest.version,
        form=manifest.form,
        trained_from=manifest.trained_on.first,
        trained_until=manifest.trained_on.last,
        rows=manifest.trained_on.rows,
        features=list(manifest.features),
        walk_forward=_held(manifest),
        artifact_sha256=manifest.artifact_sha256,
        is_challenger=is_challenger,
    )


def _held(manifest: ModelManifest) -> Held:
    held = manifest.evaluation
    return Held(
        first=held.first,
        last=held.last,
        games=held.games,
        rows=held.rows,
        log_loss=held.ours.log_loss,
        log_loss_se=held.ours.log_loss_se,
        naive_log_loss=held.naive.log_loss,
        gain=held.gain,
        gain_se=held.gain_se,
        brier=held.ours.brier,
        naive_brier=held.naive.brier,
    )


def _manifest(model: Model) -> ModelManifest:
    if not isinstance(model.manifest, ModelManifest):
        raise TypeError(f"{model.manifest.target}: expected the manifest of a registered model")
    return model.manifest
