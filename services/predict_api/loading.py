"""A release read whole from the store; what it can be served without is left out, and told."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from services.predict_api import older
from services.predict_api.cards import ChallengerBroken
from services.predict_api.forecaster import Forecaster
from services.predict_api.record import published_evaluation
from services.predict_api.trial import Trial, check_family, check_library, tried
from shared import snapshot
from shared.errors import Rejected, Unavailable
from shared.model import Model
from shared.ports import ObjectStore
from shared.registry import ModelRef, Release, damaged_pointers, load_model
from shared.world import read_world

log = logging.getLogger(__name__)


def loaded(objects: ObjectStore, release: Release, standing: Forecaster | None) -> tuple[Forecaster, Trial]:
    """Return the release's forecaster and what came of its trial.

    Models that `standing` serves are taken from it. A challenger that does not load or answers wrongly is
    left out; whatever else does raises what it raises.
    """
    artifacts: dict[str, bytes] = {}
    models = {target: _model(objects, ref, standing, artifacts) for target, ref in release.models.items()}
    challengers, left_out = _challengers(objects, release.challengers)
    kept = snapshot.load(release.snapshot, objects)
    tables, lacking = older.readable(kept.tables)
    new = Forecaster(
        release,
        replace(kept, tables=tables),
        models,
        read_world(objects).label,
        challengers,
        published_evaluation(objects),
        left_out,
        lacking,
    )
    while True:  # each turn has a challenger less
        try:
            return new, tried(new, standing, artifacts)
        except ChallengerBroken as broken:
            log.warning("challenger is left out", exc_info=True)
            new = new.without(broken.target, str(broken))


def damaged(objects: ObjectStore, release: Release) -> dict[str, str]:
    """Return what of a served release's files, and of later pointers, is not as it was written, and why.

    Raises Unavailable.
    """
    files: dict[str, Callable[[], object]] = {"snapshot": lambda: snapshot.load(release.snapshot, objects)}
    for ref in (*release.models.values(), *release.challengers.values()):
        files[f"{ref.target} {ref.version}"] = partial(load_model, objects, ref)
    found = {}
    for name, read in files.items():
        try:
            read()
        except Rejected as error:
            found[name] = str(error)
    return found | damaged_pointers(objects)


def _model(
    objects: ObjectStore, ref: ModelRef, standing: Forecaster | None, artifacts: dict[str, bytes]
) -> Model:
    if standing and standing.release.models.get(ref.target) == ref:
        return standing.models[ref.target]
    artifacts[ref.target], manifest = load_model(objects, ref)
    return Model.load(artifacts[ref.target], manifest)


def _challengers(
    objects: ObjectStore, refs: Mapping[str, ModelRef]
) -> tuple[dict[str, Model], dict[str, str]]:
    """Return the challengers that load, and why others do not."""
    models: dict[str, Model] = {}
    left_out: dict[str, str] = {}
    for target, ref in refs.items():
        try:
            models[target] = _model(objects, ref, None, {})
            check_library(models[target])
            check_family(models[target])
        except Unavailable:
            raise
        except Exception as error:
            models.pop(target, None)
            left_out[target] = f"{ref.version}: {error}"
            log.warning("challenger is left out", exc_info=True)
    return models, left_out
