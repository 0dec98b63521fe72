"""The console: every command explains itself, ends with a code that means something, and speaks JSON if asked."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from hankstank.cli.app import app
from services.predict_api.web.api_keys import ApiKeyStore
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.run_lock import run_lock
from shared.runtime.data_world import REAL_WORLD, DataWorld, write_world
from tests.unit.hankstank.conftest import REASON
from tests.unit.services.predict_api.release_store import AS_OF, BOS_STARTER, TOMORROW

TARGETS = ["batter_hits", "batter_home_runs", "home_win", "pitcher_strikeouts"]


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        deeper = hasattr(command, "commands")
        yield from commands(command, (*path, name)) if deeper else [(*path, name)]


EVERY = list(commands(typer.main.get_command(app)))


def reported(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def answered(*words: object) -> Any:
    result = reported(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_commands_are_those_promised():
    assert {" ".join(path) for path in EVERY} == {
        *(
            "run",
            "collect",
            "serve",
            "evaluate",
            "evaluate-simulator",
            "cost",
            "slate",
            "predict game",
            "predict player",
        ),
        *("results", "record", "report", "status", "verify", "rebuild", "prune", "tables", "export", "query"),
        *("failed-loads list", "failed-loads show", "failed-loads retry", "failed-loads drop"),
        *("cluster start", "cluster trigger", "cluster stop", "fault-injection"),
        *("dead-letters list", "dead-letters show", "dead-letters replay"),
        "dead-letters drop",
        *(f"backfill {name}" for name in ("status", "tune", "pause", "resume", "stop", "report")),
        *("models list", "models history", "models rollback", "features describe", "simulator serve"),
        *("live status", "alerts", "keys create", "keys list", "keys revoke", "notify list", "notify test"),
    }


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_shows_an_example(path: tuple[str, ...]):
    result = reported(*path, "--help")
    assert result.exit_code == 0
    assert f"Example: hankstank {' '.join(path)}" in click.unstyle(result.stdout)


@pytest.mark.parametrize(
    "words",
    [["slate", "someday"], ["collect", "--from", "2026-13-01"], ["predict", "game", "2026-05-02"], ["fly"]],
)
def test_wrong_usage_ends_with_two(words: list[str]):
    assert reported(*words).exit_code == 2


def test_wrong_date_is_told_what_was_expected():
    message = json.loads(reported("slate", "someday", "--json").stdout)["error"]["message"]
    assert message.endswith("expected a date like 2026-04-15, or yesterday, today, tomorrow, got 'someday'")


@pytest.mark.parametrize(("word", "day"), [("today", AS_OF), ("Tomorrow", TOMORROW)])
def test_relative_day_is_read_by_the_clock_of_the_stores(word: str, day: date, home: Path):
    write_world(FolderStore(home / "objects"), DataWorld("two clubs", datetime.combine(AS_OF, time(18), UTC)))
    result = reported("slate", word, "--home", home, "--json")
    assert str(day) in result.stdout  # of the games, or of the error that none is scheduled
    assert reported("slate", str(day), "--home", home, "--json").stdout == result.stdout


def test_night_game_is_of_the_ballparks_day(home: Path):
    after_midnight = datetime.combine(TOMORROW + timedelta(days=1), time(2), UTC)  # 22:00 in New York
    write_world(FolderStore(home / "objects"), DataWorld("two clubs", after_midnight))
    (game,) = answered("slate", "today", "--home", home)["games"]
    assert game["game_date"] == str(TOMORROW)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["fly"], 2),
        (["slate", "someday"], 2),
        (["tables", "nope"], 1),
        (["status", "--home", "/nowhere"], 1),
        (["slate", str(TOMORROW), "--url", "http://127.0.0.1:9"], 3),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else None,
)
def test_error_is_json_where_json_is_asked_for(words: list[str], code: int):
    result = reported(*words, "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["exit_code"], result.stderr) == (code, code, "")
    assert error["message"]


def options(path: tuple[str, ...]) -> dict[str, Any]:
    command = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    return {option.name: option for option in command.params}


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_folder_of_the_stores_is_named_by_the_environment_too(path: tuple[str, ...]):
    known = options(path)
    assert "home" not in known or known["home"].envvar == "HANKSTANK_HOME"


def test_version_is_the_packages():
    assert reported("--version").stdout == f"hankstank {version('hankstank')}\n"


@pytest.mark.parametrize("words", [("features", "describe", "zzz"), ("tables", "zzz")], ids=" ".join)
def test_name_like_no_other_is_not_answered_with_all_of_them(words: tuple[str, ...]):
    result = reported(*words)
    assert (result.exit_code, len(result.stderr) < 150) == (1, True)


def test_unknown_club_is_told_its_neighbours(home: Path):
    result = reported("predict", "game", TOMORROW, "BOSS@NYY", "--home", home)
    assert result.exit_code == 1
    assert "did you mean Boston Red Sox?" in result.stderr


@pytest.mark.parametrize(
    "words",
    [["status"], ["dead-letters", "list"], ["dead-letters", "drop", "1"], ["dead-letters", "replay", "1"]],
    ids=" ".join,
)
def test_folder_without_stores_is_named_and_not_made(words: list[str], tmp_path: Path):
    nothing = tmp_path / "nothing"
    result = reported(*words, "--home", nothing)
    assert result.exit_code == 1
    assert f"{nothing}: no stores here" in result.stderr
    assert not nothing.exists()


def test_days_that_run_backwards_are_refused_before_anything_is_made(tmp_path: Path):
    words = ("collect", "--from", "2026-05-02", "--to", "2026-05-01", "--home", tmp_path / "nothing")
    assert reported(*words).exit_code == 1
    assert not (tmp_path / "nothing").exists()


def test_fault_injection_that_cannot_write_names_the_folder(tmp_path: Path):
    (tmp_path / "file").touch()
    result = reported("fault-injection", "--runs", 1, "--out", tmp_path / "file" / "out")
    assert (result.exit_code, "name another folder with --out" in result.stderr) == (3, True)


def test_busy_folder_ends_with_three(home: Path):
    write_world(FolderStore(home / "objects"), REAL_WORLD)
    with run_lock(home):
        result = reported("collect", "--home", home)
    assert result.exit_code == 3
    assert "one run at a time on a folder" in result.stderr


def test_unknown_dead_letter_is_told_the_known_ones(home: Path):
    result = reported("dead-letters", "show", 9, "--home", home)
    assert result.exit_code == 1
    assert "expected a dead letter among [1], got 9" in result.stderr


def test_dead_letter_is_dropped_only_for_good_and_written_down(home: Path):
    assert answered("dead-letters", "drop", 1, "--home", home)["would_drop"] == 1
    assert len(answered("dead-letters", "list", "--home", home)) == 1
    assert answered("dead-letters", "drop", 1, "--yes", "--home", home)["dropped"] == 1
    assert answered("dead-letters", "list", "--home", home) == []
    (line,) = (home / "dropped-letters.jsonl").read_text().splitlines()
    assert (json.loads(line)["reason"], "run-1" in json.loads(line)["body"]) == (REASON, True)


def test_status_tells_what_is_here(home: Path):
    status = answered("status", "--home", home)
    assert (status["world"]["label"], status["dead_letters"]) == ("two clubs", 1)
    assert status["waiting"] == {"data-collection-trigger--collector": 1}
    assert status["services"]["collector"]["status"] == "collected"


def test_reading_needs_no_lock(home: Path):
    with run_lock(home):
        assert reported("status", "--home", home).exit_code == 0


def test_dead_letter_shows_its_event(home: Path):
    (listed,) = answered("dead-letters", "list", "--home", home)
    letter = answered("dead-letters", "show", listed["id"], "--home", home)
    assert letter["reason"] == listed["reason"] == REASON
    assert letter["event"]["manifest"] == "staging/run-1/0/m.json"


def test_models_are_listed_with_their_versions(home: Path):
    assert [model["target"] for model in answered("models", "list", "--home", home)] == TARGETS


def test_history_tells_who_reigned(home: Path):
    (reign,) = answered("models", "history", "home_win", "--home", home)
    assert reign["version"] == answered("models", "list", "--home", home)[2]["version"]


def test_unknown_target_is_told_the_known_ones(home: Path):
    result = reported("models", "history", "home_runs", "--home", home)
    assert result.exit_code == 1
    assert "did you mean batter_home_runs" in result.stderr


def test_rollback_to_a_version_nobody_made_is_refused(home: Path):
    result = reported("models", "rollback", "home_win", "9.9.9", "--home", home)
    assert result.exit_code == 1
    assert "9.9.9" in result.stderr


def test_game_is_forecast_without_a_server(home: Path):
    game = answered("predict", "game", TOMORROW, "BOS@NYY", "--home", home)
    assert (game["away_team"], game["home_team"]) == ("BOS", "NYY")
    assert 0 < game["predictions"]["home_win_probability"] < 1


def test_forecast_is_kept_to_be_graded(home: Path):
    reported("predict", "game", TOMORROW, "BOS@NYY", "--home", home)
    assert len(list((home / "objects" / "forecasts" / str(TOMORROW)).iterdir())) == 1


def test_player_is_forecast_with_lines(home: Path):
    words = ("predict", "player", TOMORROW, BOS_STARTER, "--line", "strikeouts=5.5", "--home", home)
    assert answered(*words)["player_id"] == BOS_STARTER


def test_line_without_a_number_is_refused(home: Path):
    result = reported("predict", "player", TOMORROW, BOS_STARTER, "--line", "strikeouts", "--home", home)
    assert result.exit_code == 1
    assert "expected STAT=LINE" in result.stderr


def test_slate_has_every_game(home: Path):
    (game,) = answered("slate", TOMORROW, "--home", home)["games"]
    assert game["game_pk"] == 1


def test_features_are_found_by_part_of_a_name():
    found = answered("features", "describe", "strikeout")
    assert found
    assert all("strikeout" in entry["name"] for entry in found)


@pytest.mark.parametrize(
    "words",
    [["status"], ["models", "list"], ["dead-letters", "list"], ["slate", str(TOMORROW)]],
    ids=" ".join,
)
def test_people_get_tables(home: Path, words: list[str]):
    result = reported(*words, "--home", home)
    assert result.exit_code == 0, result.output
    assert not result.stdout.lstrip().startswith(("{", "["))


def test_a_key_is_told_once_and_rests_hashed(tmp_path: Path):
    file = tmp_path / "keys.json"
    secret = reported("keys", "create", "fan", "--file", str(file)).stdout.strip()
    assert secret.startswith("ht_")
    assert secret not in file.read_text()
    assert ApiKeyStore(str(file)).find_key(secret).name == "fan"


def test_a_revoked_key_is_listed_and_opens_nothing(tmp_path: Path):
    file = tmp_path / "keys.json"
    secret = reported("keys", "create", "fan", "--file", str(file)).stdout.strip()
    reported("keys", "revoke", "fan", "--file", str(file))
    assert ApiKeyStore(str(file)).find_key(secret) is None
    assert "revoked" in reported("keys", "list", "--file", str(file)).stdout


@pytest.mark.parametrize("words", [["revoke", "nobody"], ["create", "fan"]])
def test_keys_that_cannot_be_are_refused(tmp_path: Path, words: list[str]):
    file = tmp_path / "keys.json"
    reported("keys", "create", "fan", "--file", str(file))
    assert reported("keys", *words, "--file", str(file)).exit_code == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--history", "2025"), "--history is for --source retrosheet"),
        (("--source", "mlb", "--season", "2026"), "--season is not for --source mlb"),
        (("--from", "2025-04-01"), "expected --from in the season 2026"),
    ],
)
def test_an_option_that_a_run_does_not_heed_is_refused(tmp_path: Path, words: tuple[str, ...], why: str):
    result = CliRunner().invoke(app, ["run", *words, "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert why in result.stderr


def test_local_cluster_without_googles_clients_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hankstank.cli.commands.cluster.find_spec", lambda _name: None)
    result = reported("cluster", "start")
    assert (result.exit_code, "`make up` installs them" in result.stderr) == (1, True)
