"""The postseason by the rules of the year, and series that end when they are decided."""

from collections import Counter
from itertools import groupby
from random import Random

import pytest

from simulator.league.calendar import last_day
from simulator.league.postseason import first_round, next_round, play_postseason, remaining_clubs, seed_clubs
from tests.unit.simulator.league.simulated_games import league


class StrongestWins:
    """Games that the club with the lower id wins."""

    def __init__(self):
        self.known = []

    def add_fixtures(self, fixtures):
        self.known += fixtures

    def home_won(self, fixture):
        return fixture.home < fixture.away


@pytest.fixture(scope="module")
def october():
    return play_postseason(7, league()._find_season(2026), StrongestWins())


@pytest.mark.parametrize(("season", "many"), [(2011, 4), (2015, 5), (2026, 6)])
def test_qualifies_as_many_as_the_year_allows(season, many):
    clubs = league().list_clubs(2026)
    qualified = seed_clubs(clubs, {club.id: club.id for club in clubs}, season, Random(1))
    assert [len(order) for order in qualified.values()] == [many, many]


def test_division_winners_come_first():
    clubs = league().get_season(2026).clubs
    wins = {club.id: club.id for club in clubs}
    divisions = {club.id: club.division_id for club in clubs}
    for order in seed_clubs(clubs, wins, 2026, Random(1)).values():
        best = {max(c for c in divisions if divisions[c] == divisions[club]) for club in order[:3]}
        assert set(order[:3]) == best


def test_plays_four_rounds_in_order(october):
    assert [kind for kind, _ in groupby(game.game_type for game in october)] == ["F", "D", "L", "W"]


def test_four_earlier_wild_cards_were_one_game():
    rounds = first_round({103: [1, 2, 3, 4, 5], 104: [6, 7, 8, 9, 10]})
    assert [one.round.wins_needed for one in rounds] == [1, 1]


def test_there_was_no_wild_card_game_before_2012():
    assert first_round({103: [1, 2, 3, 4], 104: [6, 7, 8, 9]}) == []


def test_the_last_two_play_for_it_all():
    [pairing] = next_round({103: [3], 104: [8]}, 10)
    assert (pairing.round.game_type, pairing.round.wins_needed) == ("W", 4)


def test_a_winner_takes_the_better_clubs_place():
    left = {103: [1, 2, 3, 4, 5, 6]}
    pairings = first_round(left)
    left = remaining_clubs(left, pairings, {3: 6, 4: 4})
    assert [(one.higher_seed, one.lower_seed) for one in next_round(left, 2)] == [(1, 4), (2, 6)]


def test_ends_a_series_when_it_is_decided(october):
    series = Counter((game.game_pk // 10, game.game_type) for game in october)
    needed = {"F": 2, "D": 3, "L": 4, "W": 4}
    assert all(games == needed[kind] for (_, kind), games in series.items())


def test_begins_after_the_regular_season(october):
    assert all(game.official_date > last_day(2026) for game in october)


def test_no_club_plays_twice_a_day(october):
    days = Counter((club, game.official_date) for game in october for club in (game.home, game.away))
    assert set(days.values()) == {1}


def test_october_has_numbers_of_its_own(october):
    assert not {game.game_pk for game in october} & {
        game.game_pk for game in league()._find_season(2026).fixtures
    }
