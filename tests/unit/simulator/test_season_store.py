"""What a stand-in keeps in its folder, and rendering before anybody asks."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from simulator.feed_cache import SeasonIndex
from simulator.game_record import GameRecord
from simulator.render import render_season
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore, WorldMismatch
from tests.unit.simulator.tiny_world import TinyWorld


def test_rendering_again_renders_nothing(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    first, last = date(2025, 5, 1), date(2025, 5, 31)
    rendered = render_season(TinyWorld(), tmp_path, first, last, progress=lambda *done: seen.append(done))
    assert (rendered, seen) == (4, [(4, 4)])
    assert render_season(TinyWorld(), tmp_path, first, last) == 0


def test_rendered_in_processes_is_the_same(tmp_path: Path) -> None:
    days = date(2025, 5, 1), date(2025, 5, 31)
    render_season(TinyWorld(), tmp_path / "alone", *days)
    render_season(TinyWorld(), tmp_path / "shared", *days, workers=2)
    alone, shared = (sorted((tmp_path / name / "feeds").iterdir()) for name in ("alone", "shared"))
    assert [path.read_bytes() for path in alone] == [path.read_bytes() for path in shared]


def test_rendered_feed_is_what_is_served(tmp_path: Path) -> None:
    render_season(TinyWorld(), tmp_path, date(2025, 5, 1), date(2025, 5, 1))
    bodies = WorldApiBackend(SeasonStore(TinyWorld(), tmp_path), datetime(2025, 6, 1, tzinfo=UTC))
    kept = (tmp_path / "feeds" / "1.json.gz").read_bytes()
    assert bodies.get_feed(1, {}).body == kept
    assert json.loads(gzip.decompress(kept))["gamePk"] == 1


def test_folder_answers_without_asking_the_world_again(tmp_path: Path) -> None:
    SeasonStore(TinyWorld(), tmp_path).list_summaries(date(2025, 5, 1), date(2025, 5, 1))
    world = TinyWorld()
    found = SeasonStore(world, tmp_path).list_summaries(date(2025, 5, 3), date(2025, 5, 3))
    assert ([one.game.game_pk for one in found], world.asked) == ([2, 3], 0)


class DayByDay(TinyWorld):
    """Plays any days without the rest of the season."""

    def games_on(self, first: date, last: date) -> Iterator[GameRecord]:
        self.asked += 1
        return (game for game in self.iter_games(2025) if first <= game.official_date <= last)

    def games_moved_from(self, first: date, last: date) -> Iterator[GameRecord]:
        return (game for game in self.iter_games(2025) if first <= (game.original_date or date.min) <= last)


def test_days_to_come_are_not_played(tmp_path: Path) -> None:
    archive = SeasonStore(DayByDay(), tmp_path)
    assert [one.game.game_pk for one in archive.season_summaries(2025, date(2025, 5, 1))] == [1]


def test_game_moved_away_is_known_on_its_first_date(tmp_path: Path) -> None:
    found = SeasonStore(DayByDay(), tmp_path).list_summaries(date(2025, 5, 2), date(2025, 5, 2))
    assert [one.game.game_pk for one in found] == [3]


def test_days_are_learnt_once(tmp_path: Path) -> None:
    whole = SeasonStore(DayByDay(), tmp_path / "whole").season_summaries(2025, date(2025, 5, 31))
    piecemeal = SeasonStore(DayByDay(), tmp_path / "piecemeal")
    for day in range(1, 32):
        piecemeal.season_summaries(2025, date(2025, 5, day))
    later = SeasonStore(DayByDay(), tmp_path / "piecemeal").season_summaries(2025, date(2025, 5, 31))
    assert {one.game.game_pk: one for one in later} == {one.game.game_pk: one for one in whole}


def test_folder_that_knew_no_spring_is_read(tmp_path: Path) -> None:
    before = SeasonStore(DayByDay(), tmp_path)
    known = before.season_summaries(2025, date(2025, 5, 31))
    before.feed_cache.save_index(2025, SeasonIndex(before.world.label, date(2025, 5, 31), list(known)))
    world = DayByDay()
    assert list(SeasonStore(world, tmp_path).season_summaries(2025, date(2025, 5, 31))) == list(known)
    assert world.asked == 0


def test_folder_of_another_world_is_refused(tmp_path: Path) -> None:
    SeasonStore(TinyWorld(), tmp_path).list_summaries(date(2025, 5, 1), date(2025, 5, 1))
    other = TinyWorld()
    other.label = "another world"
    with pytest.raises(WorldMismatch, match="tiny world"):
        SeasonStore(other, tmp_path).list_summaries(date(2025, 5, 1), date(2025, 5, 1))
