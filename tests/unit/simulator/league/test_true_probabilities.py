"""The league is the same for a seed, near the majors' rates, and knows its true probabilities."""

import hashlib
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import takewhile
from random import Random

import numpy as np
import pytest

from simulator.league import SimulatedLeague
from simulator.league.advances import BRANCHES, Branch, score_walk_off
from simulator.league.outcomes import platoon_shift
from simulator.league.plate_appearance import GameSimulation
from simulator.league.rng import seeded_random
from tests.unit.simulator.league.simulated_games import HITS, WALKS, final_score, league, some_games, turns

SPRING, OPENING = date(2026, 2, 20), date(2026, 3, 26)
DIGEST = """
import hashlib
from datetime import date
from simulator.league import SimulatedLeague
games = SimulatedLeague(7, [2026]).games_on(date(2026, 3, 26), date(2026, 3, 26))
print(hashlib.sha256(repr(list(games)).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def rates():
    events = Counter(play.event_type for game in some_games() for play in turns(game))
    total = sum(events.values())
    share = {event: count / total for event, count in events.items()}
    hits = sum(share[event] for event in HITS) - share["home_run"]
    in_play = 1 - share["strikeout"] - share["home_run"] - sum(share[event] for event in WALKS)
    return share | {"walks": sum(share[event] for event in WALKS), "babip": hits / in_play}


@cache
def two_seasons():
    return SimulatedLeague(7, [2025, 2026])


def test_another_process_plays_the_same_games():
    here = repr(list(league().games_on(OPENING, OPENING)))
    there = subprocess.run([sys.executable, "-c", DIGEST], check=True, capture_output=True, text=True)
    assert there.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_days_can_be_played_on_their_own():
    last = SPRING + timedelta(days=2)
    in_order = list(takewhile(lambda game: game.official_date <= last, league().iter_games(2026)))
    assert [game for game in in_order if game.official_date == last] == list(league().games_on(last, last))


def test_a_season_does_not_depend_on_the_others_asked_for():
    assert next(iter(two_seasons().iter_games(2026))) == next(iter(league().iter_games(2026)))


def test_another_seed_is_another_league():
    assert next(iter(SimulatedLeague(8, [2026]).iter_games(2026))) != next(iter(league().iter_games(2026)))


@pytest.mark.parametrize(
    ("rate", "expected", "within"),
    [
        ("strikeout", 0.224, 0.013),
        ("walks", 0.092, 0.01),
        ("home_run", 0.028, 0.005),
        ("babip", 0.286, 0.014),
    ],
)
def test_stays_near_the_majors_rates(rates, rate, expected, within):
    assert rates[rate] == pytest.approx(expected, abs=within)


def test_scores_about_four_and_a_half_runs():
    scored = [sum(final_score(game).values()) / 2 for game in some_games()]
    assert sum(scored) / len(scored) == pytest.approx(4.4, abs=0.5)


def test_home_clubs_win_a_little_more():
    home = [final_score(game)[True] > final_score(game)[False] for game in some_games()]
    assert 0.45 < sum(home) / len(home) < 0.61


def test_outcomes_sum_to_one():
    game = some_games()[0]
    play = game.plays[0]
    chances = league().true_outcome_probabilities(play.batter, play.pitcher, game.venue)
    assert sum(chances.values()) == pytest.approx(1)


def test_plays_what_the_probabilities_promise():
    sample = Random(1).sample([(game, play) for game in some_games() for play in turns(game)], 3000)
    expected, seen = Counter(), Counter()
    for game, play in sample:
        match_up = (play.batter, play.pitcher, game.venue)
        expected.update(league().true_outcome_probabilities(*match_up, game_pk=game.game_pk))
        seen[play.event_type] += 1
    for event in ("strikeout", "single", "home_run"):
        assert seen[event] == pytest.approx(expected[event], abs=3.5 * expected[event] ** 0.5)


def test_batters_make_fewer_outs_at_home():
    game, year = some_games()[0], league()._find_season(2026)
    match_up = ([game.probable_away], [game.plays[-1].batter], year.parks[game.venue])
    home, nowhere, road = (
        year.abilities.matchup_probabilities(*match_up, side)[0, 0, -1] for side in (True, None, False)
    )
    assert home < nowhere < road


def test_switch_hitters_always_have_the_platoon():
    same, other, switch = (platoon_shift(np.array([bats]), np.array([-1]))[0, 0] for bats in (-1, 1, 0))
    assert same > 0 > other == switch


def test_replays_agree_with_played_games():
    fixture = max(
        league()._find_season(2026).fixtures[:20],
        key=lambda game: league().true_win_probability(game.game_pk, 200),
    )
    year, plan, won = league()._find_season(2026), league()._games.plan_game(fixture), 0
    for number in range(160):
        contest = GameSimulation(plan, year.people, year.arsenals, seeded_random(number, "again"))
        contest.play_game()
        won += contest.winning_side.is_home
    assert won / 160 == pytest.approx(league().true_win_probability(fixture.game_pk), abs=0.12)


def test_true_probabilities_are_repeatable():
    first = some_games()[0].game_pk
    assert league().true_win_probability(first, 100) == league().true_win_probability(first, 100)


def talents(league, year):
    abilities = league._find_season(year).abilities
    return {player: abilities.talent[row] for player, row in abilities.row.items()}


def test_talent_lasts_over_the_winter():
    then, now = (talents(two_seasons(), year) for year in (2025, 2026))
    stayed = sorted(set(then) & set(now))
    pairs = [(then[player][0], now[player][0]) for player in stayed]
    mean = [sum(values) / len(pairs) for values in zip(*pairs, strict=True)]
    cov, var, var_now = (
        sum((a[i] - mean[i]) * (a[j] - mean[j]) for a in pairs) for i, j in ((0, 1), (0, 0), (1, 1))
    )
    assert 0.6 < cov / (var * var_now) ** 0.5 < 0.98


def test_rosters_hold_26_and_40_men():
    on = date(2026, 6, 1)
    active, forty = (league().get_roster(147, on, kind) for kind in ("active", "40Man"))
    assert (len(set(active)), len(set(forty))) == (26, 40)
    assert set(active) <= set(forty)


def test_transactions_explain_every_change_of_a_roster():
    for n in (*range(40), *range(150, 170)):
        day = OPENING + timedelta(days=n)
        before, after = (set(league().get_roster(147, on, "active")) for on in (day, day + timedelta(days=1)))
        moves = league().list_transactions(day + timedelta(days=1), day + timedelta(days=1))
        ours = [m for m in moves if 147 in (m.to_club, m.from_club)]
        leave = {m.player for m in ours if m.type_code == "OPT" or " placed " in m.description}
        assert before - after == leave
        assert after - before == {m.player for m in ours} - leave


def test_september_calls_up_two_men_or_everybody():
    (before, on), after = (date(2019, 8, 31), date(2019, 9, 1)), date(2019, 10, 1)
    old = SimulatedLeague(7, [2019])
    sizes = [len(old.get_roster(147, day, "active")) for day in (before, on, after)]
    assert sizes[0] == sizes[2] == 26 < 33 < sizes[1] <= 40
    assert len(league().get_roster(147, date(2026, 9, 1), "active")) == 28


def test_september_pens_are_deeper():
    squad = league().get_season(2026).squads[147]
    assert [len(squad.bullpen(date(2026, month, 5))) for month in (8, 9)] == [8, 9]


def test_transactions_happen_and_have_their_own_ids():
    moves = league().list_transactions(OPENING, OPENING + timedelta(days=60))
    assert len(moves) > 100
    assert len({move.id for move in moves}) == len(moves)


def test_people_include_namesakes_accents_and_umpires():
    names = Counter(person.full_name for person in league().people_by_id().values())
    assert 1 <= sum(count > 1 for count in names.values()) <= 30
    assert any("é" in name for name in names)
    assert set(some_games()[0].officials.values()) <= set(league().people_by_id())


def test_hands_are_shared_as_in_the_majors():
    batters = [person for person in league().people_by_id().values() if person.position not in {"P", ""}]
    shares = {side: count / len(batters) for side, count in Counter(p.bats for p in batters).items()}
    assert 0.25 < shares["L"] < 0.42
    assert 0.05 < shares["S"] < 0.16


@pytest.mark.parametrize(
    ("event", "moves", "needed", "expected"),
    [
        ("double", ((3, 4), (2, 4), (0, 2)), 1, "single"),
        ("single", ((2, 4), (0, 1)), 1, "single"),
        ("double", ((1, 4), (0, 2)), 1, "double"),
        ("home_run", ((3, 4), (0, 4)), 1, "home_run"),
    ],
)
def test_scores_walk_off_hits_by_the_winning_run(event, moves, needed, expected):
    ended = score_walk_off(Branch(1, event, moves), needed)
    assert ended.event_type == expected
    assert ended.runs == (needed if event != "home_run" else 2)


def test_every_way_to_advance_has_its_probability():
    for by_bases in BRANCHES:
        for ways in (ways for by_outs in by_bases for ways in by_outs):
            assert sum(way.probability for way in ways) == pytest.approx(1)


def test_refuses_seasons_it_does_not_have():
    with pytest.raises(KeyError, match="2019"):
        league().iter_games(2019)


def test_needs_a_season():
    with pytest.raises(ValueError, match="expected seasons"):
        SimulatedLeague(7, [])
