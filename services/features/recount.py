"""The states of some games' people, clubs and parks, counted again from their own plays before a day.

This is the slow way on purpose: one entity at a time, one query that cannot see the future, none of the
arrays of `shared.states.advance`. It exists to be compared with the fast way. It goes on from states that
were stored on an earlier day, or begins with the first play known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.dataframe.group_by import GroupBy

from services.features import warehouse
from shared.ports import Warehouse
from shared.states import BATTER, CLUB, COUNTED_GAMES, LEAGUE, PARK, PITCHER, Entities, Layout, States, elo
from shared.states.entities import day_number
from shared.states.league import cell_rates

Floats = NDArray[np.float64]
_TRIALS = {"strikeout": "", "walk": "", "home_run": "contact", "single": "in_play", "extra_base": "in_play"}
_STATED = {"elo", "last_start_day"}  # these are replaced, not added to
_HITS = ("single", "double", "triple", "home_run")


@dataclass(frozen=True)
class _Past:
    plays: pl.DataFrame
    games: pl.DataFrame


def involved(games: pl.DataFrame, lineups: pl.DataFrame) -> dict[str, list[int]]:
    """Return who decides the rows of some games, by key: batter_id, pitcher_id, team_id, venue_id."""
    clubs = pl.concat([games["home_team_id"], games["away_team_id"]])
    return {
        "batter_id": _ids(lineups.filter(pl.col("batting_slot").is_not_null())["player_id"]),
        "pitcher_id": _ids(lineups.filter("is_starting_pitcher")["player_id"]),
        "team_id": _ids(clubs),
        "venue_id": _ids(games["venue_id"].fill_null(0)),
    }


def recount(
    store: Warehouse,
    day: date,
    who: Mapping[str, list[int]],
    leagues: pl.DataFrame,
    known: States | None = None,
) -> States:
    """Return states that know some people, clubs and parks, from the plays before a day.

    Args:
        store: where plays and results are read.
        day: plays of this day and later are not seen.
        who: as `involved` tells.
        leagues: league_states before the day, as stored.
        known: states of an earlier day to go on from, of every club; None: from the first play known.
    """
    as_of = leagues["as_of"].max()
    before = known or States.none(date.min + timedelta(days=1))
    asked = {"day": day, "since": before.as_of, "game_types": list(COUNTED_GAMES)}
    games = warehouse.ask(store, "history_games", **asked)
    plays = warehouse.ask(
        store,
        "history_plays",
        **asked,
        first=min(games["game_date"], default=day),
        batters=who["batter_id"],
        pitchers=who["pitcher_id"],
        clubs=who["team_id"],
        venues=who["venue_id"],
    )
    past = _Past(_with_expected(_flagged(plays), leagues), games)
    return States(
        as_of if isinstance(as_of, date) else States.none(day).as_of,
        _batters(past.plays, who["batter_id"], before.batters),
        _pitchers(past.plays, who["pitcher_id"], before.pitchers),
        _clubs(past, who["team_id"], before.clubs),
        _parks(past, who["venue_id"], before.parks),
        Entities.of(LEAGUE, leagues.sort("as_of").tail(1)),
    )


def _ids(found: pl.Series) -> list[int]:
    return found.drop_nulls().unique().sort().to_list()


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
    return plays.with_columns(pl.Series(f"{name}_expected", expected[:, i]) for i, name in enumerate(_TRIALS))


def _rates_before(leagues: pl.DataFrame, days: pl.Series) -> Iterator[Floats]:
    """Yield the league's rates on each of `days`, from its latest row before that day."""
    known = leagues.sort("as_of")
    every = [known[LEAGUE.key], known["as_of"].cast(pl.Int32).cast(pl.Int64), known["season"]]
    arrays = [*(column.to_numpy() for column in every), known.select(LEAGUE.names).to_numpy()]
    for day, place in zip(days, known["as_of"].search_sorted(days, side="left"), strict=True):
        league = Entities(LEAGUE, *(column[max(place - 1, 0) : place] for column in arrays))
        yield cell_rates(league.at(np.array([1]), day_number(day), day.year)[0])


