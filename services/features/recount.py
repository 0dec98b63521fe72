"""The states of one game's people, clubs and park, counted again from their own plays before its date.

This is the slow way on purpose: one entity at a time, one query that cannot see the future, none of the
arrays of `shared.states.advance`. It exists to be compared with the fast way.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.features import tallies, warehouse
from services.features.stored import Stored
from services.features.tallies import TRIALS
from shared.ports import Warehouse
from shared.states import (
    BATTER,
    CATCHER,
    CLUB,
    COUNTED_GAMES,
    LEAGUE,
    PARK,
    PITCHER,
    SERIES,
    UMPIRE,
    Entities,
    Layout,
    States,
)
from shared.states.clubs import pair_ids
from shared.states.entities import day_number
from shared.states.league import cell_rates

Floats = NDArray[np.float64]
_REPLACED = {"elo", "streak", "last_start_day", "last_latitude", "last_longitude"}  # not added to
_HITS = ("single", "double", "triple", "home_run")


def recount(store: Warehouse, game: pl.DataFrame, lineups: pl.DataFrame, stored: Stored) -> States:
    """Return states that know the people, clubs and park of one game, from the plays before its date.

    Args:
        store: where plays and results are read.
        game: one row of games.
        lineups: its line-ups and starters.
        stored: league cells and daily expectations, as they stand.
    """
    day = game["game_date"].item()
    who, place = _cast(game, lineups), _place(game)
    asked = {"day": day, "game_types": list(COUNTED_GAMES)}
    history = warehouse.ask(store, "history_plays", **asked, **who, **place)
    games = warehouse.ask(store, "history_games", **asked)
    leagues = stored.leagues_before(day)
    plays = _with_expected(_flagged(history), leagues)
    pair = int(pair_ids(*(np.array(club) for club in who["clubs"])))
    as_of = leagues["as_of"].max()

    def held(layout: Layout, daily: pl.DataFrame, ids: list[int]) -> Entities:
        return _entities(layout, _with_stored(layout, daily, stored.expected(layout, ids, day)))

    def called(layout: Layout, ids: list[int]) -> Entities:
        return held(layout, tallies.behind_the_plate(plays, layout, ids), ids)

    return States(
        as_of if isinstance(as_of, date) else States.none(day).as_of,
        held(BATTER, tallies.batters(plays, who["batters"]), who["batters"]),
        held(PITCHER, tallies.pitchers(plays, who["pitchers"]), who["pitchers"]),
        held(CLUB, tallies.clubs(plays, games, who["clubs"]), who["clubs"]),
        _entities(PARK, tallies.park(plays, games, place["venue"])),
        called(CATCHER, who["catchers"]),
        called(UMPIRE, [place["umpire"]]),
        _entities(SERIES, tallies.series(games, pair, who["clubs"])),
        Entities.of(LEAGUE, leagues.sort("as_of").tail(1)),
    )


def _cast(game: pl.DataFrame, lineups: pl.DataFrame) -> dict[str, list[int]]:
    batting = lineups.filter(pl.col("batting_slot").is_not_null())
    return {
        "batters": batting["player_id"].unique().to_list(),
        "pitchers": lineups.filter("is_starting_pitcher")["player_id"].unique().to_list(),
        "catchers": batting.filter(pl.col("position") == "C")["player_id"].unique().to_list(),
        "clubs": [game["home_team_id"].item(), game["away_team_id"].item()],
    }


def _place(game: pl.DataFrame) -> dict[str, int]:
    return {
        "venue": game["venue_id"].fill_null(0).item(),
        "umpire": game["home_plate_umpire_id"].fill_null(0).item(),
    }


def _flagged(plays: pl.DataFrame) -> pl.DataFrame:
    """Mark who started in a slot and on the mound, pitchers at bat, and the components."""
    half, slot = ["game_pk", "is_top"], pl.col("batting_slot").fill_null(0)
    pitched = plays.select("game_pk", ~pl.col("is_top"), batter_id="pitcher_id").unique()
    known = plays.join(
        pitched.with_columns(pitched=True),
        on=["game_pk", "is_top", "batter_id"],
        how="left",
        maintain_order="left",
    )
    outcome = pl.col("outcome")
    walk, in_play = (
        outcome.is_in(["walk", "hit_by_pitch"]),
        ~outcome.is_in(["strikeout", "walk", "hit_by_pitch"]),
    )
    return known.with_columns(
        by_starter=(pl.col("batter_id").first().over([*half, "batting_slot"]) == pl.col("batter_id"))
        & (slot > 0),
        off_starter=pl.col("pitcher_id").first().over(half) == pl.col("pitcher_id"),
        by_pitcher=pl.col("pitched").fill_null(value=False) & ((slot >= 7) | (slot == 0)),
        is_hit=outcome.is_in(_HITS),
        strikeout=outcome == "strikeout",
        walk=walk,
        home_run=outcome == "home_run",
        single=outcome == "single",
        extra_base=outcome.is_in(["double", "triple"]),
        contact=in_play,
        in_play=in_play & (outcome != "home_run"),
    )


def _with_expected(plays: pl.DataFrame, leagues: pl.DataFrame) -> pl.DataFrame:
    """Add what the league's cells of the day before expected of each play, by component."""
    days = plays["completed_date"].unique().sort()
    rates = np.array(list(_rates_before(leagues, days))).reshape(-1, 2, 2, 2, 5)
    right = [(plays[name] == "R").cast(pl.Int64).to_numpy() for name in ("bat_side", "pitch_hand")]
    at_bat = plays["by_pitcher"].cast(pl.Int64).to_numpy()
    expected = rates[days.search_sorted(plays["completed_date"]).to_numpy(), at_bat, *right]
    return plays.with_columns(pl.Series(f"{name}_expected", expected[:, i]) for i, name in enumerate(TRIALS))


