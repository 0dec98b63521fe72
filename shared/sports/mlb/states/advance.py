"""Yesterday's states and a day's games to today's states: the one computation of what is remembered."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from shared.sports.mlb.states.clubs import clubs_after, series_after
from shared.sports.mlb.states.column import Layout
from shared.sports.mlb.states.day import PER_HAND, Today, add, component_sums, expectations, first_turn
from shared.sports.mlb.states.entities import Entities, Floats, Integers, States, day_number
from shared.sports.mlb.states.expected import LEAGUE_ID, NOBODY, catchers_of, expected_of, umpires_of
from shared.sports.mlb.states.layout import (
    BATTER,
    CALLED,
    LEAGUE,
    PARK,
    PITCHER,
    SLOT_START_TURNS,
    SLOT_STARTS,
    SLOT_TURNS,
)
from shared.sports.mlb.states.league import CELLS
from shared.sports.mlb.states.plate_appearances import COUNTED_GAMES, Flags, Turns, turns_of

_PLATOON = 2 * PER_HAND


def advance(states: States, plays: pl.DataFrame, games: pl.DataFrame, day: date) -> States:
    """Return the states at the end of `day`.

    Args:
        states: as of an earlier day.
        plays: rows of plate_appearances; those of `games` are taken.
        games: rows of games_historical whose completed_date is `day`: their results became known then.
            Regular season and postseason count; other games leave no trace.
        day: the day.

    Each touched entity's sums are decayed in one step from its own last day to `day`; then the day's sums
    are added, in order of game and at-bat, on one thread: the same rows give the same bits.
    """
    counted = games.filter(pl.col("game_type").is_in(COUNTED_GAMES)).sort("game_pk")
    if counted.is_empty():
        return replace(states, as_of=day, leagues=_aged(states.leagues, day))
    turns, number = turns_of(plays, counted), day_number(day)
    season = int(counted["season"].max())  # type: ignore[arg-type]
    expected = expected_of(states, turns, counted, number, season)
    today = Today(day, number, season, counted, turns, expected)
    behind, calling = catchers_of(turns, counted), umpires_of(counted)[turns.game]
    return States(
        day,
        _batters(states.batters, today),
        _pitchers(states.pitchers, today),
        clubs_after(states.clubs, today),
        _parks(states.parks, today),
        _behind_the_plate(states.catchers, today, behind, expected.catchers),
        _behind_the_plate(states.umpires, today, calling, expected.umpires),
        series_after(states.series, today),
        _league(states.leagues, today),
    )


def _aged(leagues: Entities, day: date) -> Entities:
    """Return the league a day older: it has a row for every day, also one on which nothing counted."""
    ids, number = np.array([LEAGUE_ID]), day_number(day)
    return leagues.replaced(ids, day, day.year, leagues.at(ids, number, day.year))


def _batters(batters: Entities, today: Today) -> Entities:
    turns = today.turns
    ids, where = np.unique(turns.batter, return_inverse=True)
    sums = np.zeros((len(ids), len(BATTER.columns)))
    by_hand = component_sums(turns, today.expected.batters, where, len(ids), turns.hand, 2)
    _set_platoon(sums, BATTER, by_hand)
    home_run, walk = turns.events[:, 2], turns.events[:, 1]
    add(sums, BATTER, where, np.ones(len(turns)), "recent_plate_appearances", "season_plate_appearances")
    add(sums, BATTER, where, np.ones(len(turns)), "career_plate_appearances")
    add(sums, BATTER, where, turns.events[:, 0], "recent_strikeouts", "season_strikeouts")
    add(sums, BATTER, where, turns.is_hit, "recent_hits", "season_hits")
    add(sums, BATTER, where, home_run, "recent_home_runs", "season_home_runs")
    add(sums, BATTER, where, walk, "season_walks")
    add(sums, BATTER, where, turns.is_at_bat, "season_at_bats")
    add(sums, BATTER, where, turns.runs_batted_in, "season_runs_batted_in")
    add(sums, BATTER, where, turns.in_postseason, "postseason_plate_appearances")
    add(sums, BATTER, where, turns.by_starter, "start_plate_appearances")
    add(sums, BATTER, where, first_turn(turns, where, turns.by_starter), "starts")
    return batters.replaced(ids, today.day, today.season, batters.at(ids, today.number, today.season) + sums)


def _pitchers(pitchers: Entities, today: Today) -> Entities:
    turns = today.turns
    ids, where = np.unique(turns.pitcher, return_inverse=True)
    sums = np.zeros((len(ids), len(PITCHER.columns)))
    _set_platoon(
        sums, PITCHER, component_sums(turns, today.expected.pitchers, where, len(ids), turns.side, 2)
    )
    starts = first_turn(turns, where, turns.off_starter)
    everyone = np.ones(len(turns), bool)
    add(sums, PITCHER, where, first_turn(turns, where, everyone), "appearances")
    add(sums, PITCHER, where, starts, "starts", "recent_starts", "season_starts")
    add(sums, PITCHER, where, turns.off_starter, "start_batters_faced", "recent_start_batters_faced")
    add(sums, PITCHER, where, turns.off_starter * turns.outs, "start_outs")
    add(sums, PITCHER, where, turns.off_starter * turns.pitches, "start_pitches", "recent_start_pitches")
    add(sums, PITCHER, where, turns.off_starter * turns.events[:, 0], "recent_start_strikeouts")
    add(sums, PITCHER, where, everyone, "season_batters_faced", "career_batters_faced")
    for component, name in enumerate(("strikeouts", "walks", "home_runs")):
        add(sums, PITCHER, where, turns.events[:, component], f"season_{name}")
    add(sums, PITCHER, where, turns.is_hit, "season_hits")
    sums += pitchers.at(ids, today.number, today.season)
    started = np.bincount(where, weights=starts, minlength=len(ids)) > 0
    sums[started, PITCHER.at("last_start_day")] = today.number
    return pitchers.replaced(ids, today.day, today.season, sums)


def _set_platoon(sums: Floats, layout: Layout, by_hand: Floats) -> None:
    sums[:, :_PLATOON] = by_hand
    sums[:, layout.at(*layout.of_the_day)] = expectations(by_hand)


def _behind_the_plate(entities: Entities, today: Today, who: Integers, expected: Floats) -> Entities:
    """Count strikeouts and walks against a catcher or an umpire, where he is known."""
    ids, where = np.unique(who, return_inverse=True)
    called = component_sums(today.turns, expected, where, len(ids))[:, : 3 * len(CALLED)]
    sums = np.concatenate([called, expectations(called)], axis=1)[ids != NOBODY]
    ids = ids[ids != NOBODY]
    return entities.replaced(
        ids, today.day, today.season, entities.at(ids, today.number, today.season) + sums
    )


def _parks(parks: Entities, today: Today) -> Entities:
    venue = today.games["venue_id"].fill_null(0).to_numpy()
    ids, where = np.unique(venue, return_inverse=True)
    sums = np.zeros((len(ids), len(PARK.columns)))
    here = where[today.turns.game]
    components = component_sums(today.turns, today.expected.cells, here, len(ids))
    for block in ("strikeout_here", "strikeout_here_lately"):
        sums[:, PARK.block(block)] = components
    add(sums, PARK, where, np.ones(len(where)), "games")
    add(sums, PARK, where, (today.games["home_score"] + today.games["away_score"]).to_numpy(), "runs")
    return parks.replaced(ids, today.day, today.season, parks.at(ids, today.number, today.season) + sums)


def _league(leagues: Entities, today: Today) -> Entities:
    turns, ids = today.turns, np.array([LEAGUE_ID])
    cell = (turns.by_pitcher * 2 + turns.side) * 2 + turns.hand
    where = np.zeros(len(turns), np.int64)
    sums = np.zeros((1, len(LEAGUE.columns)))
    components = component_sums(turns, today.expected.cells, where, 1, cell, 8).reshape(-1, 3)
    sums[0, :CELLS] = components[:, :2].ravel()
    runs = (today.games["home_score"] + today.games["away_score"]).sum()
    sums[0, LEAGUE.at("club_games", "runs")] = 2 * today.games.height, runs
    starts = first_turn(turns, turns.pitcher, turns.off_starter)
    add(sums, LEAGUE, where, starts, "starts")
    add(sums, LEAGUE, where, turns.off_starter, "start_batters_faced")
    sums[0, LEAGUE.at(*SLOT_TURNS)] = _by_slot(turns, np.ones(len(turns)))
    batters, pitchers = (turns.by_starter & (turns.by_pitcher == kind) for kind in (0, 1))
    sums[0, LEAGUE.at(*SLOT_START_TURNS)] = _by_slot(turns, batters)
    sums[0, LEAGUE.at(*SLOT_STARTS)] = _by_slot(turns, first_turn(turns, turns.batter, batters))
    add(sums, LEAGUE, where, pitchers, "pitcher_slot_plate_appearances")
    _add_spread(sums, today, where, starts)
    add(sums, LEAGUE, where, first_turn(turns, turns.batter, pitchers), "pitcher_slot_starts")
    return leagues.replaced(ids, today.day, today.season, leagues.at(ids, today.number, today.season) + sums)


def _add_spread(sums: Floats, today: Today, where: Integers, starts: Flags) -> None:
    """Add how far starters and batters are from the league, and the squares: for scores by spread."""
    arms, bats = today.expected.pitcher_shift[:, 0], today.expected.batter_shift[:, 2]
    add(sums, LEAGUE, where, starts * arms, "start_strikeout_shift")
    add(sums, LEAGUE, where, starts * arms**2, "start_strikeout_shift_squared")
    add(sums, LEAGUE, where, bats, "turn_home_run_shift")
    add(sums, LEAGUE, where, bats**2, "turn_home_run_shift_squared")
    add(sums, LEAGUE, where, np.ones(len(bats)), "turns")


def _by_slot(turns: Turns, among: Flags | Floats) -> Floats:
    return np.asarray(np.bincount(turns.slot, weights=among, minlength=10)[1:], np.float64)
