"""A recorded day of Savant's CSV as the first source of pitches, from the wire into the warehouse.

No feed was recorded of that day's games: a recorded game's feed, without its pitches, is lent to each of them.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from simulator.app import create_app
from simulator.http_response import HttpResponse, Query, json_response
from simulator.server import running_simulator
from tests.data import DATA, needs_data
from tests.recorded_games import FEEDS, Body, ListedFeeds, lent, read
from tests.season_chain import Chain, chain

DAY = date(2024, 4, 2)
CSV = DATA / "mlb" / "savant" / f"{DAY}.csv.gz"
MEASURED = {
    "release_speed": (30, 110),
    "launch_speed": (0, 130),
    "plate_x": (-10, 10),
    "spin_rate": (0, 4000),
}
PITCHES = "mlb_historical_data.statcast_pitches"

pytestmark = [needs_data("mlb", "savant"), needs_data("mlb", "statsapi", "feed_live")]


class LentFeeds(ListedFeeds):
    """The games of a Savant day, all told by the same feed."""

    def get_feed(self, game_pk: int, _query: Query) -> HttpResponse:
        return json_response(self.feeds[game_pk])


class CutSavant(LentFeeds):
    """The same, with 93 % of the CSV."""

    def get_pitches_csv(self, query: Query) -> HttpResponse:
        whole = super().get_pitches_csv(query).decompressed()
        return replace(whole, body=whole.body[: len(whole.body) * 93 // 100])


def without_pitches(body: Body) -> Body:
    """Return a feed in which nobody threw a pitch, in play by play and box score."""
    bare = json.loads(json.dumps(body))
    for play in bare["liveData"]["plays"]["allPlays"]:
        play["playEvents"] = [event for event in play["playEvents"] if not event["isPitch"]]
    for side in bare["liveData"]["boxscore"]["teams"].values():
        for player in side["players"].values():
            player["stats"]["pitching"].pop("numberOfPitches", None)
            player["stats"]["pitching"].pop("pitchesThrown", None)
    return bare


@pytest.fixture(scope="module")
def csv() -> pl.DataFrame:
    body = gzip.decompress(CSV.read_bytes()).removeprefix(b"\xef\xbb\xbf")
    return pl.read_csv(body, infer_schema_length=None, null_values=["NA", "null", ""])


@pytest.fixture(scope="module")
def loaded(csv: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    told_game = without_pitches(read(FEEDS / "744914_Final.json.gz"))
    outside = LentFeeds(lent(told_game, game_pk, DAY) for game_pk in csv["game_pk"].unique().sort())
    home = tmp_path_factory.mktemp("savant")
    with running_simulator(create_app(outside)) as url, chain(home, url, statcast_source="savant") as held:
        held.collect(DAY, DAY)
        yield held


def test_every_line_stands_as_a_pitch_of_its_game(loaded: Chain, csv: pl.DataFrame):
    ours = loaded.query(f"select game_pk, count(*) as n from {PITCHES} group by game_pk")
    assert dict(ours.iter_rows()) == dict(csv.group_by("game_pk").len().iter_rows())


def test_pitches_say_that_savant_told_them(loaded: Chain):
    sources = loaded.query(
        f"select distinct source, split(raw_object, '/')[offset(1)] as kept from {PITCHES}"
    )
    assert sources.rows() == [("savant", "savant")]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("release_speed", "release_speed"),
        ("launch_speed", "launch_speed"),
        ("plate_x", "plate_x"),
        ("spin_rate", "release_spin_rate"),
        ("expected_woba", "estimated_woba_using_speedangle"),
        ("bat_speed", "bat_speed"),
        ("run_value", "delta_run_exp"),
    ],
)
def test_measurements_are_the_lines(loaded: Chain, csv: pl.DataFrame, ours: str, theirs: str):
    stored = loaded.query(f"select count({ours}) as n, avg({ours}) as mean from {PITCHES}")
    measured = csv[theirs].drop_nulls()
    assert stored.row(0) == (measured.len(), pytest.approx(measured.mean()))


@pytest.mark.parametrize(("column", "limits"), MEASURED.items())
def test_measurements_are_within_their_ranges(loaded: Chain, column: str, limits: tuple[float, float]):
    low, high = loaded.query(f"select min({column}) as low, max({column}) as high from {PITCHES}").row(0)
    assert limits[0] <= low < high <= limits[1]


def test_day_is_graded_a(loaded: Chain):
    assert ([report.grade for report in loaded.reports()], loaded.dead_letters()) == (["A"], [])


@pytest.fixture(scope="module")
def cut(csv: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    told_game, games = read(FEEDS / "744914_Final.json.gz"), csv["game_pk"].unique().sort()[:3]
    outside = CutSavant(lent(told_game, game_pk, DAY) for game_pk in games)
    home = tmp_path_factory.mktemp("cut")
    with running_simulator(create_app(outside)) as url, chain(home, url, statcast_source="savant") as held:
        held.collect(DAY, DAY)
        yield held


def test_of_a_day_that_is_cut_the_feeds_pitches_stand(cut: Chain):
    stored = cut.query(f"select game_pk, source, count(*) as n from {PITCHES} group by game_pk, source")
    assert {(source, n) for _, source, n in stored.rows()} == {("mlb_stats_api", 244)}


def test_day_that_is_cut_is_told_in_the_report(cut: Chain):
    (report,) = cut.reports()
    (issue,) = (issue for issue in report.issues if issue.message.startswith("savant"))
    assert (issue.rule, issue.severity) == ("failure", "error")
    assert "expected Savant's CSV to end with a line end" in issue.message
