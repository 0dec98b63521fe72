"""The benchmarks on tiny sizes: they run, compare like with like, and tell what they measured."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from services.collector.mlb.feed import decode_feed
from services.collector.mlb.wire.feed import Feed
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from tests.bench import __main__ as command
from tests.bench import backfill, game_runs, history, merge, parsing, season, states, validation, windows
from tests.bench.figures import Figure, compared, side_by_side
from tests.bench.machine import facts, peak_memory_mb
from tests.bench.one_more_day import live_days
from tests.bench.rooms import Told
from tests.bench.samples import feeds, pitches
from tests.bench.table import markdown
from tests.bench.worlds import Season
from tests.pipeline.worlds import small_world

OPENING = date(2026, 3, 26)
FIGURE = Figure("parsing", "typed", 1.234, "ms", "once", "2 ms")


def _units(figures: Iterable[Figure]) -> dict[str, str]:
    return {figure.what: figure.unit for figure in figures if figure.value > 0}


def test_candidates_take_turns() -> None:
    turns: list[str] = []
    seconds = side_by_side({name: lambda name=name: turns.append(name) for name in "ab"}, 2)
    assert (turns, list(seconds)) == (["a", "b", "a", "b"], ["a", "b"])


def test_first_candidate_is_the_measure() -> None:
    last = list(compared("parsing", {"ours": 0.002, "theirs": 0.008}, "once", per=2))[-1]
    assert (last.what, last.value, last.unit) == ("theirs : ours", 4.0, "times")


def test_backfill_gives_a_rate_for_each_number_of_workers(tmp_path: Path) -> None:
    units = _units(backfill.run(tmp_path / "bench", latency=0.01))
    assert units == {"4 workers": "games/s", "16 workers": "games/s", "16 : 4 workers": "times"}


def test_parsing_gives_a_ratio() -> None:
    assert _units(parsing.run(1))["json and dicts, no rows made : typed, to all rows"] == "times"


def test_walk_reads_the_fields_we_type() -> None:
    body = feeds()[1][0]
    walked = parsing.reader(inspect.type_info(Feed))(json.loads(body))
    plays = decode_feed(body).live_data.plays.all_plays
    assert len(next(part for part in _lists(walked) if len(part) == len(plays))) == len(plays)


def _lists(value: object) -> Iterable[list[object]]:
    if isinstance(value, list):
        yield value
        for part in value:
            yield from _lists(part)


def test_validation_gives_a_ratio() -> None:
    assert _units(validation.run(600, 1))["pydantic row by row : row rules"] == "times"


def test_sample_pitches_have_keys_of_their_own() -> None:
    rows = pitches(6_000)
    assert rows.select("game_pk", "at_bat_index", "pitch_number").is_unique().sum() == 6_000


def test_windows_give_a_ratio() -> None:
    assert _units(windows.run(4, 1))["pandas : polars, as the features room does"] == "times"


def test_other_windows_are_refused() -> None:
    games = windows.player_games(3)
    ours = windows.in_polars(games)
    with pytest.raises(AssertionError):
        windows.assert_equal(ours, windows.in_pandas(games.to_pandas()) + 1)


def test_merge_is_measured_twice() -> None:
    assert _units(merge.run(2_000, 300, 1)) == {"new rows": "s", "the same delivered again": "s"}


def test_season_is_measured_by_room(tmp_path: Path) -> None:
    opening = Season("league", 2026, tmp_path / "world")
    figures = {one.what: one for one in season.measured(opening, OPENING, OPENING, tmp_path / "home")}
    assert figures["collector alone"].unit == "games/s"
    assert 0.05 < figures["peak memory"].value < 3


def test_live_days_are_full_and_not_the_last() -> None:
    games = {OPENING + timedelta(days=n): 5 if n == 6 else 15 for n in range(12)}
    assert live_days(games) == [OPENING + timedelta(days=n) for n in (3, 4, 5)]


class _ThreeGames(Season):
    """A season of one day."""

    def world(self) -> object:
        return small_world(1)


def test_history_stands_as_if_collected(tmp_path: Path) -> None:
    batches = history.stage_season(_ThreeGames("league", 2026, tmp_path), date.max, tmp_path)
    history.deliver(tmp_path, batches[0])
    status = msgspec.json.decode(
        create_object_store(Settings(home=tmp_path)).read_bytes("status/features.json")
    )
    assert (len(batches), status["rows"]["game_features_daily"]) == (1, 3 * 3)  # of three variants


def test_odds_of_runs_are_measured() -> None:
    assert game_runs.measured(3) > 0
    assert [figure.unit for figure in game_runs.run()] == ["µs", "µs"]


def test_states_are_made_anew(tmp_path: Path) -> None:
    batches = history.stage_season(_ThreeGames("league", 2026, tmp_path), date.max, tmp_path / "kept")
    history.deliver(tmp_path / "kept", batches[0])
    seconds, days = states.measured(tmp_path / "kept", tmp_path / "home")
    assert (seconds["compute"] > 0, days) == (True, 1)
    assert not (tmp_path / "home").exists()


def test_proof_is_no_part_of_a_days_features() -> None:
    result = Told({"features": 3.0}, 15, 100.0, {"leak_proof": 1.0})
    assert result.without_proof("features") == 2.0


def test_machine_is_told() -> None:
    assert facts()["cores"] >= 1
    assert peak_memory_mb() > 20


def test_table_can_be_markdown() -> None:
    assert "| parsing | typed | 1.23 ms | 2 ms |" in markdown([FIGURE], facts())


def test_command_writes_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.BENCHES, "merge", lambda _asked: iter([FIGURE]))
    command.main(["merge", "--markdown", "--out", str(tmp_path / "bench.json")])
    assert json.loads((tmp_path / "bench.json").read_text())["figures"][0]["value"] == 1.234
