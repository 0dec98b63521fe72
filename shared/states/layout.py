"""Which numbers an entity's state holds, and how fast each is forgotten.

A component is an event and the trials it could have happened in. For each, a state keeps decayed sums of
events, trials, and the events that the league's cell (side of the plate x hand x pitcher at bat) led one to
expect on those same trials. Half-lives in days.
"""

from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

COMPONENTS = ("strikeout", "walk", "home_run", "single", "extra_base")
TRIALS = {
    "strikeout": "plate appearances",
    "walk": "plate appearances",
    "home_run": "contacts",
    "single": "balls in play",
    "extra_base": "balls in play",
}
SIDES = ("left", "right")
SLOTS = range(1, 10)
SLOT_TURNS = tuple(f"slot_{slot}_plate_appearances" for slot in SLOTS)
SLOT_START_TURNS = tuple(f"slot_{slot}_start_plate_appearances" for slot in SLOTS)
SLOT_STARTS = tuple(f"slot_{slot}_starts" for slot in SLOTS)

# Tuned on 2012-2016: the optimum is flat, too little shrinkage hurts more than too much.
BATTER_HALF_LIFE = {"strikeout": 300, "walk": 300, "home_run": 500, "single": 800, "extra_base": 800}
PITCHER_HALF_LIFE = {"strikeout": 150, "walk": 500, "home_run": 800, "single": 800, "extra_base": 500}
PEN_HALF_LIFE = 200
PARK_HALF_LIFE = 1000
LEAGUE_HALF_LIFE = 300
WORKLOAD_HALF_LIFE = 150
RECENT_STARTS_HALF_LIFE = 40
RECENT_HALF_LIFE = 30
CLUB_HALF_LIFE = 60
FATIGUE_HALF_LIFE = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One number of a state: days to half of it (inf: never), and the share a new season keeps."""

    name: str
    description: str
    half_life: float = inf
    kept: float = 1.0


@dataclass(frozen=True)
class Layout:
    """A kind of entity: its table, its key column, and its numbers in order."""

    table: str
    key: str
    columns: tuple[Column, ...]

    @cached_property
    def half_lives(self) -> NDArray[np.float64]:
        """Return days to half, one per column."""
        return np.array([column.half_life for column in self.columns])

    @cached_property
    def kept(self) -> NDArray[np.float64]:
        """Return the share a new season keeps, one per column."""
        return np.array([column.kept for column in self.columns])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the columns' names in order."""
        return tuple(column.name for column in self.columns)

    def at(self, *names: str) -> list[int]:
        """Return the positions of columns."""
        return [self.names.index(name) for name in names]


def _platoon(half_life: dict[str, int], other: str) -> tuple[Column, ...]:
    return tuple(
        column
        for side in SIDES
        for event in COMPONENTS
        for column in _sums(event, f"_vs_{side}", f"against {side}-handed {other}", half_life[event])
    )


def _sums(event: str, suffix: str, where: str, half_life: float) -> tuple[Column, ...]:
    name = event.replace("_", " ")
    decay = f"decayed, half-life {half_life:g} d"
    return (
        Column(f"{event}{suffix}", f"{name} events {where}, {decay}", half_life),
        Column(f"{event}_trials{suffix}", f"{TRIALS[event]} {where}, {decay}", half_life),
        Column(
            f"{event}_expected{suffix}",
            f"{name} events the league's cells expect {where}, {decay}",
            half_life,
        ),
    )


def _decayed(half_life: float, **columns: str) -> tuple[Column, ...]:
    return tuple(
        Column(name, f"{meaning}, decayed, half-life {half_life:g} d", half_life)
        for name, meaning in columns.items()
    )


def _season(**columns: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"season_{name}", f"{meaning}, season to date", kept=0.0) for name, meaning in columns.items()
    )


