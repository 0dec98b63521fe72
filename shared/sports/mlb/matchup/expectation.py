"""What is to be expected of each batter against the starter and the pen, and of both clubs together.

Arrays run over games, sides (0 home, 1 away) and slots (0 to 8). The chance of an event is log5 on the logit
scale: the league's cell, plus the batter's shift, plus the pitcher's, plus the park's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from shared.sports.mlb.matchup.lineups import AWAY, HOME, SWITCH, UNKNOWN, Slate
from shared.sports.mlb.matchup.outcomes import PlateAppearanceOutcome
from shared.sports.mlb.states import (
    BATTER,
    CLUB,
    COMPONENTS,
    LEAGUE,
    LEAGUE_ID,
    PARK,
    PITCHER,
    Layout,
    States,
    day_number,
    talent,
)
from shared.sports.mlb.states.clubs import matchup_ids
from shared.sports.mlb.states.entities import Floats, Integers
from shared.sports.mlb.states.layout import (
    SLOT_PLATE_APPEARANCES,
    SLOT_START_PLATE_APPEARANCES,
    SLOT_STARTS,
    Tally,
)

SLOT_PRIOR_GAMES = 100.0
SLOT_PRIOR = 4.65 - 0.11 * np.arange(9.0)  # plate appearances by slot, majors 2010-2016
START_PRIOR = 4.45 - 0.13 * np.arange(9.0)  # of the player who started there
PITCHER_START_PRIOR = np.array([2.1])  # of a pitcher who bats
RUNS_PRIOR = np.array([4.3])  # runs of a club in a game
BATTERS_FACED_PRIOR = 25.0  # of a starter
OWN_STARTS_PRIOR = 5.0  # starts of the league's length added to a starter's own


@dataclass(frozen=True)
class EntityStates:
    """Everybody's sums as they are on the day of the game."""

    as_of: Integers  # (games,), last day they know, in days since 1970-01-01
    batters: Floats  # (games, 2, 9, columns)
    starters: Floats  # (games, 2, columns)
    clubs: Floats  # (games, 2, columns)
    parks: Floats  # (games, columns)
    league: Floats  # (games, columns)
    club_days: Integers  # (games, 2): last game, days since 1970-01-01
    catchers: Floats  # (games, 2, columns)
    umpires: Floats  # (games, columns)
    series: Floats  # (games, columns), of the two clubs against each other

    @classmethod
    def from_states(cls, states: States, slate: Slate) -> Self:
        """Look everybody up; zeros for one who is not known."""
        day, season = slate.days, slate.seasons
        league = np.full(len(slate), LEAGUE_ID)
        return cls(
            np.full(len(slate), day_number(states.as_of)),
            states.batters.sums_at(slate.batters, day[:, None, None], season[:, None, None]),
            states.pitchers.sums_at(slate.starters, day[:, None], season[:, None]),
            states.clubs.sums_at(slate.clubs, day[:, None], season[:, None]),
            states.parks.sums_at(slate.venues, day, season),
            states.leagues.sums_at(league, day, season),
            states.clubs.last_days(slate.clubs),
            states.catchers.sums_at(slate.catchers, day[:, None], season[:, None]),
            states.umpires.sums_at(slate.umpires, day, season),
            states.series.sums_at(matchup_ids(*slate.clubs.T), day, season),
        )

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Return the sums of all parts' games, in order."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))


@dataclass(frozen=True)
class MatchupExpectation:
    """The assembled match-up."""

    who: Slate
    sums: EntityStates
    mean: Floats  # (games, 5), the league's rates
    batter_shift: Floats  # (games, 2, 9, 5)
    starter_shift: Floats  # (games, 2, 5)
    bullpen_shift: Floats  # (games, 2, 5)
    park: Floats  # (games, 5)
    catcher_shift: Floats  # (games, 2, 5): of each side's catcher
    umpire_shift: Floats  # (games, 5)
    vs_starter: PlateAppearanceOutcome  # (games, 2, 9): each batter against the other club's starter
    vs_bullpen: PlateAppearanceOutcome  # (games, 2, 9)
    vs_average_pitcher: PlateAppearanceOutcome  # (games, 2, 9): each batter against the league, wherever
    batters_faced: Floats  # (games, 2): expected of each side's starter
    slot_plate_appearances: Floats  # (games, 9): plate appearances of a slot in a game
    start_plate_appearances: Floats  # (games, 2, 9): plate appearances of the player who starts there
    plate_appearances_vs_starter: Floats  # (games, 2, 9): those of the slot against the other club's starter

    @property
    def average_run_value(self) -> Floats:
        """Return the run value of the league's plate appearance: (games,)."""
        return PlateAppearanceOutcome.from_rates(self.mean).run_value

    @property
    def expected_runs(self) -> Floats:
        """Return expected runs of each side: the league's, plus each turn's value above the average."""
        league = league_runs(self.sums)[:, None]
        average = self.average_run_value[:, None, None]
        starter = self.plate_appearances_vs_starter * (self.vs_starter.run_value - average)
        pen_turns = self.slot_plate_appearances[:, None, :] - self.plate_appearances_vs_starter
        bullpen = pen_turns * (self.vs_bullpen.run_value - average)
        return np.maximum(league + sum_over_slots(starter + bullpen), 1.0)

    def runs_above_average(self, shift: Floats) -> Floats:
        """Return runs per plate appearance above the league of shifts (games, ..., 5)."""
        middle = (slice(None), *(None,) * (shift.ndim - 2))
        rates = talent.inverse_logit(talent.logit(self.mean[middle]) + shift)
        return PlateAppearanceOutcome.from_rates(rates).run_value - self.average_run_value[middle]


