"""Every recorded real feed through the whole chain to features, counted against the body itself."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from hankstank.standins import queries
from hankstank.standins.answers import Answer, Query, told
from hankstank.standins.app import create_app
from hankstank.standins.recorded import RecordedBodies
from hankstank.standins.server import running_standin
from shared.events import FeaturesCreated
from tests.data import DATA, needs_data
from tests.season_chain import TO_FEATURES, Chain, chain

FEEDS = DATA / "mlb" / "statsapi" / "feed_live"
OVER = sorted(FEEDS.glob("*_Final.json.gz"))

pytestmark = needs_data("mlb", "statsapi", "feed_live")

Body = dict[str, Any]


def read(path: Path) -> Body:
    return json.loads(gzip.decompress(path.read_bytes()))


class ListedFeeds(RecordedBodies):
    """The recorded bodies, with a schedule that lists the recorded games as their own feeds tell them."""

    def __init__(self) -> None:
        super().__init__(DATA, datetime(2026, 8, 8, tzinfo=UTC))
        self.feeds = {body["gamePk"]: body for body in map(read, sorted(FEEDS.glob("*.json.gz")))}

    def seasons(self) -> list[tuple[date, date]]:
        """Return the first and the last day with a recorded game, season by season."""
        days = sorted({date.fromisoformat(official_date(body)) for body in self.feeds.values()})
        years = [list(same) for _, same in groupby(days, key=lambda day: day.year)]
        return [(year[0], year[-1]) for year in years]

    def schedule(self, query: Query) -> Answer:
        first, last = queries.day_range(query)
        listed = [listing(body) for body in self.feeds.values()]
        asked = [game for game in listed if str(first) <= game["officialDate"] <= str(last)]
        days = sorted({game["officialDate"] for game in asked})
        return told(
            {
                "dates": [
                    {"date": day, "games": [g for g in asked if g["officialDate"] == day]} for day in days
                ]
            }
        )


def official_date(body: Body) -> str:
    return body["gameData"]["datetime"]["officialDate"]


def is_over(body: Body) -> bool:
    return body["gameData"]["status"]["abstractGameState"] == "Final"


def listing(body: Body) -> Body:
    data = body["gameData"]
    game = {name: data["game"][name] for name in ("season", "doubleHeader", "gameNumber")}
    return game | {
        "gamePk": body["gamePk"],
        "gameType": data["game"]["type"],
        "gameDate": data["datetime"]["dateTime"],
        "officialDate": official_date(body),
        "status": data["status"],
        "teams": {side: {"team": club} for side, club in data["teams"].items()},
        "venue": data["venue"],
    }


@pytest.fixture(scope="module")
def outside() -> ListedFeeds:
    return ListedFeeds()


@pytest.fixture(scope="module")
def recorded(outside: ListedFeeds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    home = tmp_path_factory.mktemp("recorded")
    with running_standin(create_app(outside)) as url, chain(home, url, TO_FEATURES) as held:
        for first, last in outside.seasons():
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
    assert count(recorded, "mlb_features.game_features_daily", where) == 1
    assert (
        count(recorded, "mlb_features.player_features_daily", where) == 20
    )  # nine batters and a starter a side


def test_game_that_is_not_over_leaves_a_schedule_row_alone(recorded: Chain, outside: ListedFeeds):
    not_over = {pk for pk, body in outside.feeds.items() if not is_over(body)}
    where = f"game_pk in ({', '.join(map(str, sorted(not_over)))})"
    assert count(recorded, "mlb_historical_data.games_historical", f"{where} and status <> 'Final'") == len(
        not_over
    )
    told = ("plate_appearances", "statcast_pitches", "player_stats_historical", "team_stats_historical")
    assert sum(count(recorded, f"mlb_historical_data.{name}", where) for name in told) == 0


def test_every_season_reaches_features(recorded: Chain, outside: ListedFeeds):
    assert len(recorded.announced(FeaturesCreated)) == len(outside.seasons())
    assert ({report.grade for report in recorded.reports()}, recorded.dead_letters()) == ({"A"}, [])
