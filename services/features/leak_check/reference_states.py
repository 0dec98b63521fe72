"""The states of some games' people, clubs and parks, recomputed from their own plays before a day.

This is the slow way on purpose: one entity at a time, one query that cannot see the future, none of the
arrays of `shared.sports.mlb.states.advance`. It exists to be compared with the fast way. It goes on from
states that were stored on an earlier day, or begins with the first play known.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.features import warehouse
from services.features.leak_check import reference_counts
from services.features.leak_check.reference_counts import TRIALS
from services.features.leak_check.stored_expectations import StoredExpectations
from shared.ports import Warehouse
from shared.sports.mlb import game_types
from shared.sports.mlb.states import (
    BATTER,
    CATCHER,
    CLUB,
    LEAGUE,
    PARK,
    PITCHER,
    SERIES,
    UMPIRE,
    Entities,
    Layout,
    States,
)
from shared.sports.mlb.states.clubs import matchup_ids
from shared.sports.mlb.states.entities import day_number
from shared.sports.mlb.states.league import cell_rates

Floats = NDArray[np.float64]
_REPLACED = {"elo", "streak", "last_start_day", "last_latitude", "last_longitude"}  # not added to
_HITS = ("single", "double", "triple", "home_run")


def involved_entities(games: pl.DataFrame, lineups: pl.DataFrame) -> dict[str, list[int]]:
    """Return who decides the rows of some games: ids by key, such as batter_id."""
    batting = lineups.filter(pl.col("batting_slot").is_not_null())
    home, away = games["home_team_id"], games["away_team_id"]
    return {
        BATTER.key: _unique_ids(batting["player_id"]),
        PITCHER.key: _unique_ids(lineups.filter("is_starting_pitcher")["player_id"]),
        CATCHER.key: _unique_ids(batting.filter(pl.col("position") == "C")["player_id"]),
        UMPIRE.key: _unique_ids(games["home_plate_umpire_id"].fill_null(0)),
        CLUB.key: _unique_ids(pl.concat([home, away])),
        SERIES.key: _unique_ids(pl.Series(matchup_ids(home.to_numpy(), away.to_numpy()))),
        PARK.key: _unique_ids(games["venue_id"].fill_null(0)),
    }


def recompute_states(
    store: Warehouse,
    day: date,
    who: Mapping[str, list[int]],
    stored: StoredExpectations,
    known: States | None = None,
) -> States:
    """Return states that know some people, clubs and parks, from the plays before a day.

    Args:
        store: where plays and results are read.
        day: plays of this day and later are not seen.
        who: as `involved_entities` returns them.
        stored: league cells and daily expectations, as stored.
        known: states of an earlier day to go on from, of every club; None: from the first play known.
    """
    before = known or States.empty(date.min + timedelta(days=1))
    leagues = stored.leagues_before(day)
    games, plays = _read_past(store, before.as_of, day, who)
    plays = _with_expected(_flag_plays(plays), leagues)
    as_of = leagues["as_of"].max()

    def entity_states(layout: Layout, daily: pl.DataFrame, entities: Entities) -> Entities:
        expected = stored.read_expected(layout, who[layout.key], before.as_of, day)
        return _entity_sums(layout, _with_stored(layout, daily, expected), entities)

    def catcher_umpire_states(layout: Layout, entities: Entities) -> Entities:
        return entity_states(
            layout, reference_counts.behind_the_plate(plays, layout, who[layout.key]), entities
        )

    return States(
        as_of if isinstance(as_of, date) else States.empty(day).as_of,
        entity_states(BATTER, reference_counts.batter_counts(plays, who[BATTER.key]), before.batters),
        entity_states(PITCHER, reference_counts.pitcher_counts(plays, who[PITCHER.key]), before.pitchers),
        entity_states(
            CLUB, reference_counts.club_counts(plays, games, who[CLUB.key], before.clubs), before.clubs
        ),
        _entity_sums(PARK, reference_counts.park_counts(plays, games, who[PARK.key]), before.parks),
        catcher_umpire_states(CATCHER, before.catchers),
        catcher_umpire_states(UMPIRE, before.umpires),
        _entity_sums(SERIES, reference_counts.head_to_head_counts(games, who[SERIES.key]), before.series),
        Entities.from_rows(LEAGUE, leagues.sort("as_of").tail(1)),
    )


def _read_past(
    store: Warehouse, since: date, day: date, who: Mapping[str, list[int]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return all games that became known between two days, and the plays of those that some took part in."""
    batters_and_pitchers = {"since": since, "day": day, "game_types": list(game_types.COUNTED)}
    games = warehouse.query_named(store, "history_games", **batters_and_pitchers)
    plays = warehouse.query_named(
        store,
        "history_plays",
        **batters_and_pitchers,
        first=min(games["game_date"], default=day),
        batters=who[BATTER.key],
        pitchers=who[PITCHER.key],
        catchers=who[CATCHER.key],
        clubs=who[CLUB.key],
        umpires=who[UMPIRE.key],
        venues=who[PARK.key],
    )
    return games, plays


