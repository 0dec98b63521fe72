"""Commands that move the stores: the main job, one tick, a replayed dead letter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from hankstank import letters, outside
from hankstank.local import OneMachine
from hankstank.main_job import Progress, play, played_until
from hankstank.outcomes import CannotDo, make
from hankstank.plan import Plan, Source, league_label, league_plan, season_plan
from shared.events import Trigger
from shared.runtime import object_store, utc_now
from shared.settings import Settings
from shared.world import REAL, is_world_known, read_world, write_world

_RETROSHEET = "Retrosheet"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a user asked `hankstank run` for."""

    source: Source
    season: int | None
    history: int | None
    seed: int
    first: date | None
    last: date | None
    live_days: int
    data: Path
    home: Path

    @property
    def seasons(self) -> tuple[int, ...]:
        """Return the seasons to play, the first one learnt from included."""
        last = self.season or (2026 if self.source == "league" else _last_season(self.data))
        return tuple(range(self.history or last, last + 1))


def run(choice: Choice, progress: Progress) -> dict[str, Any]:
    """Play the main job and return its summary; refuse options that the source does not heed."""
    _refuse_unused(choice)
    known = _this_machine(choice.home)
    _check_world(choice.home, _label(choice))
    make(choice.home, "--home")
    with _outside(choice) as url:
        urls = {"mlb_api_url": url, "savant_url": url, "weather_url": url} if url else {}
        settings = known.model_copy(update=urls)
        return play(_plan(choice, settings), settings, url, progress)


def _refuse_unused(choice: Choice) -> None:
    """Raise CannotDo for an option that would do nothing."""
    if choice.history is not None and choice.source != "retrosheet":
        raise CannotDo(f"--history is for --source retrosheet, got --source {choice.source}: leave it out")
    if choice.season is not None and choice.source == "mlb":
        raise CannotDo("--season is not for --source mlb: name the days with --from and --to")


def collect(home: Path, first: date | None, last: date | None, trigger: Trigger) -> dict[str, Any]:
    """Tick once against the live sources and return the collector's answer and the run's events."""
    if first and last and first > last:
        raise CannotDo(f"expected a first day not after the last, got {first} and {last}")
    settings = _this_machine(home)
    _check_world(home, REAL.label)
    make(home, "--home")
    with OneMachine(settings) as machine:
        write_world(machine.ports.objects, REAL)
        run_id = f"{trigger}-{utc_now():%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
        machine.drain()
        machine.make_good()
        machine.tick(run_id, first, last, trigger)
        answer = machine.status("collector")
        return {"run_id": run_id, **answer, "events": [event.topic for event in machine.events(run_id)]}


def replay(home: Path, number: int) -> dict[str, Any]:
    """Deliver a dead letter again, with everything that follows, and say what became of it."""
    return letters.replay(Settings(home=home), number)


def _this_machine(home: Path) -> Settings:
    """Return the settings of this machine's stores; refuse to play or tick into a project's."""
    settings = Settings(home=home)
    if (home / "warehouse").is_dir():
        raise CannotDo(f"{home} holds the stores of `hankstank up`: name another folder with --home")
    if settings.project:
        where = f"HANKSTANK_PROJECT names {settings.project}, where ticks are published: see docs/cloud.md"
        raise CannotDo(f"{where}; unset it to work on this machine")
    return settings


def _label(choice: Choice) -> str:
    """Return what the games of a choice are called."""
    if choice.source == "league":
        return league_label(choice.seed)
    return REAL.label if choice.source == "mlb" else f"{_RETROSHEET} {choice.seasons[-1]}"


def _check_world(home: Path, label: str) -> None:
    """Raise CannotDo where the stores hold games of another world: the two would pass for one another.

    Seasons of Retrosheet are one world.
    """
    if not home.is_dir():
        return
    objects = object_store(Settings(home=home))
    if not is_world_known(objects):
        return
    stored = read_world(objects).label
    if stored != label and not (stored.startswith(_RETROSHEET) and label.startswith(_RETROSHEET)):
        raise CannotDo(f"{home} holds games of {stored}, not of {label}: name another folder with --home")


@contextmanager
def _outside(choice: Choice) -> Iterator[str | None]:
    if choice.source == "mlb":
        yield None
        return
    folder = choice.home / "outside"
    with outside.standin(choice.source, choice.seasons, choice.seed, choice.data, folder) as url:
        yield url


def _plan(choice: Choice, settings: Settings) -> Plan:
    played = played_until(object_store(settings))
    if choice.source == "league":
        try:
            return league_plan(
                choice.seed, choice.seasons[-1], played, choice.live_days, choice.first, choice.last
            )
        except ValueError as error:
            raise CannotDo(str(error)) from None
    first, last = _days(choice, settings)
    return season_plan(_label(choice), first, last, played, choice.live_days)


def _days(choice: Choice, settings: Settings) -> tuple[date, date]:
    """Return the first day to collect and the day after the last live one."""
    if choice.source == "mlb" and not (choice.first and choice.last):
        raise CannotDo("expected --from and --to with --source mlb: the days to collect")
    first = choice.first or _game_days(settings, choice.seasons[0])[0]
    last = choice.last + timedelta(days=1) if choice.last else _game_days(settings, choice.seasons[-1])[-1]
    return first, last


def _game_days(settings: Settings, season: int) -> list[date]:
    """Return the days of a season on which the schedule has games."""
    year: dict[str, str | int] = {"sportId": 1, "startDate": f"{season}-01-01", "endDate": f"{season}-12-31"}
    answer = httpx.get(f"{settings.mlb_api_url}/api/v1/schedule", params=year, timeout=300).raise_for_status()
    return [date.fromisoformat(day["date"]) for day in answer.json()["dates"]]


def _last_season(data: Path) -> int:
    found = sorted(data.glob("mlb/retrosheet/*eve.zip"))
    if not found:
        raise CannotDo(f"{data}: expected mlb/retrosheet/YYYYeve.zip: name the data folder with --data")
    return int(found[-1].name[:4])
