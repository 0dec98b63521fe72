"""Reports what the stores hold of a season by month, what agrees, and which games are missing and why."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from shared.errors import Rejected
from shared.ports import ObjectStore, Warehouse
from shared.sports.mlb.game_types import POSTSEASON
from shared.storage.coverage import SeasonCoverage, Span, days_between, group_into_spans, load_coverage
from shared.storage.staging import Report, read_struct

_SQL = (Path(__file__).parents[1] / "sql" / "season_games.sql").read_text()
_LENGTH: dict[str, Any] = json.loads(Path(__file__).with_name("season_games.json").read_text())
_PASSED_OVER = ("Postponed", "Cancelled", "Suspended")
_REASONS = {
    "missing": "its feed could not be fetched, or was not yet",
    "held": "fetched, but the batch was not loaded",
    "awaited": "fetched, but the batch was not loaded",
    "unfinished": "it was not over when the schedule was fetched",
}


class MonthCoverage(msgspec.Struct, frozen=True):
    """What is stored of a month, or of the postseason.

    Games count as scheduled in the month of their first date, otherwise in that of their last.
    """

    month: str
    scheduled: int = 0
    final: int = 0
    postponed: int = 0  # moved to another day, or not played
    collected: int = 0  # final, with plays or player lines
    graded: int = 0  # in a batch that the validator graded A, B or C
    plate_appearances: int = 0
    pitches: int = 0
    lineups: int = 0  # games with two whole batting orders
    starts: int = 0
    strikeouts_agree: int = 0  # starts whose strikeouts are those of the plays
    scores_agree: int = 0  # final games whose score is the sum of the innings


class MissingGame(msgspec.Struct, frozen=True):
    """A game that is not stored as played; without a number, days that were never collected."""

    game_date: date | None
    game_pk: int | None
    reason: str


class SeasonReport(msgspec.Struct, frozen=True):
    """The coverage of a season; `expected` is the length of its schedule, such as 2,430 games."""

    season: int
    expected: int
    months: tuple[MonthCoverage, ...]
    total: MonthCoverage  # of the regular season's months
    postseason: MonthCoverage
    disagreeing: tuple[int, ...]  # collected games whose strikeouts or score do not agree
    missing: tuple[MissingGame, ...]


def report_season(warehouse: Warehouse, objects: ObjectStore, season: int) -> SeasonReport:
    """Return the coverage of a season's regular games, and of its postseason."""
    bounds = {"first": date(season, 1, 1), "last": date(season, 12, 31)}
    games = warehouse.query_rows(_SQL, **bounds).to_dicts()
    graded = _graded_games(objects)
    by_month: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for game in games:
        if game["game_type"] == "R":
            for month in {_month(game["game_date"]), _month(_first_date(game))}:
                by_month[month].append(game)
    regular = [game for game in games if game["game_type"] == "R"]
    postseason = [game for game in games if game["game_type"] in POSTSEASON]
    played = [game for game in [*regular, *postseason] if _is_collected(game)]
    total, known = _count_games("total", regular, graded), load_coverage(objects, season)
    return SeasonReport(
        season,
        expected_games(season),
        tuple(_count_games(month, of, graded) for month, of in sorted(by_month.items())),
        total,
        _count_games("postseason", postseason, graded),
        tuple(game["game_pk"] for game in played if not _agrees(game)),
        (*_missing_games(games, known), *_unlisted_games(total.scheduled, known)),
    )