def _entities(layout: Layout, daily: pl.DataFrame, before: Entities) -> Entities:
    """Return each entity's sums after each of its days in turn; `daily` has one row for each."""
    ordered = daily.sort(layout.key, "completed_date")
    added = ordered.select(
        (pl.col(name) if name in daily.columns else pl.lit(0.0)).fill_null(0.0).cast(pl.Float64).alias(name)
        for name in layout.names
    ).to_numpy()
    after = {key: (day, season, sums) for key, day, season, sums in _standing(before)}
    dates = ordered.select(layout.key, "completed_date", "season").iter_rows()
    for (key, day, season), today in zip(dates, added, strict=True):
        after[key] = (day_number(day), season, _next(layout, after.get(key), day_number(day), season, today))
    if not after:
        return Entities.none(layout)
    every = [(key, *after[key]) for key in sorted(after)]
    keys, days, seasons, sums = zip(*every, strict=True)
    return Entities(layout, np.array(keys), np.array(days), np.array(seasons), np.array(sums))


def _standing(before: Entities) -> Iterator[tuple[int, int, int, Floats]]:
    return zip(before.ids.tolist(), before.days.tolist(), before.seasons.tolist(), before.sums, strict=True)


def _next(
    layout: Layout, stood: tuple[int, int, Floats] | None, day: int, season: int, today: Floats
) -> Floats:
    """Return an entity's sums after a day: its last ones as they are left by then, and the day's."""
    last, year, sums = stood or (0, 0, np.zeros(len(layout.columns)))
    kept = sums * (np.exp2(-(day - last) / layout.half_lives) * (1.0 if season == year else layout.kept))
    after = kept + today
    stated = [layout.at(name)[0] for name in _STATED.intersection(layout.names)]
    after[stated] = np.where(today[stated] != 0, today[stated], kept[stated])
    return after


def _batters(plays: pl.DataFrame, ids: list[int], before: Entities) -> Entities:
    turns, started = pl.len(), pl.col("by_starter")
    daily = _by_day(plays.filter(pl.col("batter_id").is_in(ids)), "batter_id").agg(
        *_components("_vs_left", pl.col("pitch_hand") == "L"),
        *_components("_vs_right", pl.col("pitch_hand") == "R"),
        *_named(turns, "recent_plate_appearances", "season_plate_appearances", "career_plate_appearances"),
        *_named(pl.col("strikeout").sum(), "recent_strikeouts", "season_strikeouts"),
        *_named(pl.col("is_hit").sum(), "recent_hits", "season_hits"),
        *_named(pl.col("home_run").sum(), "recent_home_runs", "season_home_runs"),
        *_named(pl.col("walk").sum(), "season_walks"),
        *_named(pl.col("is_at_bat").sum(), "season_at_bats"),
        *_named(pl.col("rbi").sum(), "season_runs_batted_in"),
        *_named(pl.col("game_pk").filter(started).n_unique(), "starts"),
        *_named(started.sum(), "start_plate_appearances"),
    )
    return _entities(BATTER, daily, before)


def _pitchers(plays: pl.DataFrame, ids: list[int], before: Entities) -> Entities:
    started = pl.col("off_starter")
    day = pl.col("completed_date").first().cast(pl.Int32)
    daily = _by_day(plays.filter(pl.col("pitcher_id").is_in(ids)), "pitcher_id").agg(
        *_components("_vs_left", pl.col("bat_side") == "L"),
        *_components("_vs_right", pl.col("bat_side") == "R"),
        *_named(pl.col("game_pk").n_unique(), "appearances"),
        *_named(pl.col("game_pk").filter(started).n_unique(), "starts", "recent_starts", "season_starts"),
        *_named(started.sum(), "start_batters_faced", "recent_start_batters_faced"),
        *_named(pl.col("pitches").filter(started).sum(), "start_pitches", "recent_start_pitches"),
        *_named((pl.col("strikeout") & started).sum(), "recent_start_strikeouts"),
        *_named((pl.col("outs_after") - pl.col("outs_before")).filter(started).sum(), "start_outs"),
        *_named(pl.len(), "season_batters_faced", "career_batters_faced"),
        *_named(pl.col("strikeout").sum(), "season_strikeouts"),
        *_named(pl.col("walk").sum(), "season_walks"),
        *_named(pl.col("home_run").sum(), "season_home_runs"),
        *_named(pl.col("is_hit").sum(), "season_hits"),
        *_named(pl.when(started.any()).then(day).otherwise(0), "last_start_day"),
    )
    return _entities(PITCHER, daily, before)


