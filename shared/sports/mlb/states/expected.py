"""What was to be expected of a day's turns from everybody but the one who is judged by them.

Each component's log-odds: the league's cell of the day before, plus the park's shift, plus those of batter,
pitcher, catcher and umpire, their own left out: a state is what they do beyond all that.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.sports.mlb.states import talent
from shared.sports.mlb.states.entities import Floats, Integers, States
from shared.sports.mlb.states.layout import CLUB, PARK
from shared.sports.mlb.states.league import cell_rates
from shared.sports.mlb.states.plate_appearances import PlateAppearances

LEAGUE_ID = 1
NOBODY = 0  # the id where the catcher or umpire is not known


@dataclass(frozen=True)
class ExpectedEvents:
    """Expected events of a day's plate appearances, (plate appearances, 5) each, by who is judged by them."""

    cells: Floats
    batters: Floats
    pitchers: Floats
    catchers: Floats
    umpires: Floats
    batter_shift: Floats  # (turns, 5), of the batter, as of yesterday
    pitcher_shift: Floats


def expected_events(
    states: States, plate_appearances: PlateAppearances, games: pl.DataFrame, day: int, season: int
) -> ExpectedEvents:
    """Return what to expect of `turns` of `games` (sorted by game_pk) from the states of days before."""
    league = states.leagues.sums_at(np.array([LEAGUE_ID]), day, season)[0]
    rates = cell_rates(league)[plate_appearances.by_pitcher, plate_appearances.side, plate_appearances.hand]
    cells = talent.logit(rates)
    park = _park_shift(states, games, day, season)[plate_appearances.game]
    batter = talent.overall_shift(
        states.batters.sums_at(plate_appearances.batter, day, season), talent.BATTER_PRIOR
    )
    pitcher = talent.overall_shift(
        states.pitchers.sums_at(plate_appearances.pitcher, day, season), talent.PITCHER_PRIOR
    )
    behind, calling = (
        catchers_in_field(plate_appearances, games),
        home_plate_umpires(games)[plate_appearances.game],
    )
    catcher = talent.catcher_umpire_shift(states.catchers.sums_at(behind, day, season), talent.CATCHER_PRIOR)
    umpire = talent.catcher_umpire_shift(states.umpires.sums_at(calling, day, season), talent.UMPIRE_PRIOR)

    def events_given(*shifts: Floats) -> Floats:
        return talent.inverse_logit(np.sum([cells, *shifts], axis=0)) * plate_appearances.trials

    return ExpectedEvents(
        rates * plate_appearances.trials,
        events_given(park, pitcher, catcher, umpire),
        events_given(park, batter, catcher, umpire),
        events_given(park, batter, pitcher, umpire),
        events_given(park, batter, pitcher, catcher),
        batter,
        pitcher,
    )


def catchers_in_field(plate_appearances: PlateAppearances, games: pl.DataFrame) -> Integers:
    """Return who began behind the plate for the club in the field, of each turn."""
    home, away = (games[f"{side}_catcher_id"].fill_null(NOBODY).to_numpy() for side in ("home", "away"))
    return np.where(plate_appearances.is_top, home[plate_appearances.game], away[plate_appearances.game])


def home_plate_umpires(games: pl.DataFrame) -> Integers:
    """Return who calls balls and strikes, of each game."""
    return games["home_plate_umpire_id"].fill_null(NOBODY).to_numpy()


def _park_shift(states: States, games: pl.DataFrame, day: int, season: int) -> Floats:
    venue, home = games["venue_id"].fill_null(0).to_numpy(), games["home_team_id"].to_numpy()
    here = states.parks.sums_at(venue, day, season)[:, PARK.component_slice("strikeout_here")]
    road = states.clubs.sums_at(home, day, season)[:, CLUB.component_slice("strikeout_road")]
    return talent.park_shift(here, road)
