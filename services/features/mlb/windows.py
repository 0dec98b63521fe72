"""The tables that people look at, for some days: what they need is read, and their rows are computed."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from services.features import warehouse
from services.features.mlb import (
    availability,
    club_windows,
    matchup_history,
    pitch_counts,
    player_counts,
    player_windows,
    running_totals,
)
from services.features.mlb.build import Season
from shared.ports import Warehouse
from shared.sports.mlb.states import COUNTED_GAMES

_RELIEF = timedelta(days=3)


def tables(
    store: Warehouse, season: Season, club_states: pl.DataFrame, days: list[date]
) -> dict[str, pl.DataFrame]:
    """Return the rows of `days` (ascending, of one year): windows, running sums and absences.

    Args:
        store: where running sums, box scores and the season's results are read.
        season: what was read for the days.
        club_states: those of the days.
        days: every day on which a game was played or its result became known.
    """
    made: dict[str, pl.DataFrame] = {}
    for compute in PARTS.values():
        made |= compute(store, season, club_states, days)
    return made


def _absences(store: Warehouse, days: list[date]) -> pl.DataFrame:
    return availability.availability(warehouse.ask(store, "notices", first=days[0], last=days[-1]), days)


def _players(store: Warehouse, season: Season, days: list[date]) -> dict[str, pl.DataFrame]:
    known = player_counts.counted(season.plays, season.games.filter(pl.col("completed_date").is_in(days)))
    played = {"first": min(known["game_date"], default=days[0]), "last": days[-1]}
    asked = {**played, "game_pks": known["game_pk"].unique().to_list()}
    box, pitches = (warehouse.ask(store, name, **asked) for name in ("box_lines", "pitches"))
    batted = player_counts.batting(known, box, pitch_counts.seen(pitches))
    pitched = player_counts.pitching(known, box, pitch_counts.thrown(pitches))
    batting = _run(store, "batter_lines", batted, days)
    pitching = _run(store, "pitcher_lines", pitched, days)
    return {
        "batter_lines": batting.after,
        "pitcher_lines": pitching.after,
        "batter_rolling_features": player_windows.batter_windows(batting),
        "pitcher_rolling_features": player_windows.pitcher_windows(pitching),
    }


def _run(store: Warehouse, table: str, counts: pl.DataFrame, days: list[date]) -> running_totals.Lines:
    layout = player_counts.LINES[table]
    return running_totals.run(layout, running_totals.read(store, table, layout, days), counts, days)


def _clubs(store: Warehouse, club_states: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    opening = date(days[0].year, 1, 1)
    span = {"first": opening, "last": days[-1], "game_types": list(COUNTED_GAMES)}
    known = {"first": opening - timedelta(days=365), "last": days[0] - timedelta(days=1)}
    ratings = warehouse.ask(store, "club_ratings", **known)
    return club_windows.team_windows(
        warehouse.ask(store, "club_games", **span),
        pl.concat([ratings, club_states.select(ratings.columns)]),
        warehouse.ask(store, "pen_days", **{**span, "first": days[0] - _RELIEF}),
        warehouse.ask(store, "venue_places"),
        days,
    )


def _meetings(store: Warehouse, season: Season, days: list[date]) -> pl.DataFrame:
    asked = matchup_history.pairs(season.games.filter(pl.col("game_date").is_in(days)), season.lineups)
    known = {"day": days[-1], "game_types": list(COUNTED_GAMES)}
    met = warehouse.ask(store, "pair_days", pairs=asked.select(matchup_history.PAIR).unique(), **known)
    return matchup_history.matchup_history(asked, met)


Part = Callable[[Warehouse, Season, pl.DataFrame, list[date]], dict[str, pl.DataFrame]]

# What is computed by itself, by the tables it makes: no forecast depends on any of it.
PARTS: dict[tuple[str, ...], Part] = {
    ("batter_lines", "pitcher_lines", "batter_rolling_features", "pitcher_rolling_features"): (
        lambda store, season, _states, days: _players(store, season, days)
    ),
    ("team_rolling_features",): (
        lambda store, _season, states, days: {"team_rolling_features": _clubs(store, states, days)}
    ),
    ("player_availability",): (
        lambda store, _season, _states, days: {"player_availability": _absences(store, days)}
    ),
    ("matchup_history",): (
        lambda store, season, _states, days: {"matchup_history": _meetings(store, season, days)}
    ),
}