def expected_matchup(who: Slate, sums: EntityStates) -> MatchupExpectation:
    """Assemble the match-ups of games from everybody's sums."""
    batter = talent.overall_shift(sums.batters, talent.BATTER_PRIOR)
    starter = talent.overall_shift(sums.starters, talent.PITCHER_PRIOR)
    relieved = sums.clubs[..., CLUB.component_slice("strikeout_pen")]
    bullpen = talent.log_odds_shift(
        relieved.reshape(*relieved.shape[:-1], len(COMPONENTS), len(Tally)), talent.BULLPEN_PRIOR
    )
    park = talent.park_shift(
        sums.parks[:, PARK.component_slice("strikeout_here")],
        sums.clubs[:, HOME, CLUB.component_slice("strikeout_road")],
    )
    catcher = talent.catcher_umpire_shift(sums.catchers, talent.CATCHER_PRIOR)
    umpire = talent.catcher_umpire_shift(sums.umpires, talent.UMPIRE_PRIOR)
    place = park[:, None, None, :] + umpire[:, None, None, :] + catcher[:, ::-1, None, :]
    faced = _batters_faced(sums)
    slot_turns = _shrunk_mean(sums.league, SLOT_PLATE_APPEARANCES, ("club_games",), SLOT_PRIOR)
    return MatchupExpectation(
        who,
        sums,
        talent.mean_rates(sums.league),
        batter,
        starter,
        bullpen,
        park,
        catcher,
        umpire,
        _outcomes_vs_starter(who, sums, batter, starter, place),
        _outcomes_vs_bullpen(who, sums, batter, bullpen, place),
        _outcomes_vs_average(who, sums, batter),
        faced,
        slot_turns,
        _expected_start_turns(sums.league, who.pitchers_at_bat),
        _expected_turns_vs_starter(faced[:, ::-1], slot_turns),
    )


def _outcomes_vs_starter(
    who: Slate, sums: EntityStates, batter: Floats, starter: Floats, place: Floats
) -> PlateAppearanceOutcome:
    """Each batter against the other club's starter, with what either does against the other's hand."""
    hand = np.broadcast_to(who.hands[:, ::-1, None], who.sides.shape)
    league = talent.lookup_cells(talent.league_cell_rates(sums.league), who.pitchers_at_bat, who.sides, hand)
    batter_split = talent.split_shift(sums.batters, batter, talent.BATTER_SPLIT_PRIOR)
    starter_split = talent.split_shift(sums.starters, starter, talent.PITCHER_SPLIT_PRIOR)[:, ::-1]
    at_bat = batter + np.take_along_axis(batter_split, hand[..., None, None], axis=-2)[..., 0, :]
    on_mound = starter[:, ::-1, None, :] + np.take_along_axis(
        starter_split, resolve_switch_hitter(who.sides, hand)[..., None], axis=-2
    )
    return PlateAppearanceOutcome.from_rates(
        talent.inverse_logit(talent.logit(league) + at_bat + on_mound + place)
    )


def _outcomes_vs_bullpen(
    who: Slate, sums: EntityStates, batter: Floats, bullpen: Floats, place: Floats
) -> PlateAppearanceOutcome:
    """Each batter against the other club's pen of unknown hands; a pinch hitter in the pitcher's place."""
    hand = np.full_like(who.sides, talent.ANY_HAND)
    cells = talent.league_cell_rates(sums.league)
    league = talent.lookup_cells(cells, np.zeros_like(who.sides), who.sides, hand)
    at_bat = np.where(who.pitchers_at_bat[..., None] == 1, 0.0, batter)
    return PlateAppearanceOutcome.from_rates(
        talent.inverse_logit(talent.logit(league) + at_bat + bullpen[:, ::-1, None, :] + place)
    )


