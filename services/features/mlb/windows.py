"""The tables that people look at, for some days: what they need is read, and their rows are computed."""

from collections.abc import Callable, Mapping
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
    strikeout_vector,
)
from services.features.mlb.build import SeasonInputs
from shared.ports import Warehouse
from shared.sports.mlb import game_types

_RELIEF = timedelta(days=3)
Rows = Mapping[str, pl.DataFrame]


def _player_tables(store: Warehouse, season: SeasonInputs, days: list[date]) -> dict[str, pl.DataFrame]:
    known = player_counts.countable_plays(
        season.plays, season.games.filter(pl.col("completed_date").is_in(days))
    )
    played = {"first": min(known["game_date"], default=days[0]), "last": days[-1]}
    player_days = {**played, "game_pks": known["game_pk"].unique().to_list()}
    box, pitches = (warehouse.query_named(store, name, **player_days) for name in ("box_lines", "pitches"))
    batted = player_counts.batting_counts(known, box, pitch_counts.batter_pitch_counts(pitches))
    pitched = player_counts.pitching_counts(known, box, pitch_counts.pitcher_pitch_counts(pitches))
    batting = _accumulate_table(store, "batter_lines", batted, days)
    pitching = _accumulate_table(store, "pitcher_lines", pitched, days)
    return {
        "batter_lines": batting.after,
        "pitcher_lines": pitching.after,
        "batter_rolling_features": player_windows.batter_windows(batting),
        "pitcher_rolling_features": player_windows.pitcher_windows(pitching),
    }


def _accumulate_table(
    store: Warehouse, table: str, counts: pl.DataFrame, days: list[date]
) -> running_totals.RunningTotals:
    layout = player_counts.LINES[table]
    return running_totals.accumulate(
        layout, running_totals.read_running_sums(store, table, layout, days), counts, days
    )


def _club_rows(store: Warehouse, club_states: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    opening = date(days[0].year, 1, 1)
    span = {"first": opening, "last": days[-1], "game_types": list(game_types.COUNTED)}
    known = {"first": opening - timedelta(days=365), "last": days[0] - timedelta(days=1)}
    ratings = warehouse.query_named(store, "club_ratings", **known)
    return club_windows.team_windows(
        warehouse.query_named(store, "club_games", **span),
        pl.concat([ratings, club_states.select(ratings.columns)]),
        warehouse.query_named(store, "pen_days", **{**span, "first": days[0] - _RELIEF}),
        warehouse.query_named(store, "venue_places"),
        days,
    )


def _matchup_rows(store: Warehouse, season: SeasonInputs, days: list[date]) -> pl.DataFrame:
    pair_days = matchup_history.batter_starter_pairs(
        season.games.filter(pl.col("game_date").is_in(days)), season.lineups
    )
    known = {"day": days[-1], "game_types": list(game_types.COUNTED)}
    met = warehouse.query_named(
        store, "pair_days", pairs=pair_days.select(matchup_history.PAIR).unique(), **known
    )
    return matchup_history.matchup_history(pair_days, met)


def _vector_rows(store: Warehouse, season: SeasonInputs, rows: Rows, days: list[date]) -> pl.DataFrame:
    """Return the vectors of the days' starts; cost is that of two seasons at most, whatever the history."""
    players = rows["player_features_daily"].filter(pl.col("variant") == "confirmed")
    pitchers = players.filter(pl.col("role") == "starter")["player_id"].unique().sort().to_list()
    opening, last = date(days[0].year, 1, 1), days[0] - timedelta(days=1)
    two_seasons = {"first": date(days[0].year - 1, 1, 1), "last": last}
    pitching, batting = strikeout_vector.PITCHING.season_columns, strikeout_vector.BATTING.season_columns
    stored = warehouse.query_template(store, "starter_lines", pitching, {}, **two_seasons, pitchers=pitchers)
    built = rows["pitcher_lines"].filter(pl.col("pitcher_id").is_in(pitchers))
    latest = warehouse.query_template(
        store,
        "lines",
        batting,
        {"lines": "batter_lines", "key": "batter_id"},
        first=opening,
        last=last,
        stretches=pl.DataFrame({"since": [date.min], "until": [days[0]]}),
    )
    return strikeout_vector.strikeout_vectors(
        strikeout_vector.VectorInputs(
            players,
            pl.concat([stored, built.select(pitching)]),
            pl.concat([latest, rows["batter_lines"].select(batting)]),
            warehouse.query_named(
                store,
                "club_strikeouts",
                **{**two_seasons, "last": days[-1], "game_types": list(game_types.COUNTED)},
            ),
            season.hands,
        )
    )


Part = Callable[[Warehouse, SeasonInputs, Rows, list[date]], dict[str, pl.DataFrame]]

# What is computed by itself, by the tables it makes: no forecast depends on any of it. A part is given what
# the build has made so far: states, games and players, and the tables of the parts before it.
PARTS: dict[tuple[str, ...], Part] = {
    ("batter_lines", "pitcher_lines", "batter_rolling_features", "pitcher_rolling_features"): (
        lambda store, season, _rows, days: _player_tables(store, season, days)
    ),
    ("team_rolling_features",): (
        lambda store, _season, rows, days: {
            "team_rolling_features": _club_rows(store, rows["club_states"], days)
        }
    ),
    ("player_availability",): (
        lambda _store, season, _rows, days: {
            "player_availability": availability.availability_rows(season.notices, days)
        }
    ),
    ("matchup_history",): (
        lambda store, season, _rows, days: {"matchup_history": _matchup_rows(store, season, days)}
    ),
    (strikeout_vector.TABLE,): (
        lambda store, season, rows, days: {strikeout_vector.TABLE: _vector_rows(store, season, rows, days)}
    ),
}
