"""Results of a day as objects: games, players' lines and scored forecasts, and their sums.

`results/<date>.json.zst` has everything of a day, `result-totals/<date>.json` the sums of which records over
many days are made. The loader writes both from the warehouse alone, whole: the same rows give the same bytes.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from typing import Literal

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore
from shared.storage.compression import compress_frame, decompress_frame

log = logging.getLogger(__name__)

PREFIX = "results/"
TOTALS_PREFIX = "result-totals/"
_READERS = 8  # days read at once: from a bucket, each takes a few hundredths of a second
_LARGEST = 32 * 2**20  # bytes of a day before compression; a full day has about 1 MB

GameState = Literal[
    "final", "tie", "postponed", "cancelled", "suspended", "in_progress", "scheduled", "not_played"
]


class GameResult(msgspec.Struct, frozen=True, kw_only=True):
    """One game of a day.

    A game that moved to another day is listed on both: `postponed` on its first day, with `game_date` the day
    it counts for. Scores are None until it has begun; clubs have letters where they are known.
    """

    game_pk: int
    game_number: int
    game_date: date
    state: GameState
    detailed_state: str
    scheduled_start: datetime
    home_team_id: int
    away_team_id: int
    home_team: str | None = None
    away_team: str | None = None
    home_score: int | None = None
    away_score: int | None = None
    innings: int | None = None
    scheduled_innings: int | None = None
    original_date: date | None = None
    completed_date: date | None = None
    status_reason: str | None = None


class PlayerLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one player did in one game: each statistic that is forecast, by its name in the API.

    `batting` is empty for players who did not bat, `pitching` for those who did not pitch.
    """

    game_pk: int
    player_id: int
    name: str
    team_id: int
    is_starter: bool
    is_starting_pitcher: bool
    position: str | None = None
    batting_order: int | None = None
    plate_appearances: int | None = None
    batters_faced: int | None = None
    batting: dict[str, int] = {}
    pitching: dict[str, int] = {}


class ScoredForecast(msgspec.Struct, frozen=True, kw_only=True):
    """The forecast that counts, the last one made before the game, beside what happened.

    `hit` is whether the club with the larger chance won, for a home win, and whether the count lies in
    `interval_80` for all others; None where both clubs had the same chance. `log_loss` is in nats.
    """

    game_pk: int
    player_id: int | None
    target: str
    variant: str | None
    release_id: str
    model_version: str
    made_at: datetime
    mean: float
    interval_80: tuple[int, int] | None
    actual: int
    p_actual: float
    hit: bool | None
    log_loss: float


class DayResults(msgspec.Struct, frozen=True, kw_only=True):
    """The games of a day, what players did in them, and how each forecast of them did.

    >>> day = DayResults(game_date=date(2026, 4, 6), games=(), lines=(), forecasts=())
    >>> decode_day_results("results/2026-04-06.json.zst", encode_day_results(day)) == day
    True
    """

    game_date: date
    games: tuple[GameResult, ...]
    lines: tuple[PlayerLine, ...]
    forecasts: tuple[ScoredForecast, ...]


class ForecastSums(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over scored forecasts of one target and day.

    `hits` of `decided`: favourites that won, or counts inside the 80 % range. `scored` counts outcomes
    0, 1, 2 …, the last including all above. `market_log_loss`, as `log_loss` in nats, is the betting market's
    over the same forecasts; None where it is not known of all of them.
    """

    forecasts: int
    decided: int
    hits: int
    absolute_error: float
    log_loss: float
    scored: tuple[int, ...]
    market_log_loss: float | None = None


class TargetTotals(ForecastSums, frozen=True, kw_only=True):
    """Sums over the scored forecasts of one target and day, and over everything that happened that day.

    `happened` counts outcomes as `scored` does: of all games and starters, whether or not they were forecast.
    `variants` are the sums by line-up variant; empty in objects stored before these were summed, and without
    forecasts that were stored before they named their variant.
    """

    happened: tuple[int, ...]
    variants: dict[str, ForecastSums] = {}

    @property
    def is_win(self) -> bool:
        """Return whether the target has two outcomes, a win or not, and no range of counts."""
        return len(self.happened) == 2


class DayTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of one day: how many of its games are over, how many are not, and the forecasts by target.

    `games` are the numbers of all games listed on the day, to find the day of a game.
    """

    game_date: date
    games_over: int
    games_not_over: int
    targets: dict[str, TargetTotals]
    games: tuple[int, ...] = ()


# Made here, before threads read: msgspec 0.22 can crash where several meet a type for the first time at once.
_TOTALS = msgspec.json.Decoder(DayTotals)


def results_object_name(day: date) -> str:
    """Return the name of the object with the results of a day."""
    return f"{PREFIX}{day}.json.zst"


def totals_object_name(day: date) -> str:
    """Return the name of the object with the sums of a day."""
    return f"{TOTALS_PREFIX}{day}.json"


def encode_day_results(results: DayResults) -> bytes:
    """Return the object's bytes."""
    return compress_frame(msgspec.json.encode(results))


def decode_day_results(name: str, data: bytes) -> DayResults:
    """Return the results in an object's bytes; raises ObjectCorrupted."""
    try:
        return msgspec.json.decode(decompress_frame(data, _LARGEST), type=DayResults)
    except (ValueError, msgspec.MsgspecError) as error:
        raise ObjectCorrupted(f"{name}: expected the results of a day: {error}") from None


def store_day_results(objects: ObjectStore, results: DayResults, totals: DayTotals) -> None:
    """Store a day, in place of what was stored of it; the totals last: where they are new, both are."""
    objects.overwrite(results_object_name(results.game_date), encode_day_results(results))
    objects.overwrite(totals_object_name(totals.game_date), msgspec.json.encode(totals))


def load_day_results(objects: ObjectStore, day: date) -> DayResults | None:
    """Return the results of a day; None where they or their sums are not stored or cannot be read."""
    name = results_object_name(day)
    if _load_totals(objects, day) is None:
        return None
    try:
        return decode_day_results(name, objects.read_bytes(name))
    except ObjectMissing:
        return None
    except ObjectCorrupted as error:
        log.warning("passed over: %s", error)
        return None


def list_result_days(objects: ObjectStore, season: int) -> list[date]:
    """Return the days of a calendar year whose sums are stored, in order."""
    names = objects.list_names(f"{TOTALS_PREFIX}{season}-")
    return [date.fromisoformat(name.removeprefix(TOTALS_PREFIX).removesuffix(".json")) for name in names]


def load_day_totals(objects: ObjectStore, days: Iterable[date]) -> list[DayTotals]:
    """Return the sums of those of the days that are stored, in their order; unreadable ones are left out."""
    with ThreadPoolExecutor(_READERS) as pool:
        return [one for one in pool.map(partial(_load_totals, objects), days) if one is not None]


def _load_totals(objects: ObjectStore, day: date) -> DayTotals | None:
    name = totals_object_name(day)
    try:
        return _TOTALS.decode(objects.read_bytes(name))
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("passed over: %s: %s", name, error)
        return None