def expected_games(season: int) -> int:
    """Return how many regular games the majors schedule in a season of thirty clubs (since 1998)."""
    return int(_LENGTH["clubs"] * _LENGTH["shortened"].get(str(season), _LENGTH["games_a_club"]) // 2)


def _count_games(month: str, games: Iterable[Mapping[str, Any]], graded: frozenset[int]) -> MonthCoverage:
    of = list(games)
    is_whole = month in ("total", "postseason")
    here = [game for game in of if is_whole or _month(game["game_date"]) == month]
    scheduled = [game for game in of if is_whole or _month(_first_date(game)) == month]
    final = [game for game in here if game["status"] == "Final"]
    return MonthCoverage(
        month,
        scheduled=len(scheduled),
        final=len(final),
        postponed=sum(_is_postponed(game) for game in scheduled),
        collected=sum(map(_is_collected, here)),
        graded=sum(game["game_pk"] in graded for game in final),
        plate_appearances=sum(game["plate_appearances"] for game in here),
        pitches=sum(game["pitches"] for game in here),
        lineups=sum(game["lineup_slots"] == 18 for game in here),
        starts=sum(game["starts"] for game in final),
        strikeouts_agree=sum(game["starts_agreeing"] for game in final),
        scores_agree=sum(_scores_agree(game) for game in final),
    )


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _first_date(game: Mapping[str, Any]) -> date:
    day: date = game["original_date"] or game["game_date"]
    return day


def _is_postponed(game: Mapping[str, Any]) -> bool:
    moved = bool(_first_date(game) != game["game_date"])
    return moved or (game["detailed_state"] or "").startswith(_PASSED_OVER)


def _is_collected(game: Mapping[str, Any]) -> bool:
    return game["status"] == "Final" and bool(game["plate_appearances"] or game["players"])


def _agrees(game: Mapping[str, Any]) -> bool:
    return _scores_agree(game) and game["starts"] == game["starts_agreeing"]


def _scores_agree(game: Mapping[str, Any]) -> bool:
    innings = json.loads(game["line_score"] or "[]")
    sums = (sum(inning[club] or 0 for inning in innings) for club in ("home", "away"))
    return tuple(sums) == (game["home_score"], game["away_score"])


def _graded_games(objects: ObjectStore) -> frozenset[int]:
    """Return the games of batches that the validator let pass, from its reports."""
    games: set[int] = set()
    for name in objects.list_names("reports/"):
        if name.endswith(".json"):
            try:
                games.update(read_struct(objects, name, Report).games)
            except Rejected:  # `verify` names a corrupt report
                continue
    return frozenset(games)


def _missing_games(games: Iterable[Mapping[str, Any]], known: SeasonCoverage) -> tuple[MissingGame, ...]:
    stored = {game["game_pk"]: game for game in games}
    missing = [
        MissingGame(day, game, _REASONS[state])
        for day, states in known.open_games.items()
        for game, state in states.items()
        if not (game in stored and _is_collected(stored[game]))
    ]
    missing += [
        MissingGame(game["game_date"], number, f"not played: {game['detailed_state'] or game['status']}")
        for number, game in stored.items()
        if game["status"] == "Other"
    ]
    missing += [MissingGame(None, None, f"{name}: {why}") for name, why in known.refused.items()]
    missing += [
        MissingGame(first, None, f"the days to {last} were never collected") for first, last in _unseen(known)
    ]
    return tuple(sorted(missing, key=lambda one: (str(one.game_date), one.game_pk or 0)))


def _unlisted_games(scheduled: int, known: SeasonCoverage) -> tuple[MissingGame, ...]:
    """Return the games of a whole season's schedule that the source does not list, if there are any.

    Where the season's coverage is not known, that is the reason.
    """
    expected = expected_games(known.season)
    if known.dates is None and scheduled:
        mend = f"`hankstank backfill --season {known.season} --fresh` makes it again"
        why = f"unknown which: coverage/{known.season}.json is missing or corrupt; {mend}"
        return (MissingGame(None, None, why),)
    if not (known.dates and known.dates.regular) or _unseen(known) or scheduled >= expected:
        return ()
    why = (
        f"{expected - scheduled} games: the source lists {scheduled:,} of the {expected:,} that a season has"
    )
    return (MissingGame(None, None, why),)


def _unseen(known: SeasonCoverage) -> tuple[Span, ...]:
    """Return the days of the regular season that no run compared with the stores."""
    regular = known.dates.regular if known.dates else None
    if regular is None:
        return ()
    seen = {day for first, last in known.checked for day in days_between(first, last)}
    return group_into_spans({day for day in days_between(*regular) if day not in seen})
