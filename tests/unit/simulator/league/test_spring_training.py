"""Before opening day the clubs meet in Florida and in Arizona, many men play, and nothing counts."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from simulator.clubs import ballparks_by_id, spring_venue_ids
from simulator.league import SimulatedLeague, spring_training
from simulator.league.calendar import opening_day
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.wire.weather import expected_weather
from tests.unit.simulator.league.simulated_games import final_score, follow, halves, league

FIRST, TIED, LAST = date(2026, 2, 20), date(2026, 3, 23), date(2026, 3, 24)
OPENING, BOSTON, YANKEES = date(2026, 3, 26), 111, 147


@pytest.fixture(scope="module")
def fixtures():
    return league().get_season(2026).spring


@pytest.fixture(scope="module")
def games():
    return {day: list(league().games_on(day, day)) for day in (FIRST, TIED, LAST)}


@pytest.fixture(scope="module")
def tie(games):
    return next(game for game in games[TIED] if len(set(final_score(game).values())) == 1)


def test_gives_every_club_some_thirty_games_half_of_them_at_home(fixtures):
    played = Counter(club for game in fixtures for club in (game.home, game.away))
    hosted = Counter(game.home for game in fixtures)
    assert len(played) == 30
    assert set(played.values()) <= {30, 31}
    assert all(13 <= games <= 18 for games in hosted.values())


def test_parts_the_clubs_by_their_spring_homes(fixtures):
    states = {club: ballparks_by_id()[park].state for club, park in spring_venue_ids().items()}
    assert Counter(states.values()) == {"FL": 15, "AZ": 15}
    assert all(states[game.home] == states[game.away] for game in fixtures)
    assert {(game.home, game.venue) for game in fixtures} == set(spring_venue_ids().items())


def test_lets_one_club_of_fifteen_rest_and_shares_no_park_on_a_day(fixtures):
    on_a_day = Counter((game.official_date, game.venue) for game in fixtures)
    assert set(on_a_day.values()) == {1}
    assert set(Counter(game.official_date for game in fixtures).values()) == {14}


def test_arizona_knows_no_summer_time(fixtures):
    late = [game for game in fixtures if game.official_date == LAST and game.day_night == "day"]
    assert {game.start.hour for game in late if ballparks_by_id()[game.venue].state == "AZ"} == {20}
    assert {game.start.hour for game in late if ballparks_by_id()[game.venue].state == "FL"} == {17}


@pytest.mark.parametrize("season", range(2010, 2030))
def test_is_over_before_opening_day(season):
    days = spring_training.game_days(season)
    assert (days[0], days[-1] < opening_day(season)) == (date(season, 2, 20), True)


def test_games_have_numbers_of_their_own(fixtures):
    year = league().get_season(2026)
    numbers = [game.game_pk for game in (*fixtures, *year.fixtures, year.all_star_game)]
    assert len(set(numbers)) == len(numbers)
    assert max(game.game_pk for game in fixtures) < year.all_star_game.game_pk


def test_starters_last_longer_from_week_to_week(games):
    early, late = (
        sum(play.outs_after - play.outs_before for game in games[day] for play in game.plays
            if play.pitcher == game.probable_home) / 3 / len(games[day])
        for day in (FIRST, LAST)
    )  # fmt: skip
    assert early < 3 < 4 < late


def test_regulars_leave_and_everybody_finds_his_place(games):
    for game in games[FIRST]:
        for is_home in (False, True):
            nine = [one for one in game.appearances if one.is_home is is_home and one.batting_order]
            second = [one for one in nine if one.batting_order.endswith("01")]
            assert (len(nine), {one.positions[0] for one in nine}) == (
                18,
                {one.positions[0] for one in second},
            )
            gone = {one.player for one in nine} - {one.player for one in second}
            late = {play.batter for play in game.plays if play.inning > 6 and play.is_top is not is_home}
            assert not late & gone


def test_books_add_up(games):
    for game in games[FIRST]:
        for half in halves(game):
            follow(half)
        outs = sum(one.putouts for one in game.appearances)
        assert outs == sum(play.outs_after - play.outs_before for play in game.plays)


def test_a_game_level_after_nine_is_nobodys(tie):
    assert {play.inning for play in tie.plays} == set(range(1, 10))
    assert (tie.game_type, tie.winner, tie.loser, tie.save) == ("S", None, None, None)


def test_all_forty_are_there_until_opening_day():
    sizes = [len(league().get_roster(BOSTON, day, "active")) for day in (FIRST, LAST, OPENING)]
    assert sizes == [40, 40, 26]


def test_nobody_quotes_it_and_it_has_no_truth(tie):
    assert league().list_quotes(tie.game_pk, tie.start) == ()
    with pytest.raises(ValueError, match="spring game"):
        league().true_win_probability(tie.game_pk)


def test_is_warm_while_it_is_winter_elsewhere():
    noons = [datetime(2026, 3, day, 19) for day in range(1, 24)]  # noqa: DTZ001 - Greenwich's hours
    tampa, boston = (
        sum(expected_weather((park.latitude, park.longitude), hour)["temperature_2m"] for hour in noons)
        / len(noons)
        for park in (ballparks_by_id()[spring_venue_ids()[YANKEES]], ballparks_by_id()[3])
    )
    assert 70 < tampa < 80
    assert boston < 55


def test_leaves_the_season_as_it_was():
    alone, after_spring = SimulatedLeague(1, [2026]), SimulatedLeague(1, [2026])
    list(after_spring.games_on(LAST, LAST))
    assert list(after_spring.games_on(OPENING, OPENING)) == list(alone.games_on(OPENING, OPENING))


class Days:
    """The league with nothing played but three days of spring; remembers what it was asked for."""

    def __init__(self, games):
        self._games, self.asked = [game for day in games.values() for game in day], []

    def __getattr__(self, name):
        return getattr(league(), name)

    def opening_day(self, season):  # defined here: what `__getattr__` finds makes no protocol from 3.12 on
        return league().opening_day(season)

    def games_on(self, first, last):
        self.asked.append((first, last))
        return (game for game in self._games if first <= game.official_date <= last)

    def games_moved_from(self, _first, _last):
        return ()


@pytest.fixture
def world(games):
    return Days(games)


@pytest.fixture
def bodies(world, tmp_path):
    return WorldApiBackend(SeasonStore(world, tmp_path), datetime.combine(LAST, datetime.min.time(), UTC))


def test_wire_tells_a_final_tie(bodies, tie):
    body = json.loads(bodies.get_schedule({"date": str(TIED)}).body)
    listed = next(game for game in body["dates"][0]["games"] if game["gamePk"] == tie.game_pk)
    status = listed["status"]
    assert (listed["gameType"], listed["seriesDescription"]) == ("S", "Spring Training")
    assert (listed["isTie"], status["statusCode"], status["reason"]) == (True, "FT", "Tied")
    assert {side["isWinner"] for side in listed["teams"].values()} == {False}
    assert "decisions" not in json.loads(bodies.get_feed(tie.game_pk, {}).decompressed().body)["liveData"]


def test_counts_for_no_standing_and_no_sum(bodies, tie):
    bodies.get_schedule({"date": str(TIED)})
    records = json.loads(bodies.get_standings({}).body)["records"]
    assert {club["gamesPlayed"] for record in records for club in record["teamRecords"]} == {0}
    listed = json.loads(bodies.get_schedule({"date": str(TIED)}).body)["dates"][0]["games"]
    assert {game["teams"]["home"]["leagueRecord"]["wins"] for game in listed} == {0}
    (log,) = json.loads(bodies.get_person_stats(tie.probable_home, {"group": "pitching"}).body)["stats"]
    assert log["splits"] == []


def test_bookmakers_list_no_spring_game(bodies):
    assert json.loads(bodies.get_odds_events({}).body) == []


def test_is_played_only_when_somebody_asks_for_it(world, bodies, tie):
    archive = SeasonStore(world, bodies._store.feed_cache.folder)
    archive.list_summaries(OPENING, OPENING)
    archive.season_summaries(2026, OPENING)
    assert world.asked == [(OPENING, OPENING)]
    assert archive.find_summary(tie.game_pk, OPENING).game.game_pk == tie.game_pk
    assert world.asked[1:] == [(date(2026, 1, 1), OPENING - timedelta(days=1))]
    again = SeasonStore(world, bodies._store.feed_cache.folder)
    assert len(again.list_summaries(FIRST, LAST)) == 42
    assert len(world.asked) == 2
