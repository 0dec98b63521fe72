"""Loads a release from the store; parts that it can be served without are left out and named."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from services.predict_api.serving import snapshot_compat
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.game_forecasts import ChallengerBroken
from services.predict_api.serving.release_check import (
    ReleaseCheck,
    ReleaseRefused,
    check_family,
    check_library,
    check_release,
)
from services.predict_api.serving.track_record import published_evaluation
from shared.errors import ObjectCorrupted, Rejected, Unavailable
from shared.modeling.model import Model
from shared.modeling.registry import ModelRef, Release, damaged_pointers, load_model, model_history
from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot

log = logging.getLogger(__name__)

_ROLLBACK_HINT = "`hankstank models rollback TARGET VERSION` releases an earlier version"


class ReleasePartDamaged(ObjectCorrupted):
    """The snapshot or a model of a release is missing or damaged; the message says what replaces it."""

    def __init__(self, part: str, error: Exception, remedy: str) -> None:
        super().__init__(f"{part} is damaged ({error}): {remedy}")


def load_release(
    objects: ObjectStore, release: Release, current: Forecaster | None
) -> tuple[Forecaster, ReleaseCheck]:
    """Return the release's forecaster and the result of its check.

    Models that `current` serves are reused. A challenger that does not load or forecasts wrongly is
    left out.

    Raises:
        ReleasePartDamaged: the snapshot or a model cannot be read.
        ReleaseRefused: the release fails its check.
        Unavailable: the store does not answer now.
    """
    artifacts: dict[str, bytes] = {}
    models = {
        target: _load_deployed_model(objects, ref, current, artifacts)
        for target, ref in release.models.items()
    }
    challengers, left_out = _load_challengers(objects, release.challengers)
    released_snapshot = _load_snapshot(objects, release.snapshot)
    tables, outdated_tables = snapshot_compat.upgrade_tables(released_snapshot.tables)
    candidate = Forecaster(
        release,
        replace(released_snapshot, tables=tables),
        models,
        read_world(objects).label,
        challengers,
        published_evaluation(objects),
        left_out,
        outdated_tables,
    )
    while True:  # each turn has a challenger less
        try:
            return candidate, check_release(candidate, current, artifacts)
        except ChallengerBroken as broken:
            log.warning("challenger is left out", exc_info=True)
            candidate = candidate.without_challenger(broken.target, str(broken))
        except ReleaseRefused as error:
            raise ReleaseRefused(f"{error}: {_ROLLBACK_HINT}") from None
        except (Rejected, Unavailable):
            raise
        except Exception as error:  # whatever a release does in its trial, it is not served
            raise ReleaseRefused(f"{type(error).__name__}: {error}: {_ROLLBACK_HINT}") from error


def find_damage(objects: ObjectStore, release: Release) -> dict[str, str]:
    """Return damaged files of a served release, and damaged later pointers, with the reason.

    Raises Unavailable.
    """
    files: dict[str, Callable[[], object]] = {
        "snapshot": lambda: snapshot.load_snapshot(release.snapshot, objects)
    }
    for ref in (*release.models.values(), *release.challengers.values()):
        files[f"{ref.target} {ref.version}"] = partial(load_model, objects, ref)
    found = {}
    for name, read_part in files.items():
        try:
            read_part()
        except Rejected as error:
            found[name] = str(error)
    return found | damaged_pointers(objects)


def _load_snapshot(objects: ObjectStore, name: str) -> Snapshot:
    try:
        return snapshot.load_snapshot(name, objects)
    except Rejected as error:
        raise ReleasePartDamaged("the snapshot", error, "`hankstank rebuild` makes it again") from None


def _load_deployed_model(
    objects: ObjectStore, ref: ModelRef, current: Forecaster | None, artifacts: dict[str, bytes]
) -> Model:
    try:
        return _reuse_or_load_model(objects, ref, current, artifacts)
    except Rejected as error:
        raise ReleasePartDamaged(f"the model of {ref.target}", error, _repair_command(objects, ref)) from None


def _repair_command(objects: ObjectStore, ref: ModelRef) -> str:
    """Return which command replaces a model: by the version before it, else by training."""
    before = [reign.version for reign in model_history(objects, ref.target) if reign.version != ref.version]
    if before:
        return f"`hankstank models rollback {ref.target} {before[-1]}` releases the version before it"
    return "`hankstank run` or the next training makes another"


def _reuse_or_load_model(
    objects: ObjectStore, ref: ModelRef, current: Forecaster | None, artifacts: dict[str, bytes]
) -> Model:
    if current and current.release.models.get(ref.target) == ref:
        return current.models[ref.target]
    artifacts[ref.target], manifest = load_model(objects, ref)
    return Model.from_artifact(artifacts[ref.target], manifest)


def _load_challengers(
    objects: ObjectStore, refs: Mapping[str, ModelRef]
) -> tuple[dict[str, Model], dict[str, str]]:
    """Return the challengers that load, and why others do not."""
    models: dict[str, Model] = {}
    left_out: dict[str, str] = {}
    for target, ref in refs.items():
        try:
            models[target] = _reuse_or_load_model(objects, ref, None, {})
            check_library(models[target])
            check_family(models[target])
        except Unavailable:
            raise
        except Exception as error:
            models.pop(target, None)
            left_out[target] = f"{ref.version}: {error}"
            log.warning("challenger is left out", exc_info=True)
    return models, left_out
