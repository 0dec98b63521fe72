"""What a stand-in keeps in its folder, and rendering before anybody asks."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hankstank.standins.archive import Archive, ForeignFolder
from hankstank.standins.bodies import WorldBodies
from hankstank.standins.render import render_season
from tests.unit.standins.tiny_world import TinyWorld


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
    bodies = WorldBodies(Archive(TinyWorld(), tmp_path), datetime(2025, 6, 1, tzinfo=UTC))
    kept = (tmp_path / "feeds" / "1.json.gz").read_bytes()
    assert bodies.feed(1, {}).body == kept
    assert json.loads(gzip.decompress(kept))["gamePk"] == 1


def test_folder_answers_without_asking_the_world_again(tmp_path: Path) -> None:
    Archive(TinyWorld(), tmp_path).cards(date(2025, 5, 1), date(2025, 5, 1))
    world = TinyWorld()
    found = Archive(world, tmp_path).cards(date(2025, 5, 3), date(2025, 5, 3))
    assert ([one.game.game_pk for one in found], world.asked) == ([2, 3], 0)


def test_folder_of_another_world_is_refused(tmp_path: Path) -> None:
    Archive(TinyWorld(), tmp_path).cards(date(2025, 5, 1), date(2025, 5, 1))
    other = TinyWorld()
    other.label = "another world"
    with pytest.raises(ForeignFolder, match="tiny world"):
        Archive(other, tmp_path).cards(date(2025, 5, 1), date(2025, 5, 1))
