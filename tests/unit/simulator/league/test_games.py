"""Every simulated game adds up: outs, bases, runs, box score, decisions."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.simulator.league.simulated_games import (
    final_score,
    follow,
    halves,
    league,
    runs,
    some_games,
    turns,
)


def test_moves_every_runner_from_where_he_stood():
    for game in some_games():
        for half in halves(game):
            follow(half)


@settings(max_examples=40)
@given(st.integers(0, 2429))
def test_any_game_of_the_season_can_be_followed(number):
    fixture = league()._find_season(2026).fixtures[number]
    game = league()._games.play_game(fixture)
    for half in halves(game):
        follow(half)
    assert final_score(game)[False] != final_score(game)[True]


def test_counts_outs_by_the_runners_put_out():
    for game in some_games():
        for half in halves(game):
            outs = 0
            for play in half:
                made = sum(runner.is_out for runner in play.runners)
                assert (play.outs_before, play.outs_after) == (outs, outs + made)
                outs += made


def test_ends_every_half_but_the_last_with_three_outs():
    for game in some_games():
        *earlier, last = halves(game)
        assert all(half[-1].outs_after == 3 for half in earlier)
        assert last[-1].outs_after == 3 or not last[-1].is_top


def test_keeps_the_running_score():
    for game in some_games():
        score = [0, 0]
        for play in game.plays:
            score[not play.is_top] += runs(play)
            assert [play.away_score, play.home_score] == score


def test_bats_in_order():
    for game in some_games():
        lineups = {line.player: line.batting_order for line in game.appearances if line.batting_order}
        for is_top in (True, False):
            slots = [int(lineups[play.batter][0]) for play in turns(game) if play.is_top is is_top]
            assert all(after == before % 9 + 1 for before, after in pairwise(slots))


def test_skips_the_last_half_when_the_home_club_leads():
    decided = [game for game in some_games() if game.plays[-1].is_top]
    assert decided
    assert all(game.plays[-1].home_score > game.plays[-1].away_score for game in decided)


def test_ends_a_walk_off_with_the_winning_run():
    walk_offs = [game for game in some_games() if not game.plays[-1].is_top and game.plays[-1].outs_after < 3]
    assert walk_offs
    for game in walk_offs:
        last = game.plays[-1]
        margin = last.home_score - last.away_score
        assert margin == 1 or last.event_type == "home_run"


def test_places_a_runner_from_the_tenth_on():
    extras = [half for game in some_games() for half in halves(game) if half[0].inning > 9]
    assert extras
    assert all(half[0].runners[0].event_type == "runner_placed" for half in extras)


def test_calls_no_placed_runner_earned():
    for game in some_games():
        for half in halves(game):
            placed = {r.runner for play in half for r in play.runners if r.event_type == "runner_placed"}
            assert not any(
                r.earned for play in half for r in play.runners if r.end == "score" and r.runner in placed
            )


def test_credits_as_many_putouts_as_outs():
    for game in some_games():
        for home in (False, True):
            outs = sum(play.outs_after - play.outs_before for play in game.plays if play.is_top is home)
            assert sum(line.putouts for line in game.appearances if line.is_home is home) == outs


def test_charges_errors_to_fielders():
    for game in some_games():
        made = sum(play.event_type == "field_error" for play in game.plays)
        assert sum(line.errors for line in game.appearances) == made


def test_charges_earned_runs_to_the_pitchers_who_answer_for_them():
    for game in some_games():
        earned = Counter(
            r.responsible_pitcher
            for play in game.plays
            for r in play.runners
            if r.end == "score" and r.earned
        )
        box = {line.player: line.earned_runs for line in game.appearances if line.positions == ("P",)}
        assert all(earned[pitcher] == charged for pitcher, charged in box.items())


def test_lists_pitchers_in_the_order_they_pitched():
    for game in some_games():
        for home in (False, True):
            box = [x.player for x in game.appearances if x.positions == ("P",) and x.is_home is home]
            seen = list(dict.fromkeys(play.pitcher for play in game.plays if play.is_top is home))
            assert [pitcher for pitcher in box if pitcher in seen] == seen


def test_starts_the_probable_pitchers():
    for game in some_games():
        starters = {line.is_home: line.player for line in game.appearances if line.is_starting_pitcher}
        assert starters == {True: game.probable_home, False: game.probable_away}


def test_sends_nine_men_with_nine_positions():
    for game in some_games():
        for home in (False, True):
            first = [
                line
                for line in game.appearances
                if line.is_home is home and (line.batting_order or "")[1:] == "00"
            ]
            positions = {line.positions[0] for line in first}
            assert positions == {"C", "1B", "2B", "3B", "SS", "LF", "CF", "RF", "DH"}


def test_gives_the_win_to_the_side_that_won():
    for game in some_games():
        side = {line.player: line.is_home for line in game.appearances}
        score = final_score(game)
        home_won = score[True] > score[False]
        assert (side[game.winner], side[game.loser]) == (home_won, not home_won)


def test_asks_five_innings_of_a_starter_who_wins():
    for game in some_games():
        outs = Counter()
        for play in game.plays:
            outs[play.pitcher] += play.outs_after - play.outs_before
        assert game.winner not in {game.probable_home, game.probable_away} or outs[game.winner] >= 15


def test_gives_a_save_to_a_finisher_who_did_not_win():
    saved = [game for game in some_games() if game.save]
    assert 0.3 < len(saved) / len(some_games()) < 0.65
    for game in saved:
        home_won = final_score(game)[True] > final_score(game)[False]
        last = [play.pitcher for play in game.plays if play.is_top is home_won][-1]
        assert game.save == last != game.winner


def test_fields_only_men_on_the_active_roster():
    for game in some_games():
        for home, club in ((True, game.home), (False, game.away)):
            active = set(league().get_roster(club, game.official_date, "active"))
            assert {line.player for line in game.appearances if line.is_home is home} <= active


def test_bats_in_runs_no_more_than_score():
    for game in some_games():
        for play in game.plays:
            assert play.rbi == sum(runner.rbi for runner in play.runners) <= runs(play)


def test_names_four_umpires():
    assert all(len(set(game.officials.values())) == 4 for game in some_games())


@pytest.mark.parametrize(
    "event", ["grounded_into_double_play", "sac_fly", "force_out", "field_error", "intent_walk"]
)
def test_knows_the_rarer_events(event):
    assert any(play.event_type == event for game in some_games() for play in game.plays)


def test_pinch_hits_now_and_then():
    used = [line for game in some_games() for line in game.appearances if line.positions[0] == "PH"]
    assert used
    assert all(line.batting_order[1:] != "00" for line in used)