def _clubs(past: _Past, clubs: list[int], before: Entities) -> Entities:
    pen = _by_day(
        past.plays.filter(pl.col("fielding_team_id").is_in(clubs) & ~pl.col("off_starter")),
        "fielding_team_id",
    ).agg(*_components("_pen", pl.lit(value=True)), *_named(pl.len(), "pen_batters_faced"))
    road = _by_day(past.plays.filter(pl.col("away_team_id").is_in(clubs)), "away_team_id").agg(
        *_components("_road", pl.lit(value=True))
    )
    daily = _results(past.games, clubs).join(_ratings(past.games, before), on=["team_id", "completed_date"])
    for part in (pen, road):
        named = part.rename({part.columns[0]: "team_id"}).drop("season")
        daily = daily.join(named, on=["team_id", "completed_date"], how="left")
    return _entities(CLUB, daily, before)


def _results(games: pl.DataFrame, clubs: list[int]) -> pl.DataFrame:
    sides = pl.concat(
        games.select(
            "completed_date", "season", team_id=f"{us}_team_id", scored=f"{us}_score", allowed=f"{them}_score"
        )
        for us, them in (("home", "away"), ("away", "home"))
    )
    return _by_day(sides.filter(pl.col("team_id").is_in(clubs)), "team_id").agg(
        *_named(pl.len(), "games", "season_games"),
        *_named((pl.col("scored") > pl.col("allowed")).sum(), "wins", "season_wins"),
        *_named(pl.col("scored").sum(), "runs_for", "season_runs_for"),
        *_named(pl.col("allowed").sum(), "runs_against", "season_runs_against"),
    )


def _ratings(games: pl.DataFrame, before: Entities) -> pl.DataFrame:
    """Return every club's rating after each of its days (team_id, completed_date, elo), from all results."""
    kept = float(CLUB.kept[CLUB.at("elo")[0]])
    clubs = before.ids.tolist()
    rating: dict[int, float] = dict(zip(clubs, before.sums[:, CLUB.at("elo")[0]].tolist(), strict=True))
    seen: dict[int, int] = dict(zip(clubs, before.seasons.tolist(), strict=True))
    after = {}
    for game in games.iter_rows(named=True):
        home, away, day = game["home_team_id"], game["away_team_id"], game["completed_date"]
        for club in (home, away):
            old = rating.get(club, 0.0)
            rating[club] = old if seen.get(club, game["season"]) == game["season"] else old * kept
            seen[club] = game["season"]
        points = elo.exchanged(rating[home], rating[away], game["home_score"], game["away_score"])
        rating[home], rating[away] = rating[home] + points, rating[away] - points
        after[home, day], after[away, day] = rating[home], rating[away]
    found = [(club, day, elo_after) for (club, day), elo_after in after.items()]
    schema = {"team_id": pl.Int64, "completed_date": pl.Date, "elo": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row")


def _parks(past: _Past, venues: list[int], before: Entities) -> Entities:
    venue = pl.col("venue_id").fill_null(0)
    here, plays = (rows.with_columns(venue).filter(venue.is_in(venues)) for rows in (past.games, past.plays))
    games = _by_day(here, "venue_id").agg(
        *_named(pl.len(), "games"),
        *_named((pl.col("home_score") + pl.col("away_score")).sum(), "runs"),
    )
    events = _by_day(plays, "venue_id").agg(*_components("_here", pl.lit(value=True)))
    return _entities(
        PARK, games.join(events.drop("season"), on=["venue_id", "completed_date"], how="left"), before
    )


def _by_day(rows: pl.DataFrame, key: str) -> GroupBy:
    return rows.group_by(key, "completed_date", "season", maintain_order=True)


def _components(suffix: str, among: pl.Expr) -> Iterator[pl.Expr]:
    """Count events and trials, and add up what was expected in order of play (cum_sum: never in parallel)."""
    for name, trials in _TRIALS.items():
        tried = among & pl.col(trials) if trials else among & pl.col(name).is_not_null()
        expected = pl.when(tried).then(pl.col(f"{name}_expected")).otherwise(0.0)
        yield (pl.col(name) & tried).sum().alias(f"{name}{suffix}")
        yield tried.sum().alias(f"{name}_trials{suffix}")
        yield expected.cum_sum().last().alias(f"{name}_expected{suffix}")


def _named(value: pl.Expr, *names: str) -> Iterator[pl.Expr]:
    return (value.alias(name) for name in names)
