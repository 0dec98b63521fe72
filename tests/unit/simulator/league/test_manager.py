"""When a manager takes his pitcher out, in a game and in its replays alike, and whom he brings in."""

import numpy as np
import pytest

from simulator.league.manager import OVER_LIMIT, SHORT_OF_LIMIT, TeamGameState
from simulator.league.plan import ClubPlan
from simulator.league.replay import _PitchingState

STARTER, CLOSER, SETUP, LONG_MAN, LIMIT = 1, 11, 12, 13, 90.0
NINE = tuple((n, where) for n, where in enumerate(("C", "1B", "2B", "3B", "SS", "LF", "CF", "RF", "DH"), 21))
PLAN = ClubPlan(7, NINE, {}, STARTER, (CLOSER, SETUP, LONG_MAN), LIMIT)
# Innings done, pitches thrown, runs, whether an inning begins, whether he goes on
CASES = [
    (6, LIMIT - SHORT_OF_LIMIT[6] - 1, 0, True, True),
    (6, LIMIT - SHORT_OF_LIMIT[6], 0, True, False),
    (6, LIMIT - SHORT_OF_LIMIT[6], 0, False, True),
    (7, LIMIT - SHORT_OF_LIMIT[7], 0, True, False),
    (4, LIMIT - SHORT_OF_LIMIT[6], 0, True, True),
    (6, LIMIT + OVER_LIMIT - 1, 0, False, True),
    (6, LIMIT + OVER_LIMIT, 0, False, False),
    (2, 40, 6, False, False),
    (2, 40, 5, False, True),
]


@pytest.mark.parametrize(("innings", "pitches", "runs", "begins", "goes_on"), CASES)
def test_a_game_and_its_replays_know_when_a_starter_is_done(innings, pitches, runs, begins, goes_on):
    game, replay = TeamGameState(PLAN, is_home=True), _PitchingState.at_first_pitch(PLAN, 1)
    game.current_outing.outs, game.current_outing.pitches, game.current_outing.runs = (
        3 * innings,
        pitches,
        runs,
    )
    replay.outs[:], replay.pitches[:], replay.runs[:] = 3 * innings, pitches, runs
    if begins:
        game.start_defensive_half(innings + 1, 0)
    game.change_pitcher_if_due(innings + 1, 0, 0)
    replay.change_pitchers(np.array([True]), np.array([begins]), np.array([innings + 1]), np.array([0]))
    assert (game.current_outing.pitcher == STARTER, replay.current[0] == 0) == (goes_on, goes_on)


@pytest.mark.parametrize(
    ("inning", "lead", "who"),
    [(7, 0, SETUP), (9, 0, CLOSER), (9, 3, CLOSER), (8, -1, LONG_MAN), (9, 4, LONG_MAN), (6, 1, LONG_MAN)],
)
def test_the_best_of_the_pen_are_kept_for_ties_and_small_leads(inning, lead, who):
    game, replay = TeamGameState(PLAN, is_home=True), _PitchingState.at_first_pitch(PLAN, 1)
    game.change_pitcher(inning, lead, 0)
    replay.pitches[:] = 200
    replay.change_pitchers(np.array([True]), np.array([False]), np.array([inning]), np.array([lead]))
    assert (game.current_outing.pitcher, PLAN.pitchers[replay.current[0]]) == (who, who)
