"""Releases swapped, refused and rolled back while a server is asked at a fixed rate; every answer is looked at."""

import re
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from services.predict_api.schemas.requests import PlayerRequest
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.release_loader import load_release
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.notifier import LocalNotifier
from shared.modeling import registry
from shared.modeling.registry import Release
from shared.runtime.ports_factory import utc_now
from tests.bench import load
from tests.patience import PATIENCE, wait_until
from tests.unit.services.predict_api.serving.test_release_manager import pushed

TARGET = "pitcher_strikeouts"  # what the questions ask for
SHIFT = 0.1  # added to a newer model's margin, so that no two versions say the same
WORKERS = 2
MOST_PUSHES = 100  # one push reaches one worker: several reach both
_WORKER = re.compile(r'hankstank_release_(number|refused)\{worker="(\d+)"\} (\d+)')


@dataclass(frozen=True)
class Swapped:
    """What was seen: the loads, answers by release, those that are not what their release says, and alerts."""

    loads: Sequence[load.Load]
    answers: Counter[str]
    wrong: Sequence[bytes]
    served: Sequence[str]  # releases that were to be served, in order
    alerts: Sequence[Mapping[str, Any]]  # rung meanwhile
    seconds: float  # of the last swap

    @property
    def errors(self) -> int:
        """Return how many questions had no good answer."""
        return sum(one.errors for one in self.loads)


def swapped(url: str, home: Path, body: str, seconds: int) -> Swapped:
    """Release two newer models, one that is tampered with and the first again while `url` is asked.

    It is asked for `seconds` again and again, a last time once the first model is back.
    """
    objects, answers = FolderStore(home / "objects"), home / "answers.jsonl"
    seen: list[load.Load] = []
    is_back = threading.Event()

    def request_once() -> None:
        is_last = False
        while not is_last:
            is_last = is_back.is_set()
            seen.append(load.fixed(url, seconds, body, answers=answers))

    requesting = threading.Thread(target=request_once)
    requesting.start()
    assert wait_until(lambda: answers.exists() and answers.stat().st_size > 0, PATIENCE)
    first = registry.current_release(objects)
    served = [first]
    for step in (_newer, _newer, _tampered, lambda _: _back(objects, first)):
        time.sleep(seconds / 5)
        release = step(objects)
        _push(url, release)
        if step is not _tampered:
            served.append(release)
    is_back.set()
    requesting.join()
    result = Counter[str]()
    wrong = list(_wrong(objects, served, body, answers.read_bytes().splitlines(), result))
    rung = LocalNotifier(home, utc_now).list_alerts()
    return Swapped(seen, result, wrong, [one.id for one in served], rung, _last_swap(url))


def _newer(objects: FolderStore, *, is_whole: bool = True) -> Release:
    """Release a model that says something else under a version of its own."""
    stored = registry.current_release(objects).models[TARGET]
    artifact, manifest = registry.load_model(objects, stored)
    version = registry.next_version(objects, TARGET, "patch")
    margin = msgspec.structs.replace(manifest.margin, intercept=manifest.margin.intercept + SHIFT)
    made = msgspec.structs.replace(manifest, version=version, margin=margin)
    ref = registry.save_model(objects, TARGET, version, artifact, made)
    if not is_whole:
        objects.overwrite(ref.object, artifact[:-1])
    return registry.publish_release(
        objects, snapshot=None, models={TARGET: ref}, run_id="bench", now=utc_now(), reason="bench"
    )


def _tampered(objects: FolderStore) -> Release:
    return _newer(objects, is_whole=False)


def _back(objects: FolderStore, first: Release) -> Release:
    return registry.rollback_model(objects, TARGET, first.models[TARGET].version, utc_now())


def _wrong(
    objects: FolderStore, served: Sequence[Release], body: str, answers: Sequence[bytes], result: Counter[str]
) -> Iterator[bytes]:
    """Yield the answers that are not, to the byte, what the release they name says; count them by release."""
    forecasters = {release.id: load_release(objects, release, None)[0] for release in served}
    questions = PredictionService(objects, ForecastLog(objects, utc_now))
    for answer in answers:
        reported = msgspec.json.decode(answer)
        result[reported["release"]] += 1
        line = reported["predictions"]["strikeouts"]["line"]["line"]
        requested = PlayerRequest.model_validate_json(body.replace("LINE", str(line)))
        forecaster = forecasters.get(reported["release"])
        if (
            forecaster is None
            or msgspec.json.encode(questions.predict_player(forecaster, requested)) != answer
        ):
            yield answer


def _push(url: str, release: Release) -> None:
    """Announce a release until every worker serves it or refuses it."""
    decided = set()
    for _ in range(MOST_PUSHES):
        _read(f"{url}/events", pushed())
        result = {
            (what, int(number)): worker for what, worker, number in _WORKER.findall(_read(f"{url}/metrics"))
        }
        decided |= {result.get(("number", release.number)), result.get(("refused", 1))} - {None}
        if len(decided) == WORKERS:
            return


def _last_swap(url: str) -> float:
    return msgspec.json.decode(_read(f"{url}/status"))["last_swap"]["seconds"]


def _read(url: str, data: bytes | None = None) -> str:
    with urllib.request.urlopen(url, data=data) as answer:
        return answer.read().decode()