def _rates_before(leagues: pl.DataFrame, days: pl.Series) -> Iterator[Floats]:
    """Yield the league's rates on each of `days`, from its latest row before that day."""
    known = leagues.sort("as_of")
    every = [known[LEAGUE.key], known["as_of"].cast(pl.Int32).cast(pl.Int64), known["season"]]
    arrays = [*(column.to_numpy() for column in every), known.select(LEAGUE.names).to_numpy()]
    for day, place in zip(days, known["as_of"].search_sorted(days, side="left"), strict=True):
        league = Entities(LEAGUE, *(column[max(place - 1, 0) : place] for column in arrays))
        yield cell_rates(league.at(np.array([1]), day_number(day), day.year)[0])


def _with_stored(layout: Layout, daily: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Add what was expected on each day, as it stands, to what was counted on it."""
    known = stored.with_columns(
        pl.col(name).alias(name.removesuffix("_that_day")) for name in layout.of_the_day
    ).rename({"as_of": "completed_date"})
    return daily.join(known, on=[layout.key, "completed_date"], how="left")


def _entities(layout: Layout, daily: pl.DataFrame) -> Entities:
    """Return each entity's sums after each of its days in turn; `daily` has one row for each."""
    rows = [
        _recurred(layout, own) for own in daily.sort(layout.key, "completed_date").partition_by(layout.key)
    ]
    if not rows:
        return Entities.none(layout)
    keys, days, seasons, sums = zip(*rows, strict=True)
    return Entities(layout, np.array(keys), np.array(days), np.array(seasons), np.array(sums))


def _recurred(layout: Layout, own: pl.DataFrame) -> tuple[int, int, int, Floats]:
    today = own.select(
        (pl.col(name) if name in own.columns else pl.lit(0.0)).fill_null(0.0).cast(pl.Float64).alias(name)
        for name in layout.names
    ).to_numpy()
    stated = [layout.at(name)[0] for name in _REPLACED.intersection(layout.names)]
    sums, last, season = np.zeros(len(layout.columns)), 0, 0
    for added, day, year in zip(today, own["completed_date"], own["season"], strict=True):
        number = day_number(day)
        left = np.exp2(-(number - last) / layout.half_lives) * (1.0 if year == season else layout.kept)
        kept = sums * left
        sums = kept + added
        sums[stated] = np.where(added[stated] != 0, added[stated], kept[stated])
        last, season = number, year
    return own[layout.key][0], last, season, sums
