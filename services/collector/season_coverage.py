"""The coverage of the seasons that an assignment touches: read before a look, brought up to date after it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from services.collector.existing_games import Standing
from services.collector.mlb.listed_games import Listed
from services.collector.mlb.schedule import Listing
from services.collector.request import Assignment
from services.collector.run_context import Desk
from shared.ports import Ports
from shared.storage import coverage
from shared.storage.coverage import Coverage, OpenGames, OpenState, SeasonDates
from shared.storage.tables import table

_FIRST_DAY = (Path(__file__).parent / "sql" / "first_day.sql").read_text()
_DAY = timedelta(days=1)
_UNFINISHED = ("Preview", "Live")


def due_days(ports: Ports, asked: Assignment) -> tuple[date, ...]:
    """Return the days of the season so far that a daily look has to ask for again.

    Stores that were made before coverage was kept are looked at once from their first day on.
    """
    yesterday = asked.today - _DAY
    known = coverage.read(ports.objects, yesterday.year)
    if known.checked:
        return known.due(yesterday)
    ports.warehouse.ensure(table("games_historical"))
    first = ports.warehouse.query(_FIRST_DAY, season=yesterday.year, last=yesterday).item()
    return coverage.days(first, yesterday) if first else ()


def dates_of(ports: Ports, year: int) -> SeasonDates | None:
    """Return the season's dates as they were last told."""
    return coverage.read(ports.objects, year).dates


def record(
    desk: Desk,
    asked: Assignment,
    listed: Listed,
    standing: Standing,
    had: Iterable[int],
    dates: Mapping[int, SeasonDates | None],
) -> None:
    """Write down what a look found, by season, and alert of listings that are refused for the first time."""
    objects = desk.ports.objects
    for year in sorted({day.year for day in asked.every_day}):
        known = coverage.read(objects, year)
        refused = {one.name: one.why for one in listed.refused if one.day.year == year}
        if new := {name: why for name, why in refused.items() if name not in known.refused}:
            detail = {"run_id": desk.run_id, "listings": new}
            desk.ports.notifier.alert("warning", f"{len(new)} listed games are not collected", detail)
        seen = _seen(known, asked, listed, standing, frozenset(had), desk.run_id)
        coverage.write(
            objects,
            msgspec.structs.replace(
                seen,
                run_id=desk.run_id,
                dates=dates.get(year) or known.dates,
                known_until=max(filter(None, (known.known_until, _known_until(asked))), default=None),
                refused=known.refused | refused,
            ),
        )


def _known_until(asked: Assignment) -> date | None:
    """Return until when a daily look asked for games; a range says nothing of the days after it."""
    return asked.every_day[-1] if asked.looks_back else None


def _seen(
    known: Coverage, asked: Assignment, listed: Listed, standing: Standing, had: frozenset[int], run_id: str
) -> Coverage:
    if asked.again:  # what stands was not asked for: only what could be had now is news
        return msgspec.structs.replace(known, open_games=_with_had(known.open_games, had))
    played = {day for day in asked.played_days if day.year == known.season}
    looked = {one.game.game_pk for one in listed.games}
    found = {
        day: {game: state for game, state in games.items() if day not in played and game not in looked}
        for day, games in known.open_games.items()
    }
    before = {} if known.run_id == run_id else _states(known.open_games)
    for one in listed.games:
        day, game = one.game.official_date, one.game.game_pk
        if day.year == known.season and {day, one.day} & played:
            stands = standing.get(game)
            if not (stands and stands.is_stored) and (state := _state(one, had, before.get(game))):
                found.setdefault(day, {})[game] = state
    earlier = {day for first, last in known.checked for day in coverage.days(first, last)}
    return msgspec.structs.replace(
        known,
        checked=coverage.spans(earlier | played),
        open_games={day: games for day, games in sorted(found.items()) if games},
    )


def _state(listing: Listing, had: frozenset[int], before: OpenState | None) -> OpenState | None:
    if listing.state in _UNFINISHED:
        return "unfinished"
    if not listing.is_final:
        return None
    if listing.game.game_pk not in had:
        return "missing"
    return "held" if before in ("awaited", "held") else "awaited"


def _states(open_games: OpenGames) -> dict[int, OpenState]:
    return {game: state for games in open_games.values() for game, state in games.items()}


def _with_had(open_games: OpenGames, had: frozenset[int]) -> OpenGames:
    changed: OpenGames = {day: dict(games) for day, games in open_games.items()}
    for games in changed.values():
        games.update({game: "awaited" for game, state in games.items() if game in had and state == "missing"})
    return changed
