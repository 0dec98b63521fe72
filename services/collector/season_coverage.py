"""Maintains the coverage of a request's seasons: read before a run, updated after it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from services.collector.existing_games import StoredGames
from services.collector.mlb.listed_games import ListedGames
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.schedule import Listing
from services.collector.request import CollectionRequest
from shared.ports import Ports
from shared.storage import coverage
from shared.storage.coverage import OpenGames, OpenState, SeasonCoverage, SeasonDates
from shared.storage.tables import get_table

_FIRST_DAY = (Path(__file__).parent / "sql" / "first_day.sql").read_text()
_DAY = timedelta(days=1)
_UNFINISHED = ("Preview", "Live")


def find_due_days(ports: Ports, request: CollectionRequest) -> tuple[date, ...]:
    """Return the days of the season so far that a daily run must check again.

    Stores from before coverage existed are checked once from their first day on.
    """
    yesterday = request.today - _DAY
    known = coverage.load_coverage(ports.objects, yesterday.year)
    if known.checked:
        return known.days_to_recheck(yesterday)
    ports.warehouse.ensure_table(get_table("games_historical"))
    first = ports.warehouse.query_rows(_FIRST_DAY, season=yesterday.year, last=yesterday).item()
    return coverage.days_between(first, yesterday) if first else ()


def stored_season_dates(ports: Ports, year: int) -> SeasonDates | None:
    """Return the season's dates as last stored."""
    return coverage.load_coverage(ports.objects, year).dates


def update_coverage(
    context: MlbRunContext,
    request: CollectionRequest,
    listed: ListedGames,
    stored_games: StoredGames,
    fetched_games: Iterable[int],
    dates: Mapping[int, SeasonDates | None],
) -> None:
    """Store what a run found, by season, and alert of listings that are rejected for the first time.

    A refresh checks no day: it leaves everything as it is.
    """
    if request.is_refresh:
        return
    objects = context.ports.objects
    for year in sorted({day.year for day in request.all_days}):
        known = coverage.load_coverage(objects, year)
        rejected = {one.key: one.reason for one in listed.rejected if one.day.year == year}
        if new := {name: why for name, why in rejected.items() if name not in known.refused}:
            detail = {"run_id": context.run_id, "listings": new}
            context.ports.notifier.send_alert("warning", f"{len(new)} listed games are not collected", detail)
        updated = _updated_coverage(
            known, request, listed, stored_games, frozenset(fetched_games), context.run_id
        )
        coverage.save_coverage(
            objects,
            msgspec.structs.replace(
                updated,
                run_id=context.run_id,
                dates=dates.get(year) or known.dates,
                known_until=max(filter(None, (known.known_until, _known_until(request))), default=None),
                refused=known.refused | rejected,
            ),
        )


def _known_until(request: CollectionRequest) -> date | None:
    """Return the last day whose schedule a daily run fetched; a range does not extend it."""
    return request.all_days[-1] if request.is_daily_run else None


def _updated_coverage(
    known: SeasonCoverage,
    request: CollectionRequest,
    listed: ListedGames,
    stored_games: StoredGames,
    fetched_games: frozenset[int],
    run_id: str,
) -> SeasonCoverage:
    if request.is_recollection:  # only newly fetched games change the coverage
        return msgspec.structs.replace(known, open_games=_with_fetched_games(known.open_games, fetched_games))
    played = {day for day in request.played_days if day.year == known.season}
    looked = {one.game.game_pk for one in listed.games}
    found = {
        day: {game: state for game, state in games.items() if day not in played and game not in looked}
        for day, games in known.open_games.items()
    }
    before = {} if known.run_id == run_id else _states_by_game(known.open_games)
    for one in listed.games:
        day, game = one.game.official_date, one.game.game_pk
        if day.year == known.season and {day, one.day} & played:
            stored = stored_games.get(game)
            if not (stored and stored.has_contents) and (
                state := _open_state(one, fetched_games, before.get(game))
            ):
                found.setdefault(day, {})[game] = state
    earlier = {day for first, last in known.checked for day in coverage.days_between(first, last)}
    return msgspec.structs.replace(
        known,
        checked=coverage.group_into_spans(earlier | played),
        open_games={day: games for day, games in sorted(found.items()) if games},
        listed=dict(sorted((known.listed | _final_games(listed, played)).items())),
    )


def _final_games(listed: ListedGames, played: set[date]) -> dict[date, tuple[int, ...]]:
    """Return the games listed as final on the days that were looked at; none on a day off."""
    return {
        day: tuple(sorted(one.game.game_pk for one in listed.games_on(day) if one.is_final)) for day in played
    }


def _open_state(
    listing: Listing, fetched_games: frozenset[int], before: OpenState | None
) -> OpenState | None:
    if listing.state in _UNFINISHED:
        return "unfinished"
    if not listing.is_final:
        return None
    if listing.game.game_pk not in fetched_games:
        return "missing"
    return "held" if before in ("awaited", "held") else "awaited"


def _states_by_game(open_games: OpenGames) -> dict[int, OpenState]:
    return {game: state for games in open_games.values() for game, state in games.items()}


def _with_fetched_games(open_games: OpenGames, fetched_games: frozenset[int]) -> OpenGames:
    changed: OpenGames = {day: dict(games) for day, games in open_games.items()}
    for games in changed.values():
        games.update(
            {game: "awaited" for game, state in games.items() if game in fetched_games and state == "missing"}
        )
    return changed