def _unique_ids(found: pl.Series) -> list[int]:
    return found.drop_nulls().unique().sort().to_list()


def _flag_plays(plays: pl.DataFrame) -> pl.DataFrame:
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
    arrays = [*(column.to_numpy() for column in every), known.select(LEAGUE.column_names).to_numpy()]
    for day, place in zip(days, known["as_of"].search_sorted(days, side="left"), strict=True):
        league = Entities(LEAGUE, *(column[max(place - 1, 0) : place] for column in arrays))
        yield cell_rates(league.sums_at(np.array([1]), day_number(day), day.year)[0])


def _with_stored(layout: Layout, daily: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Add what was expected on each day, as stored, to what was counted on it."""
    known = stored.with_columns(
        pl.col(name).alias(name.removesuffix("_that_day")) for name in layout.same_day_columns
    ).rename({"as_of": "completed_date"})
    return daily.join(known, on=[layout.key, "completed_date"], how="left")


def _entity_sums(layout: Layout, daily: pl.DataFrame, before: Entities) -> Entities:
    """Return each entity's sums after each of its days in turn; `daily` has one row for each."""
    ordered = daily.sort(layout.key, "completed_date")
    added = ordered.select(
        (pl.col(name) if name in daily.columns else pl.lit(None))
        .fill_null(initial)
        .cast(pl.Float64)
        .alias(name)
        for name, initial in zip(layout.column_names, layout.initial_sums.tolist(), strict=True)
    ).to_numpy()
    after = {key: (day, season, sums) for key, day, season, sums in _last_sums(before)}
    dates = ordered.select(layout.key, "completed_date", "season").iter_rows()
    for (key, day, season), today in zip(dates, added, strict=True):
        after[key] = (
            day_number(day),
            season,
            _sums_after_day(layout, after.get(key), day_number(day), season, today),
        )
    if not after:
        return Entities.empty(layout)
    every = [(key, *after[key]) for key in sorted(after)]
    keys, days, seasons, sums = zip(*every, strict=True)
    return Entities(layout, np.array(keys), np.array(days), np.array(seasons), np.array(sums))


def _last_sums(before: Entities) -> Iterator[tuple[int, int, int, Floats]]:
    return zip(before.ids.tolist(), before.days.tolist(), before.seasons.tolist(), before.sums, strict=True)


def _sums_after_day(
    layout: Layout, previous: tuple[int, int, Floats] | None, day: int, season: int, today: Floats
) -> Floats:
    """Return an entity's sums after a day: its last ones as they are left by then, and the day's."""
    last, year, sums = previous or (0, 0, layout.initial_sums)
    kept = sums * (
        np.exp2(-(day - last) / layout.half_lives) * (1.0 if season == year else layout.season_carryover)
    )
    after = kept + today
    stated = [layout.column_indexes(name)[0] for name in _REPLACED.intersection(layout.column_names)]
    is_known = (today[stated] != 0) & ~np.isnan(today[stated])
    after[stated] = np.where(is_known, today[stated], kept[stated])
    return after
