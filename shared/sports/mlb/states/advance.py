"""Yesterday's states and a day's games to today's states: the one computation of what is remembered."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from shared.sports.mlb import game_types
from shared.sports.mlb.states.clubs import clubs_after, head_to_head_after
from shared.sports.mlb.states.column import Component, Layout, Tally
from shared.sports.mlb.states.day import (
    PER_HAND,
    DayInputs,
    add_counts,
    component_sums,
    expected_counts,
    first_plate_appearance,
)
from shared.sports.mlb.states.entities import Entities, Floats, Integers, States, day_number
from shared.sports.mlb.states.expected import (
    LEAGUE_ID,
    NOBODY,
    catchers_in_field,
    expected_events,
    home_plate_umpires,
)
from shared.sports.mlb.states.layout import (
    BATTER,
    CATCHER_UMPIRE_COMPONENTS,
    LEAGUE,
    PARK,
    PITCHER,
    SLOT_PLATE_APPEARANCES,
    SLOT_START_PLATE_APPEARANCES,
    SLOT_STARTS,
)
from shared.sports.mlb.states.league import CELLS
from shared.sports.mlb.states.plate_appearances import (
    Flags,
    PlateAppearances,
    select_plate_appearances,
)

_PLATOON = 2 * PER_HAND


def advance_states(states: States, plays: pl.DataFrame, games: pl.DataFrame, day: date) -> States:
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
    counted = games.filter(pl.col("game_type").is_in(game_types.COUNTED)).sort("game_pk")
    if counted.is_empty():
        return replace(states, as_of=day, leagues=_carry_league_forward(states.leagues, day))
    plate_appearances, number = select_plate_appearances(plays, counted), day_number(day)
    season = int(counted["season"].max())  # type: ignore[arg-type]
    expected = expected_events(states, plate_appearances, counted, number, season)
    day_inputs = DayInputs(day, number, season, counted, plate_appearances, expected)
    behind, calling = (
        catchers_in_field(plate_appearances, counted),
        home_plate_umpires(counted)[plate_appearances.game],
    )
    return States(
        day,
        _advance_batters(states.batters, day_inputs),
        _advance_pitchers(states.pitchers, day_inputs),
        clubs_after(states.clubs, day_inputs),
        _advance_parks(states.parks, day_inputs),
        catcher_umpire_counts(states.catchers, day_inputs, behind, expected.catchers),
        catcher_umpire_counts(states.umpires, day_inputs, calling, expected.umpires),
        head_to_head_after(states.series, day_inputs),
        _advance_league(states.leagues, day_inputs),
    )


def _carry_league_forward(leagues: Entities, day: date) -> Entities:
    """Return the league a day older: it has a row for every day, also one on which nothing counted."""
    ids, number = np.array([LEAGUE_ID]), day_number(day)
    return leagues.with_sums(ids, day, day.year, leagues.sums_at(ids, number, day.year))


def _advance_batters(batters: Entities, day_inputs: DayInputs) -> Entities:
    plate_appearances = day_inputs.plate_appearances
    ids, where = np.unique(plate_appearances.batter, return_inverse=True)
    sums = np.zeros((len(ids), len(BATTER.columns)))
    by_hand = component_sums(
        plate_appearances, day_inputs.expected.batters, where, len(ids), plate_appearances.hand, 2
    )
    _set_platoon(sums, BATTER, by_hand)
    home_run, walk = (
        plate_appearances.events[:, component] for component in (Component.HOME_RUN, Component.WALK)
    )
    add_counts(
        sums,
        BATTER,
        where,
        np.ones(len(plate_appearances)),
        "recent_plate_appearances",
        "season_plate_appearances",
    )
    add_counts(sums, BATTER, where, np.ones(len(plate_appearances)), "career_plate_appearances")
    add_counts(
        sums,
        BATTER,
        where,
        plate_appearances.events[:, Component.STRIKEOUT],
        "recent_strikeouts",
        "season_strikeouts",
    )
    add_counts(sums, BATTER, where, plate_appearances.is_hit, "recent_hits", "season_hits")
    add_counts(sums, BATTER, where, home_run, "recent_home_runs", "season_home_runs")
    add_counts(sums, BATTER, where, walk, "season_walks")
    add_counts(sums, BATTER, where, plate_appearances.is_at_bat, "season_at_bats")
    add_counts(sums, BATTER, where, plate_appearances.runs_batted_in, "season_runs_batted_in")
    add_counts(sums, BATTER, where, plate_appearances.in_postseason, "postseason_plate_appearances")
    add_counts(sums, BATTER, where, plate_appearances.by_starter, "start_plate_appearances")
    add_counts(
        sums,
        BATTER,
        where,
        first_plate_appearance(plate_appearances, where, plate_appearances.by_starter),
        "starts",
    )
    return batters.with_sums(
        ids,
        day_inputs.day,
        day_inputs.season,
        batters.sums_at(ids, day_inputs.day_index, day_inputs.season) + sums,
    )


def _advance_pitchers(pitchers: Entities, day_inputs: DayInputs) -> Entities:
    plate_appearances = day_inputs.plate_appearances
    ids, where = np.unique(plate_appearances.pitcher, return_inverse=True)
    sums = np.zeros((len(ids), len(PITCHER.columns)))
    _set_platoon(
        sums,
        PITCHER,
        component_sums(
            plate_appearances, day_inputs.expected.pitchers, where, len(ids), plate_appearances.side, 2
        ),
    )
    starts = first_plate_appearance(plate_appearances, where, plate_appearances.off_starter)
    everyone = np.ones(len(plate_appearances), bool)
    add_counts(
        sums, PITCHER, where, first_plate_appearance(plate_appearances, where, everyone), "appearances"
    )
    add_counts(sums, PITCHER, where, starts, "starts", "recent_starts", "season_starts")
    add_counts(
        sums,
        PITCHER,
        where,
        plate_appearances.off_starter,
        "start_batters_faced",
        "recent_start_batters_faced",
    )
    add_counts(sums, PITCHER, where, plate_appearances.off_starter * plate_appearances.outs, "start_outs")
    add_counts(
        sums,
        PITCHER,
        where,
        plate_appearances.off_starter * plate_appearances.pitches,
        "start_pitches",
        "recent_start_pitches",
    )
    add_counts(
        sums,
        PITCHER,
        where,
        plate_appearances.off_starter * plate_appearances.events[:, Component.STRIKEOUT],
        "recent_start_strikeouts",
    )
    add_counts(sums, PITCHER, where, everyone, "season_batters_faced", "career_batters_faced")
    for component in (Component.STRIKEOUT, Component.WALK, Component.HOME_RUN):
        name = f"season_{component.name.lower()}s"
        add_counts(sums, PITCHER, where, plate_appearances.events[:, component], name)
    add_counts(sums, PITCHER, where, plate_appearances.is_hit, "season_hits")
    sums += pitchers.sums_at(ids, day_inputs.day_index, day_inputs.season)
    started = np.bincount(where, weights=starts, minlength=len(ids)) > 0
    sums[started, PITCHER.column_indexes("last_start_day")] = day_inputs.day_index
    return pitchers.with_sums(ids, day_inputs.day, day_inputs.season, sums)


def _set_platoon(sums: Floats, layout: Layout, by_hand: Floats) -> None:
    sums[:, :_PLATOON] = by_hand
    sums[:, layout.column_indexes(*layout.same_day_columns)] = expected_counts(by_hand)


def catcher_umpire_counts(
    entities: Entities, day_inputs: DayInputs, who: Integers, expected: Floats
) -> Entities:
    """Count strikeouts and walks against a catcher or an umpire, where one is known."""
    ids, where = np.unique(who, return_inverse=True)
    called = component_sums(day_inputs.plate_appearances, expected, where, len(ids))[
        :, : len(Tally) * len(CATCHER_UMPIRE_COMPONENTS)
    ]
    sums = np.concatenate([called, expected_counts(called)], axis=1)[ids != NOBODY]
    ids = ids[ids != NOBODY]
    return entities.with_sums(
        ids,
        day_inputs.day,
        day_inputs.season,
        entities.sums_at(ids, day_inputs.day_index, day_inputs.season) + sums,
    )


def _advance_parks(parks: Entities, day_inputs: DayInputs) -> Entities:
    venue = day_inputs.games["venue_id"].fill_null(0).to_numpy()
    ids, where = np.unique(venue, return_inverse=True)
    sums = np.zeros((len(ids), len(PARK.columns)))
    here = where[day_inputs.plate_appearances.game]
    components = component_sums(day_inputs.plate_appearances, day_inputs.expected.cells, here, len(ids))
    for block in ("strikeout_here", "strikeout_here_lately"):
        sums[:, PARK.component_slice(block)] = components
    add_counts(sums, PARK, where, np.ones(len(where)), "games")
    add_counts(
        sums,
        PARK,
        where,
        (day_inputs.games["home_score"] + day_inputs.games["away_score"]).to_numpy(),
        "runs",
    )
    return parks.with_sums(
        ids,
        day_inputs.day,
        day_inputs.season,
        parks.sums_at(ids, day_inputs.day_index, day_inputs.season) + sums,
    )


def _advance_league(leagues: Entities, day_inputs: DayInputs) -> Entities:
    plate_appearances, ids = day_inputs.plate_appearances, np.array([LEAGUE_ID])
    cell = (plate_appearances.by_pitcher * 2 + plate_appearances.side) * 2 + plate_appearances.hand
    where = np.zeros(len(plate_appearances), np.int64)
    sums = np.zeros((1, len(LEAGUE.columns)))
    components = component_sums(plate_appearances, day_inputs.expected.cells, where, 1, cell, 8).reshape(
        -1, len(Tally)
    )
    sums[0, :CELLS] = components[:, [Tally.EVENTS, Tally.TRIALS]].ravel()
    runs = (day_inputs.games["home_score"] + day_inputs.games["away_score"]).sum()
    sums[0, LEAGUE.column_indexes("club_games", "runs")] = 2 * day_inputs.games.height, runs
    starts = first_plate_appearance(
        plate_appearances, plate_appearances.pitcher, plate_appearances.off_starter
    )
    add_counts(sums, LEAGUE, where, starts, "starts")
    add_counts(sums, LEAGUE, where, plate_appearances.off_starter, "start_batters_faced")
    sums[0, LEAGUE.column_indexes(*SLOT_PLATE_APPEARANCES)] = _count_by_slot(
        plate_appearances, np.ones(len(plate_appearances))
    )
    batters, pitchers = (
        plate_appearances.by_starter & (plate_appearances.by_pitcher == kind) for kind in (0, 1)
    )
    sums[0, LEAGUE.column_indexes(*SLOT_START_PLATE_APPEARANCES)] = _count_by_slot(plate_appearances, batters)
    sums[0, LEAGUE.column_indexes(*SLOT_STARTS)] = _count_by_slot(
        plate_appearances, first_plate_appearance(plate_appearances, plate_appearances.batter, batters)
    )
    add_counts(sums, LEAGUE, where, pitchers, "pitcher_slot_plate_appearances")
    _add_spread(sums, day_inputs, where, starts)
    add_counts(
        sums,
        LEAGUE,
        where,
        first_plate_appearance(plate_appearances, plate_appearances.batter, pitchers),
        "pitcher_slot_starts",
    )
    return leagues.with_sums(
        ids,
        day_inputs.day,
        day_inputs.season,
        leagues.sums_at(ids, day_inputs.day_index, day_inputs.season) + sums,
    )


def _add_spread(sums: Floats, day_inputs: DayInputs, where: Integers, starts: Flags) -> None:
    """Add how far starters and batters are from the league, and the squares: for scores by spread."""
    arms = day_inputs.expected.pitcher_shift[:, Component.STRIKEOUT]
    bats = day_inputs.expected.batter_shift[:, Component.HOME_RUN]
    add_counts(sums, LEAGUE, where, starts * arms, "start_strikeout_shift")
    add_counts(sums, LEAGUE, where, starts * arms**2, "start_strikeout_shift_squared")
    add_counts(sums, LEAGUE, where, bats, "turn_home_run_shift")
    add_counts(sums, LEAGUE, where, bats**2, "turn_home_run_shift_squared")
    add_counts(sums, LEAGUE, where, np.ones(len(bats)), "turns")


def _count_by_slot(plate_appearances: PlateAppearances, among: Flags | Floats) -> Floats:
    return np.asarray(np.bincount(plate_appearances.slot, weights=among, minlength=10)[1:], np.float64)
