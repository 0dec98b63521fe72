"""Every recorded real feed through the whole chain to features, counted against the body itself."""

from collections.abc import Iterator

import pytest

from shared.messaging.events import FeaturesCreated
from simulator.app import create_app
from simulator.server import running_simulator
from tests.data import list_data_files, needs_data
from tests.recorded_games import FEEDS, Body, ListedFeeds, is_over, read
from tests.season_chain import TO_FEATURES, Chain, chain

OVER = list_data_files("mlb/statsapi/feed_live", "*_Final.json.gz")

pytestmark = needs_data("mlb", "statsapi", "feed_live")


@pytest.fixture(scope="module")
def outside() -> ListedFeeds:
    return ListedFeeds(map(read, sorted(FEEDS.glob("*.json.gz"))))


@pytest.fixture(scope="module")
def recorded(outside: ListedFeeds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    home = tmp_path_factory.mktemp("recorded")
    with running_simulator(create_app(outside)) as url, chain(home, url, TO_FEATURES) as held:
        for first, last in outside.get_seasons():
            held.collect(first, last)
        yield held


@pytest.fixture(params=OVER, ids=lambda path: path.name.split("_")[0])
def over(request: pytest.FixtureRequest) -> Body:
    return read(request.param)


def count(chain: Chain, table: str, where: str) -> int:
    return chain.query(f"select count(*) as n from {table} where {where}")["n"].item()


def plays(body: Body) -> list[Body]:
    return body["liveData"]["plays"]["allPlays"]


def box(body: Body) -> list[Body]:
    return list(body["liveData"]["boxscore"]["teams"].values())


def test_every_pitch_stands(recorded: Chain, over: Body):
    thrown = sum(event["isPitch"] for play in plays(over) for event in play["playEvents"])
    where = f"game_pk = {over['gamePk']} and pitch_type is not null and release_speed between 40 and 106"
    assert count(recorded, "mlb_historical_data.statcast_pitches", where) == thrown


def test_every_plate_appearance_stands(recorded: Chain, over: Body):
    counted = sum(club["teamStats"]["batting"]["plateAppearances"] for club in box(over))
    where = f"game_pk = {over['gamePk']} and is_plate_appearance"
    assert count(recorded, "mlb_historical_data.plate_appearances", where) == counted


def test_everybody_in_the_box_score_stands(recorded: Chain, over: Body):
    appeared = {player for club in box(over) for player in (*club["batters"], *club["pitchers"])}
    where = f"game_pk = {over['gamePk']}"
    assert count(recorded, "mlb_historical_data.player_stats_historical", where) == len(appeared)


def test_both_clubs_lines_stand(recorded: Chain, over: Body):
    sql = "select team_id, runs, hits, strikeouts_pitched from mlb_historical_data.team_stats_historical"
    ours = recorded.query(f"{sql} where game_pk = {over['gamePk']}").rows()
    totals = [(club["team"]["id"], club["teamStats"]) for club in box(over)]
    assert set(ours) == {
        (team, of["batting"]["runs"], of["batting"]["hits"], of["pitching"]["strikeOuts"])
        for team, of in totals
    }


def test_features_know_the_game(recorded: Chain, over: Body):
    where = f"game_pk = {over['gamePk']}"
    for variant, players in (("confirmed", 20), ("unknown", 2)):  # nine batters and a starter a side
        of_variant = f"{where} and variant = '{variant}'"
        assert count(recorded, "mlb_features.game_features_daily", of_variant) == 1
        assert count(recorded, "mlb_features.player_features_daily", of_variant) == players


def test_game_that_is_not_over_leaves_a_schedule_row_alone(recorded: Chain, outside: ListedFeeds):
    not_over = {pk for pk, body in outside.feeds.items() if not is_over(body)}
    where = f"game_pk in ({', '.join(map(str, sorted(not_over)))})"
    assert count(recorded, "mlb_historical_data.games_historical", f"{where} and status <> 'Final'") == len(
        not_over
    )
    result = ("plate_appearances", "statcast_pitches", "player_stats_historical", "team_stats_historical")
    assert sum(count(recorded, f"mlb_historical_data.{name}", where) for name in result) == 0


def test_every_season_reaches_features(recorded: Chain, outside: ListedFeeds):
    assert len(recorded.announced(FeaturesCreated)) == len(outside.get_seasons())
    assert ({report.grade for report in recorded.reports()}, recorded.dead_letters()) == ({"A"}, [])