BATTER = Layout(
    "batter_states",
    "batter_id",
    (
        *_platoon(BATTER_HALF_LIFE, "pitchers"),
        *_decayed(
            RECENT_HALF_LIFE,
            recent_plate_appearances="plate appearances",
            recent_strikeouts="strikeouts",
            recent_hits="hits",
            recent_home_runs="home runs",
        ),
        *_decayed(
            WORKLOAD_HALF_LIFE,
            starts="games in the starting nine",
            start_plate_appearances="plate appearances in games he started",
        ),
        *_season(
            plate_appearances="plate appearances",
            at_bats="at bats",
            hits="hits",
            home_runs="home runs",
            strikeouts="strikeouts",
            walks="walks and hit by pitch",
            runs_batted_in="runs batted in",
        ),
        Column("career_plate_appearances", "plate appearances since the first game known"),
    ),
)
PITCHER = Layout(
    "pitcher_states",
    "pitcher_id",
    (
        *_platoon(PITCHER_HALF_LIFE, "batters"),
        *_decayed(
            WORKLOAD_HALF_LIFE,
            appearances="games pitched",
            starts="games started",
            start_batters_faced="batters faced in starts",
            start_outs="outs of the batters faced in starts",
            start_pitches="pitches in starts",
        ),
        *_decayed(
            RECENT_STARTS_HALF_LIFE,
            recent_starts="games started",
            recent_start_batters_faced="batters faced in starts",
            recent_start_strikeouts="strikeouts in starts",
            recent_start_pitches="pitches in starts",
        ),
        *_season(
            starts="games started",
            batters_faced="batters faced",
            strikeouts="strikeouts",
            walks="walks and hit batsmen",
            home_runs="home runs allowed",
            hits="hits allowed",
        ),
        Column("career_batters_faced", "batters faced since the first game known"),
        Column("last_start_day", "days from 1970-01-01 to his last start; 0: none known"),
    ),
)
CLUB = Layout(
    "club_states",
    "team_id",
    (
        Column(
            "elo", "Elo-like rating above the average club's 1500; a new season keeps two thirds", kept=2 / 3
        ),
        *_decayed(
            CLUB_HALF_LIFE,
            games="games",
            wins="wins",
            runs_for="runs scored",
            runs_against="runs allowed",
        ),
        *_decayed(FATIGUE_HALF_LIFE, pen_batters_faced="batters faced by relievers"),
        *_season(games="games", wins="wins", runs_for="runs scored", runs_against="runs allowed"),
        *(
            column
            for event in COMPONENTS
            for column in _sums(event, "_pen", "by its relievers", PEN_HALF_LIFE)
        ),
        *(
            column
            for event in COMPONENTS
            for column in _sums(event, "_road", "in its road games", PARK_HALF_LIFE)
        ),
    ),
)
PARK = Layout(
    "park_states",
    "venue_id",
    (
        *(column for event in COMPONENTS for column in _sums(event, "_here", "in this park", PARK_HALF_LIFE)),
        *_decayed(PARK_HALF_LIFE, games="games", runs="runs of both clubs"),
    ),
)


def _cells() -> tuple[Column, ...]:
    return tuple(
        column
        for kind in ("batter", "pitcher")
        for bats in SIDES
        for throws in SIDES
        for event in COMPONENTS
        for column in _sums(
            event,
            f"_{kind}_{bats}_vs_{throws}",
            f"of {kind}s at bat from the {bats} against {throws}-handed pitchers",
            LEAGUE_HALF_LIFE,
        )[:2]
    )


LEAGUE = Layout(
    "league_states",
    "sport_id",
    (
        *_cells(),
        *_decayed(
            LEAGUE_HALF_LIFE,
            club_games="games, counted once for each club",
            runs="runs",
            starts="games started by a pitcher",
            start_batters_faced="batters faced by starters",
        ),
        *_decayed(
            LEAGUE_HALF_LIFE,
            **{
                name: f"plate appearances of slot {slot}"
                for slot, name in zip(SLOTS, SLOT_TURNS, strict=True)
            },
        ),
        *_decayed(
            LEAGUE_HALF_LIFE,
            **{
                name: f"plate appearances of slot {slot}'s starter, pitchers aside"
                for slot, name in zip(SLOTS, SLOT_START_TURNS, strict=True)
            },
        ),
        *_decayed(
            LEAGUE_HALF_LIFE,
            **{
                name: f"games of slot {slot}'s starter, pitchers aside"
                for slot, name in zip(SLOTS, SLOT_STARTS, strict=True)
            },
        ),
        *_decayed(
            LEAGUE_HALF_LIFE,
            pitcher_slot_starts="games of starting pitchers in the batting order",
            pitcher_slot_plate_appearances="plate appearances of starting pitchers in the batting order",
        ),
    ),
)
LAYOUTS = (BATTER, PITCHER, CLUB, PARK, LEAGUE)
