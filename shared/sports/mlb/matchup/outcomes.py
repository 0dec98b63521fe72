"""Component rates to what a plate appearance brings: events, bases, runs."""

from dataclasses import dataclass

import numpy as np

from shared.sports.mlb.states.entities import Floats

# Runs above an average plate appearance, Tango, Lichtman and Dolphin, The Book (2007), table 7; walk and
# hit by pitch together, doubles and triples in their proportion of about ten to one.
RUN_VALUES = {"walk": 0.33, "home_run": 1.40, "single": 0.475, "extra_base": 0.80, "out": -0.30}
EXTRA_BASES = 2.1  # mean total bases of a double or triple
PYTHAGOREAN_EXPONENT = 1.83  # win odds = (runs for / runs against)^1.83
HOME_EDGE = 0.16  # log-odds of the home club between equals: .54, the majors 2010-2016


@dataclass(frozen=True)
class PlateAppearanceOutcome:
    """What a plate appearance brings: probabilities, all of one shape."""

    strikeout: Floats
    walk: Floats
    home_run: Floats
    single: Floats
    extra_base: Floats

    @classmethod
    def from_rates(cls, rates: Floats) -> "PlateAppearanceOutcome":
        """Return the probabilities per plate appearance of component rates (..., 5)."""
        strikeout, walk, home_run, single, extra_base = np.moveaxis(rates, -1, 0)
        contact = np.maximum(1.0 - strikeout - walk, 0.05)
        home_runs = contact * home_run
        in_play = contact - home_runs
        return cls(strikeout, walk, home_runs, in_play * single, in_play * extra_base)

    @property
    def hit(self) -> Floats:
        """Return the probability of a hit."""
        return self.single + self.extra_base + self.home_run

    @property
    def total_bases(self) -> Floats:
        """Return expected total bases."""
        return self.single + EXTRA_BASES * self.extra_base + 4.0 * self.home_run

    @property
    def run_value(self) -> Floats:
        """Return runs above the average of The Book's years; only differences of it mean anything."""
        reached = self.walk + self.hit
        return (
            RUN_VALUES["walk"] * self.walk
            + RUN_VALUES["home_run"] * self.home_run
            + RUN_VALUES["single"] * self.single
            + RUN_VALUES["extra_base"] * self.extra_base
            + RUN_VALUES["out"] * (1.0 - reached)
        )


def home_win_margin(home_runs: Floats, away_runs: Floats) -> Floats:
    """Return the log-odds of a home win: 1.83 ln(home / away) + .16 (the Pythagorean expectation)."""
    return PYTHAGOREAN_EXPONENT * np.log(home_runs / away_runs) + HOME_EDGE


def starter_strikeouts(rate: Floats, batters_faced: Floats) -> Floats:
    """Return expected strikeouts, exp(-.60 + .97 ln p + 1.15 ln BF).

    The product p x BF forecasts .31 too many: it ignores that who strikes out few is taken out early. The
    coefficients are a Poisson fit on the starts of 2014-2016.
    """
    return np.asarray(np.exp(-0.60 + 0.97 * np.log(rate) + 1.15 * np.log(batters_faced)))