def _outcomes_vs_average(who: Slate, sums: EntityStates, batter: Floats) -> PlateAppearanceOutcome:
    """Each batter's own shrunk rates, whoever pitches."""
    nowhere = np.full_like(who.sides, UNKNOWN)
    league = talent.lookup_cells(talent.league_cell_rates(sums.league), who.pitchers_at_bat, nowhere, nowhere)
    return PlateAppearanceOutcome.from_rates(talent.inverse_logit(talent.logit(league) + batter))


def resolve_switch_hitter(sides: Integers, hand: Integers) -> Integers:
    """Return the side of the plate: a switch hitter takes the one opposite the hand."""
    opposite_hand = np.where(hand == UNKNOWN, UNKNOWN, 1 - hand)
    return np.where(sides == SWITCH, opposite_hand, sides)


def _expected_turns_vs_starter(batters_faced: Floats, slot_turns: Floats) -> Floats:
    """Return each slot's turns against a starter who faces so many: the nine add up to them."""
    plate_appearances = (batters_faced[..., None] + 4.0 - np.arange(9)) / 9.0
    return np.clip(plate_appearances, 0.0, slot_turns[:, None, :])


def _batters_faced(sums: EntityStates) -> Floats:
    """Return expected batters faced: the starter's own mean, with five starts of the league's added."""
    starts, faced = np.moveaxis(sums.league[:, LEAGUE.column_indexes("starts", "start_batters_faced")], -1, 0)
    usual = (faced + SLOT_PRIOR_GAMES * BATTERS_FACED_PRIOR) / (starts + SLOT_PRIOR_GAMES)
    own_starts, own_faced = (
        state_column(sums.starters, PITCHER, name) for name in ("starts", "start_batters_faced")
    )
    total = own_faced + OWN_STARTS_PRIOR * usual[:, None]
    return np.asarray(total / (own_starts + OWN_STARTS_PRIOR))


def _expected_start_turns(league: Floats, pitchers_at_bat: Integers) -> Floats:
    """Return the starting nine's plate appearances, (games, 2, 9): a pitcher makes way early."""
    batters = _shrunk_mean(league, SLOT_START_PLATE_APPEARANCES, SLOT_STARTS, START_PRIOR)
    pitchers = _shrunk_mean(
        league, ("pitcher_slot_plate_appearances",), ("pitcher_slot_starts",), PITCHER_START_PRIOR
    )
    return np.where(pitchers_at_bat == 1, pitchers[:, None, :], batters[:, None, :])


def _shrunk_mean(league: Floats, total: tuple[str, ...], games: tuple[str, ...], prior: Floats) -> Floats:
    """Return totals per game, each with a hundred games at its prior: (games, totals)."""
    summed, counted = league[:, LEAGUE.column_indexes(*total)], league[:, LEAGUE.column_indexes(*games)]
    return np.asarray((summed + SLOT_PRIOR_GAMES * prior) / (counted + SLOT_PRIOR_GAMES))


def league_runs(sums: EntityStates) -> Floats:
    """Return the league's runs of a club in a game: (games,)."""
    return _shrunk_mean(sums.league, ("runs",), ("club_games",), RUNS_PRIOR)[:, 0]


def sum_over_slots(values: Floats) -> Floats:
    """Return the sum over the last axis, slot by slot: numpy's own order depends on the shape."""
    total = values[..., 0]
    for slot in range(1, values.shape[-1]):
        total = total + values[..., slot]
    return np.asarray(total)


def state_column(sums: Floats, layout: Layout, name: str) -> Floats:
    """Return one number of each entity's sums: (games, ...)."""
    return np.asarray(sums[..., layout.column_indexes(name)[0]])


def platoon_advantage(who: Slate) -> Floats:
    """Return 1.0 where a batter bats from the side opposite the starter's hand, .5 where not known."""
    hand = who.hands[:, [AWAY, HOME], None]
    known = (who.sides < 2) & (hand < 2)
    advantage = np.where(who.sides == hand, 0.0, 1.0)
    return np.where(known | (who.sides == 3), advantage, 0.5)


def batter_column(expected: MatchupExpectation, name: str) -> Floats:
    """Return one number of each batter's sums: (games, 2, 9)."""
    return state_column(expected.sums.batters, BATTER, name)
