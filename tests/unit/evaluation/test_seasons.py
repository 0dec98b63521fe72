from datetime import date
from pathlib import Path

import pytest

from evaluation import page
from evaluation.requested_families import REQUESTED_FEATURES
from evaluation.seasons import read_seasons
from hankstank.local.simulator_process import check_data
from shared.errors import UserError
from simulator.data_folder import event_file_path, people_register_path
from tests.unit.simulator.retrosheet.season_files import GAME, player, write_season

DAYS = [date.fromordinal(date(2016, 5, 2).toordinal() + n) for n in range(100)]
READABLE = [
    GAME.replace("20160501", f"{day:%Y%m%d}").replace("2016/05/01", f"{day:%Y/%m/%d}") for day in DAYS
]
UNREADABLE = GAME.replace("64(1)3/GDP", "ZZ")


def test_game_that_cannot_be_read_is_named_with_the_season(tmp_path):
    write_season(tmp_path, *READABLE, UNREADABLE)
    for _ in ("read", "kept"):
        (season,) = read_seasons(tmp_path, [2016], tmp_path / "kept")
        assert (season.games.height, list(season.unreadable_games)) == (100, ["BOS201605011"])


def test_season_that_cannot_be_read_is_rejected_in_a_sentence(tmp_path):
    write_season(tmp_path, *READABLE[:9], UNREADABLE)
    with pytest.raises(UserError, match="1 of 10 games of 2016 cannot be read"):
        read_seasons(tmp_path, [2016], tmp_path / "kept")


def test_what_is_missing_is_named_before_anything_is_read(tmp_path):
    people_register_path(write_season(tmp_path, *READABLE)).unlink()
    with pytest.raises(UserError, match=r"missing \S+2015eve.zip, \S+register.csv: .* --data"):
        read_seasons(tmp_path, [2016, 2015], tmp_path / "kept")


@pytest.mark.parametrize("file", [event_file_path(Path(), 2016), people_register_path(Path())], ids=str)
def test_corrupt_file_is_rejected_by_name(tmp_path, file):
    write_season(tmp_path, *READABLE)
    (tmp_path / file).write_text("<html>blocked</html>")
    for read in (
        lambda: read_seasons(tmp_path, [2016], tmp_path / "kept"),
        lambda: check_data("retrosheet", (2016,), tmp_path),
    ):
        with pytest.raises(UserError, match=f"{file}: expected "):
            read()


def test_zip_without_games_is_rejected_by_name(tmp_path):
    with pytest.raises(UserError, match=r"2016eve.zip: expected games in .EVA and .EVN files, got none"):
        read_seasons(write_season(tmp_path), [2016], tmp_path / "kept")


def test_season_is_read_again_when_the_register_changes(tmp_path):
    register = people_register_path(write_season(tmp_path, *READABLE))
    complete = register.read_text("utf-8")
    register.write_text(complete.replace("visit001", "visit999"), "utf-8")
    (before,) = read_seasons(tmp_path, [2016], tmp_path / "kept")
    register.write_text(complete, "utf-8")
    (after,) = read_seasons(tmp_path, [2016], tmp_path / "kept")
    assert [player("visit001") in season.plays["batter_id"] for season in (before, after)] == [False, True]


def test_automatic_calls_are_no_pitches(tmp_path):
    write_season(tmp_path, GAME.replace("31,BBCBB,W", "32,ABVBCBB,W"))
    (season,) = read_seasons(tmp_path, [2016], tmp_path / "kept")
    assert season.plays.filter(season.plays["at_bat_index"] == 3)["pitches"].item() == 5


def test_page_lists_unreadable_games():
    report = {
        "seasons": {"first": 2016, "last": 2016, "history": 2015},
        "evaluations_of_held_out_seasons": {},
        "evaluations_are_counted_in": "looks.jsonl",
        "ablation_comparisons": 0,
        "seconds_in_all": 1.0,
        "peak_memory_mb": 1,
        "targets": {},
        "odds": {},
        "odds_not_read": ["2014: no betting lines"],
        "pitch_quality": {},
        "one_game": {},
        "requested_features": REQUESTED_FEATURES,
        "unreadable_games": {"BOS201605011": "BOS201605011, line 9: <x>"},
        "notice": "",
    }
    html = page.render_page(report)
    assert "could not be read: 1" in html
    assert "batter against pitcher" in html
    assert "line 9: &lt;x&gt;" in html
