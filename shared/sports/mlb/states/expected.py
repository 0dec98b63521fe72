"""What was to be expected of a day's turns from everybody but the one who is judged by them.

Each component's log-odds: the league's cell of the day before, plus the park's shift, plus those of batter,
pitcher, catcher and umpire, his own left out: a state is what he does beyond all that.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.sports.mlb.states import talent
from shared.sports.mlb.states.entities import Floats, Integers, States
from shared.sports.mlb.states.layout import CLUB, PARK
from shared.sports.mlb.states.league import cell_rates
from shared.sports.mlb.states.plate_appearances import Turns

LEAGUE_ID = 1
NOBODY = 0  # in the place of a catcher or umpire who is not known


@dataclass(frozen=True)
class Expected:
    """Expected events of a day's turns, (turns, 5) each, by whom they are held against."""

    cells: Floats
    batters: Floats
    pitchers: Floats
    catchers: Floats
    umpires: Floats
    batter_shift: Floats  # (turns, 5), of the batter himself as of yesterday
    pitcher_shift: Floats


def expected_of(states: States, turns: Turns, games: pl.DataFrame, day: int, season: int) -> Expected:
    """Return what to expect of `turns` of `games` (sorted by game_pk) from the states of days before."""
    league = states.leagues.at(np.array([LEAGUE_ID]), day, season)[0]
    rates = cell_rates(league)[turns.by_pitcher, turns.side, turns.hand]
    cells = talent.logit(rates)
    park = _park(states, games, day, season)[turns.game]
    batter = talent.overall_shift(states.batters.at(turns.batter, day, season), talent.BATTER_PRIOR)
    pitcher = talent.overall_shift(states.pitchers.at(turns.pitcher, day, season), talent.PITCHER_PRIOR)
    behind, calling = catchers_of(turns, games), umpires_of(games)[turns.game]
    catcher = talent.called_shift(states.catchers.at(behind, day, season), talent.CATCHER_PRIOR)
    umpire = talent.called_shift(states.umpires.at(calling, day, season), talent.UMPIRE_PRIOR)

    def events(*shifts: Floats) -> Floats:
        return talent.probability(np.sum([cells, *shifts], axis=0)) * turns.trials

    return Expected(
        rates * turns.trials,
        events(park, pitcher, catcher, umpire),
        events(park, batter, catcher, umpire),
        events(park, batter, pitcher, umpire),
        events(park, batter, pitcher, catcher),
        batter,
        pitcher,
    )


def catchers_of(turns: Turns, games: pl.DataFrame) -> Integers:
    """Return who began behind the plate for the club in the field, of each turn."""
    home, away = (games[f"{side}_catcher_id"].fill_null(NOBODY).to_numpy() for side in ("home", "away"))
    return np.where(turns.is_top, home[turns.game], away[turns.game])


def umpires_of(games: pl.DataFrame) -> Integers:
    """Return who calls balls and strikes, of each game."""
    return games["home_plate_umpire_id"].fill_null(NOBODY).to_numpy()


def _park(states: States, games: pl.DataFrame, day: int, season: int) -> Floats:
    venue, home = games["venue_id"].fill_null(0).to_numpy(), games["home_team_id"].to_numpy()
    here = states.parks.at(venue, day, season)[:, PARK.block("strikeout_here")]
    road = states.clubs.at(home, day, season)[:, CLUB.block("strikeout_road")]
    return talent.park_shift(here, road)
