"""How fresh what is served is, in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.predict_api.mlb.labels import TARGETS
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web.responses import StatusAnswer
from shared.storage.coverage import described, schedule_of

LATE_AFTER = 2  # days behind: yesterday's games come in by the morning
BROKEN_AFTER = 4
FORECAST_AHEAD = timedelta(days=3)  # without a game so soon, nothing new is to be known


def status(shelf: Shelf, *, now: datetime, is_degraded: bool) -> StatusAnswer:
    """Return what is served, how old it is and what the rooms last said; raises NotReady."""
    forecaster, swap = shelf.ready(), shelf.last_swap
    age = (now.date() - forecaster.as_of).days
    state = _state(forecaster, age, swap.refused)
    return StatusAnswer(
        world=forecaster.world,
        release=forecaster.release.id,
        as_of=forecaster.as_of,
        schedule_known_until=forecaster.schedule_days.known_until,
        published_at=forecaster.release.published_at,
        age_days=age,
        state=state,
        words=[
            _AGE[state].format(day=forecaster.as_of, age=age),
            *_refusal(swap.refused),
            *_without(forecaster),
            *_damage(shelf.damage),
            *_missing(forecaster.snapshot.status),
            *_gaps(forecaster.snapshot.status),
            *_without_redis(is_degraded=is_degraded),
        ],
        refused=swap.refused,
        degraded=degraded(shelf, is_degraded=is_degraded),
        last_swap=swap.told(),
        rooms=dict(forecaster.snapshot.status),
    )


def degraded(shelf: Shelf, *, is_degraded: bool) -> list[str]:
    """Return what does not work as it should, in sentences; `is_degraded`: Redis does not answer."""
    refused, served = shelf.last_swap.refused_release, shelf.served
    instead = f"release {served.release.id} is served" if served else "no other release can be served"
    found = [f"Release {refused} is refused, {instead}."] if refused else []
    return [*found, *_without_redis(is_degraded=is_degraded)]


def _without_redis(*, is_degraded: bool) -> list[str]:
    return ["Redis does not answer: limits and cache are kept by each worker."] if is_degraded else []


_AGE = {
    "fresh": "Games up to {day} are known.",
    "late": "Games up to {day} are known: {age} days ago, later than usual.",
    "broken": "Nothing newer than {day} is known, {age} days ago: something upstream does not work.",
    "resting": "Games up to {day} are known, and no game is scheduled soon.",
    "refused": "Games up to {day} are known; a newer release did not pass its checks and is not served.",
}


def _state(forecaster: Forecaster, age: int, refused: str | None) -> str:
    if refused:
        return "refused"
    if age >= LATE_AFTER and not _plays_soon(forecaster):
        return "resting"
    return "fresh" if age <= LATE_AFTER else "late" if age <= BROKEN_AFTER else "broken"


def _plays_soon(forecaster: Forecaster) -> bool:
    last = forecaster.as_of + FORECAST_AHEAD
    return any(day <= last for day in forecaster.directory.days())


def _refusal(refused: str | None) -> list[str]:
    return [f"Refused: release {refused}"] if refused else []


def _damage(damage: Mapping[str, str]) -> list[str]:
    """Return which files are damaged; what was read of them before keeps serving."""
    return [f"Damaged in the store, served from memory: {'; '.join(sorted(damage))}."] if damage else []


def _without(forecaster: Forecaster) -> list[str]:
    """Return what the release is served without."""
    older = ", ".join(name.replace("_", " ") for name in forecaster.lacking)
    broken = "; ".join(f"{target} {why}" for target, why in forecaster.left_out.items())
    told = {"Left out, a challenger is broken": broken, "Older than this program, and read in part": older}
    return [f"{what}: {which}." for what, which in told.items() if which]


def _missing(rooms: Mapping[str, Any]) -> list[str]:
    """Return which families of features the build had to leave out, where a room says so."""
    said = [room.get("missing_families") for room in rooms.values() if isinstance(room, Mapping)]
    families = sorted({str(one).replace("_", " ") for some in said if isinstance(some, list) for one in some})
    return [f"Forecasts stand without: {', '.join(families)}."] if families else []


def _gaps(rooms: Mapping[str, Any]) -> list[str]:
    """Return every day of the season of which games are not stored."""
    gaps = described(schedule_of(rooms).gaps)
    return [f"Not stored: {', '.join(gaps)}."] if gaps else []


def room_words(rooms: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return room, when it last spoke, and what it said, for people."""
    of_rooms = ((name, said) for name, said in rooms.items() if name != "schedule")
    return [(name, _when(said), _gist(said)) for name, said in of_rooms if isinstance(said, Mapping)]


def _when(said: Mapping[str, Any]) -> str:
    return str(said.get("finished_at") or said.get("at") or "")[:16].replace("T", " ")


def _gist(said: Mapping[str, Any]) -> str:
    if "grade" in said:
        return f"grade {said['grade']}"
    if "targets" in said:
        deployed = [TARGETS.get(name, name) for name, told in said["targets"].items() if told.get("deployed")]
        return f"New models: {'; '.join(deployed)}" if deployed else "no new model was better"
    if "games" in said:
        return f"{len(said['games'])} games, {said.get('failures', 0)} failures"
    if "rows" in said:
        return f"{sum(said['rows'].values()):,} rows"
    return str(said.get("status", ""))
