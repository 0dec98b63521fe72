"""Club ratings from results: Elo with the margin of victory."""

from math import log

K = 4.0  # points at stake; small, because one game says little
HOME_EDGE = 24.0  # points: a .534 home share between equals
SCALE = 400.0


def expected_home_score(home: float, away: float) -> float:
    """Return the chance of a home win: 1 / (1 + 10^(-(home + 24 - away) / 400)), ratings above average."""
    return float(1.0 / (1.0 + 10.0 ** (-(home + HOME_EDGE - away) / SCALE)))


def elo_exchange(home: float, away: float, home_runs: int, away_runs: int) -> float:
    """Return the points the home club wins from the visitors (negative: loses); a tie moves none.

    K (result - expected), times ln(1 + |margin|) damped by 2.2 / (2.2 + .001 x the winner's lead), so that
    favourites who win big do not run away (the correction published with FiveThirtyEight's club ratings).
    """
    margin = home_runs - away_runs
    if margin == 0:
        return 0.0
    won = 1.0 if margin > 0 else 0.0
    lead = (home + HOME_EDGE - away) * (1.0 if margin > 0 else -1.0)
    weight = log(1 + abs(margin)) * 2.2 / (2.2 + 0.001 * lead)
    return K * weight * (won - expected_home_score(home, away))
