"""Yesterday's states and a day's games to today's states: the one computation of what is remembered."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from shared.states import elo
from shared.states.entities import Entities, Floats, Integers, States, day_number
from shared.states.layout import (
    BATTER,
    CLUB,
    LEAGUE,
    PARK,
    PITCHER,
    SLOT_START_TURNS,
    SLOT_STARTS,
    SLOT_TURNS,
    Layout,
)
from shared.states.league import CELLS, cell_rates
from shared.states.turns import COUNTED_GAMES, Flags, Turns, turns_of

LEAGUE_ID = 1
_PLATOON = 2 * 5 * 3
_COMPONENTS = 5 * 3


@dataclass(frozen=True)
class _Day:
    day: date
    number: int  # days since 1970-01-01
    season: int
    games: pl.DataFrame  # sorted by game_pk
    turns: Turns
    expected: Floats  # (turns, 5), what the cells expected as of yesterday


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
    turns = turns_of(plays, counted)
    season = int(counted["season"].max())  # type: ignore[arg-type]
    league = states.leagues.at(np.array([LEAGUE_ID]), day_number(day), season)[0]
    expected = cell_rates(league)[turns.by_pitcher, turns.side, turns.hand] * turns.trials
    today = _Day(day, day_number(day), season, counted, turns, expected)
    return States(
        day,
        _batters(states.batters, today),
        _pitchers(states.pitchers, today),
        _clubs(states.clubs, today),
        _parks(states.parks, today),
        _league(states.leagues, today),
    )


def _aged(leagues: Entities, day: date) -> Entities:
    """Return the league a day older: it has a row for every day, also one on which nothing counted."""
    ids, number = np.array([LEAGUE_ID]), day_number(day)
    return leagues.replaced(ids, day, day.year, leagues.at(ids, number, day.year))


def _batters(batters: Entities, today: _Day) -> Entities:
    turns = today.turns
    ids, where = np.unique(turns.batter, return_inverse=True)
    sums = np.zeros((len(ids), len(BATTER.columns)))
    sums[:, :_PLATOON] = _component_sums(today, where, len(ids), turns.hand, 2)
    home_run, walk = turns.events[:, 2], turns.events[:, 1]
    _add(sums, BATTER, where, np.ones(len(turns)), "recent_plate_appearances", "season_plate_appearances")
    _add(sums, BATTER, where, np.ones(len(turns)), "career_plate_appearances")
    _add(sums, BATTER, where, turns.events[:, 0], "recent_strikeouts", "season_strikeouts")
    _add(sums, BATTER, where, turns.is_hit, "recent_hits", "season_hits")
    _add(sums, BATTER, where, home_run, "recent_home_runs", "season_home_runs")
    _add(sums, BATTER, where, walk, "season_walks")
    _add(sums, BATTER, where, turns.is_at_bat, "season_at_bats")
    _add(sums, BATTER, where, turns.runs_batted_in, "season_runs_batted_in")
    _add(sums, BATTER, where, turns.by_starter, "start_plate_appearances")
    _add(sums, BATTER, where, _first_turn(turns, where, turns.by_starter), "starts")
    return batters.replaced(ids, today.day, today.season, batters.at(ids, today.number, today.season) + sums)


def _pitchers(pitchers: Entities, today: _Day) -> Entities:
    turns = today.turns
    ids, where = np.unique(turns.pitcher, return_inverse=True)
    sums = np.zeros((len(ids), len(PITCHER.columns)))
    sums[:, :_PLATOON] = _component_sums(today, where, len(ids), turns.side, 2)
    starts = _first_turn(turns, where, turns.off_starter)
    everyone = np.ones(len(turns), bool)
    _add(sums, PITCHER, where, _first_turn(turns, where, everyone), "appearances")
    _add(sums, PITCHER, where, starts, "starts", "recent_starts", "season_starts")
    _add(sums, PITCHER, where, turns.off_starter, "start_batters_faced", "recent_start_batters_faced")
    _add(sums, PITCHER, where, turns.off_starter * turns.outs, "start_outs")
    _add(sums, PITCHER, where, turns.off_starter * turns.pitches, "start_pitches", "recent_start_pitches")
    _add(sums, PITCHER, where, turns.off_starter * turns.events[:, 0], "recent_start_strikeouts")
    _add(sums, PITCHER, where, everyone, "season_batters_faced", "career_batters_faced")
    for component, name in enumerate(("strikeouts", "walks", "home_runs")):
        _add(sums, PITCHER, where, turns.events[:, component], f"season_{name}")
    _add(sums, PITCHER, where, turns.is_hit, "season_hits")
    sums += pitchers.at(ids, today.number, today.season)
    started = np.bincount(where, weights=starts, minlength=len(ids)) > 0
    sums[started, PITCHER.at("last_start_day")] = today.number
    return pitchers.replaced(ids, today.day, today.season, sums)


def _clubs(clubs: Entities, today: _Day) -> Entities:
    home, away = (today.games[f"{side}_team_id"].to_numpy() for side in ("home", "away"))
    ids = np.unique(np.concatenate([home, away]))
    yesterday = clubs.at(ids, today.number, today.season)
    sums = np.zeros_like(yesterday)
    _add_results(sums, ids, home, today.games, "home", "away")
    _add_results(sums, ids, away, today.games, "away", "home")
    _add_pen(sums, ids, np.where(today.turns.is_top, home[today.turns.game], away[today.turns.game]), today)
    road = np.searchsorted(ids, away[today.turns.game])
    nobody = np.zeros(len(road), np.int64)
    sums[:, _block(CLUB, "strikeout_road")] = _component_sums(today, road, len(ids), nobody, 1)
    sums += yesterday
    sums[:, CLUB.at("elo")[0]] = _ratings(ids, yesterday[:, CLUB.at("elo")[0]], today.games)
    return clubs.replaced(ids, today.day, today.season, sums)


def _add_results(
    sums: Floats, ids: Integers, club: Integers, games: pl.DataFrame, us: str, them: str
) -> None:
    where = np.searchsorted(ids, club)
    scored, allowed = games[f"{us}_score"].to_numpy(), games[f"{them}_score"].to_numpy()
    results = {"games": np.ones(len(where)), "runs_for": scored, "runs_against": allowed}
    _add(sums, CLUB, where, scored > allowed, "wins", "season_wins")
    for name, values in results.items():
        _add(sums, CLUB, where, values, name, f"season_{name}")


def _add_pen(sums: Floats, ids: Integers, fielding: Integers, today: _Day) -> None:
    relieved = ~today.turns.off_starter
    where = np.searchsorted(ids, fielding)
    nobody = np.zeros(len(where), np.int64)
    sums[:, _block(CLUB, "strikeout_pen")] = _component_sums(today, where, len(ids), nobody, 1, relieved)
    _add(sums, CLUB, where, relieved, "pen_batters_faced")


def _ratings(ids: Integers, ratings: Floats, games: pl.DataFrame) -> Floats:
    rated = dict(zip(ids.tolist(), ratings.tolist(), strict=True))
    in_order = games.sort("game_number", "game_pk")
    for home, away, runs, against in in_order.select(
        "home_team_id", "away_team_id", "home_score", "away_score"
    ).iter_rows():
        points = elo.exchanged(rated[home], rated[away], runs, against)
        rated[home] += points
        rated[away] -= points
    return np.array([rated[club] for club in ids.tolist()])


def _parks(parks: Entities, today: _Day) -> Entities:
    venue = today.games["venue_id"].fill_null(0).to_numpy()
    ids, where = np.unique(venue, return_inverse=True)
    sums = np.zeros((len(ids), len(PARK.columns)))
    here = where[today.turns.game]
    nobody = np.zeros(len(here), np.int64)
    sums[:, _block(PARK, "strikeout_here")] = _component_sums(today, here, len(ids), nobody, 1)
    _add(sums, PARK, where, np.ones(len(where)), "games")
    _add(sums, PARK, where, (today.games["home_score"] + today.games["away_score"]).to_numpy(), "runs")
    return parks.replaced(ids, today.day, today.season, parks.at(ids, today.number, today.season) + sums)


def _league(leagues: Entities, today: _Day) -> Entities:
    turns, ids = today.turns, np.array([LEAGUE_ID])
    cell = (turns.by_pitcher * 2 + turns.side) * 2 + turns.hand
    where = np.zeros(len(turns), np.int64)
    sums = np.zeros((1, len(LEAGUE.columns)))
    components = _component_sums(today, where, 1, cell, 8).reshape(-1, 3)
    sums[0, :CELLS] = components[:, :2].ravel()
    runs = (today.games["home_score"] + today.games["away_score"]).sum()
    sums[0, LEAGUE.at("club_games", "runs")] = 2 * today.games.height, runs
    starts = _first_turn(turns, turns.pitcher, turns.off_starter)
    _add(sums, LEAGUE, where, starts, "starts")
    _add(sums, LEAGUE, where, turns.off_starter, "start_batters_faced")
    sums[0, LEAGUE.at(*SLOT_TURNS)] = _by_slot(turns, np.ones(len(turns)))
    batters, pitchers = (turns.by_starter & (turns.by_pitcher == kind) for kind in (0, 1))
    sums[0, LEAGUE.at(*SLOT_START_TURNS)] = _by_slot(turns, batters)
    sums[0, LEAGUE.at(*SLOT_STARTS)] = _by_slot(turns, _first_turn(turns, turns.batter, batters))
    _add(sums, LEAGUE, where, pitchers, "pitcher_slot_plate_appearances")
    _add(sums, LEAGUE, where, _first_turn(turns, turns.batter, pitchers), "pitcher_slot_starts")
    return leagues.replaced(ids, today.day, today.season, leagues.at(ids, today.number, today.season) + sums)


def _by_slot(turns: Turns, among: Flags | Floats) -> Floats:
    return np.asarray(np.bincount(turns.slot, weights=among, minlength=10)[1:], np.float64)


def _block(layout: Layout, first: str) -> slice:
    start = layout.at(first)[0]
    return slice(start, start + _COMPONENTS)


def _add(
    sums: Floats, layout: Layout, where: Integers, values: Floats | Flags | Integers, *names: str
) -> None:
    added = np.bincount(where, weights=values, minlength=len(sums))
    for position in layout.at(*names):
        sums[:, position] += added


def _component_sums(
    today: _Day, where: Integers, entities: int, group: Integers, groups: int, among: Flags | None = None
) -> Floats:
    """Return (entities, groups x 5 components x (events, trials, expected)), each sum in order of play."""
    chosen = slice(None) if among is None else among
    turns = today.turns
    parts = (turns.events[chosen], turns.trials[chosen], today.expected[chosen])
    cell = ((where * groups + group)[chosen, None] * 5 + np.arange(5)).ravel()
    size = entities * groups * 5
    columns = [np.bincount(cell, weights=part.ravel(), minlength=size) for part in parts]
    return np.asarray(np.column_stack(columns).reshape(entities, groups * _COMPONENTS), np.float64)


def _first_turn(turns: Turns, who: Integers, among: Flags) -> Flags:
    """Return each man's first turn of a game among those flagged: counts games, not turns."""
    positions = np.flatnonzero(among)
    pairs = turns.game[positions] * (int(who.max(initial=0)) + 1) + who[positions]
    _, first = np.unique(pairs, return_index=True)
    flags = np.zeros(len(turns), bool)
    flags[positions[first]] = True
    return flags
