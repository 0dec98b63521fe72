"""What people who came for the data are given: exports, answers, tables, and how it all stands."""

import csv
import io
import json
import multiprocessing
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from hankstank.cli.app import app
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.modeling.forecast_quality import ForecastQuality, TargetQuality, save_quality
from shared.modeling.forecast_record import RecentRecord
from shared.runtime.data_world import DataWorld, write_world
from shared.storage.tables import get_table
from tests.patience import PATIENCE
from tests.unit.hankstank.filled_stores import NEEDED, NEW, OLD, UNFIT, deliver, load, stock
from tests.unit.services.loader.batches import MONDAY, TUESDAY, whole_game


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("once") / "home"
    stock(home)
    return home


@pytest.fixture
def home(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "home")


def reported(home: Path, *words: object, width: int = 0) -> Result:
    narrow = {"COLUMNS": str(width)} if width else {}
    return CliRunner().invoke(app, [*map(str, words), "--home", str(home)], env=narrow)


def answered(home: Path, *words: object) -> Any:
    result = reported(home, *words, "--json")
    assert result.exit_code in {0, 1}, result.output
    return json.loads(result.stdout)


def refused(home: Path, *words: object) -> str:
    result = reported(home, *words)
    assert result.exit_code == 1, result.output
    return result.stderr


# -- export


def test_export_has_the_tables_types(home: Path, tmp_path: Path):
    out = tmp_path / "plays.parquet"
    assert answered(home, "export", "plate_appearances", "--out", out)["rows"] == 6
    whole = get_table("plate_appearances")
    assert pl.read_parquet(out).schema == {field.name: field.dtype for field in whole.all_fields}


def test_export_takes_days_and_columns(home: Path, tmp_path: Path):
    out = tmp_path / "games.csv"
    words = ("--format", "csv", "--from", TUESDAY, "--to", TUESDAY, "--column", "game_pk", "--out", out)
    reported(home, "export", "games_historical", *words)
    assert out.read_text() == "game_pk\n2\n"


def test_export_is_in_the_order_of_the_key(home: Path, tmp_path: Path):
    reported(home, "export", "plate_appearances", "--out", tmp_path)
    keys = pl.read_parquet(tmp_path / "plate_appearances.parquet").select("game_pk", "at_bat_index").rows()
    assert keys == sorted(keys)


def test_earlier_store_is_exported_with_todays_columns(home: Path, tmp_path: Path):
    with duckdb.connect(str(home / "warehouse.duckdb")) as store:
        store.execute("alter table mlb_historical_data.games_historical drop column attendance")
    out = tmp_path / "games.parquet"
    reported(home, "export", "games_historical", "--column", "attendance", "--out", out)
    assert pl.read_parquet(out).to_dict(as_series=False) == {"attendance": [None, None]}


def test_failed_export_leaves_the_old_file(home: Path, tmp_path: Path):
    out = tmp_path / "games.csv"
    out.write_text("before")
    reported(
        home,
        "export",
        "games_historical",
        "--format",
        "csv",
        "--from",
        "2025-01-01",
        "--to",
        "2025-02-01",
        "--out",
        out,
    )
    assert [(path.name, path.read_text()) for path in tmp_path.glob("*games*")] == [("games.csv", "before")]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["game_historical"], "did you mean games_historical"),
        (["games_historical", "--column", "hom_score"], "did you mean home_score"),
        (["games_historical", "--to", "2025-01-01"], f"it has days {MONDAY} to {TUESDAY}"),
        (["games_historical", "--from", TUESDAY, "--to", MONDAY], "expected --from not after --to"),
        (["people", "--from", MONDAY], "has no date column"),
        (["people", "--out", "-"], "`hankstank query` prints CSV"),
        (["venues"], "venues is empty"),
    ],
)
def test_wrong_export_is_told_what_is_right(home: Path, words: list[object], advice: str):
    assert advice in refused(home, "export", *words)


# -- query

COUNTED = "select game_pk, count(*) as plays from plate_appearances group by 1 order by 1"


def test_query_answers_in_csv_in_a_pipe(home: Path):
    assert reported(home, "query", COUNTED).stdout == "game_pk,plays\n1,3\n2,3\n"


def test_query_answers_in_json(home: Path):
    requested = "select game_date, sum(home_score) as runs, [1, 2] as list from games_historical group by 1 order by 1"
    assert json.loads(reported(home, "query", requested, "--format", "json").stdout) == [
        {"game_date": str(day), "runs": 5, "list": [1, 2]} for day in (MONDAY, TUESDAY)
    ]


def test_empty_answers_have_their_form(home: Path):
    nothing = "select game_pk from games_historical where false"
    assert reported(home, "query", nothing).stdout == "game_pk\n"
    assert json.loads(reported(home, "query", nothing, "--format", "json").stdout) == []


def test_lists_are_json_in_csv(home: Path):
    answer = reported(home, "query", "select [1, 2] as l, {'a': 1} as s").stdout
    assert list(csv.DictReader(io.StringIO(answer))) == [{"l": "[1,2]", "s": '{"a":1}'}]


ANY_TYPE = {  # what DuckDB can return: its text, or JSON where it has parts
    "interval 1 day": "1 day",
    "[interval 1 day]": ["1 day"],
    "{'a': interval 1 day, 'b \"c': ['x'::blob]}": {"a": "1 day", 'b "c': ["x"]},
    "map {'a': 1}": {"a": 1},
    "map {interval 1 day: [1]}": {"1 day": [1]},
    "union_value(k := 1)": "1",
    "'x'::variant": "x",
    "'ab\\xFF'::blob": "ab\\xFF",
    "'101'::bit": "101",
    "[1, 2]::int[2]": [1, 2],
    "row(1, 'a')": "(1, a)",
    "'a'::enum('a', 'b')": "a",
    "null": None,
    "1.5::decimal(18, 3)": 1.5,
    "[1.5::decimal(18, 3), null]": [1.5, None],
    "5::hugeint": 5,
    "340282366920938463463374607431768211455::uhugeint": "340282366920938463463374607431768211455",
    "123456789012345678901234567890::bignum": "123456789012345678901234567890",
    "uuid '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'": "4ac7a9e9-607c-4c8a-84f3-843f0191e3fd",
    "time '10:00:00'": "10:00:00",
    "'10:00:00+01'::timetz": "10:00:00+01",
    "date '2026-04-01'": "2026-04-01",
    "date 'infinity'": "infinity",
    "date '-5000-01-01'": "5001-01-01 (BC)",
    "timestamp '290000-01-01'": "290000-01-01 00:00:00",
    "timestamp_ns '2020-01-01 00:00:00.123456789'": "2020-01-01 00:00:00.123456789",
    "timestamptz '2020-01-01 00:00:00'": "2020-01-01 00:00:00+00",
}


@pytest.mark.parametrize(("expression", "value"), ANY_TYPE.items())
def test_any_type_is_printed_in_every_format(home: Path, expression: str, value: object):
    requested = f"select 1 as one, {expression} as v"
    assert json.loads(reported(home, "query", requested, "--format", "json").stdout) == [
        {"one": 1, "v": value}
    ]
    (row,) = csv.DictReader(io.StringIO(reported(home, "query", requested, "--format", "csv").stdout))
    read = json.loads(row["v"]) if isinstance(value, list | dict) else row["v"]
    assert read == (value if isinstance(value, list | dict) else "" if value is None else str(value))
    drawn = reported(home, "query", requested, "--format", "table").stdout
    assert ("" if value is None else row["v"]) in drawn


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize("number", ["9223372036854775808::hugeint", "[9223372036854775808::ubigint]"])
def test_number_of_more_than_64_bits_is_refused_in_a_sentence(home: Path, number: str, form: str):
    why = refused(home, "query", f"select {number}", "--format", form)
    assert "expected numbers of 64 bits, got greater ones: cast them" in why


def test_name_that_stands_twice_gets_a_number(home: Path):
    requested = "select 1 as a, 2 as a, 3 as a_1"
    assert json.loads(reported(home, "query", requested, "--format", "json").stdout) == [
        {"a": 1, "a_1": 2, "a_1_1": 3}
    ]


def test_order_of_an_answer_of_many_parts_is_kept(home: Path):
    rows = reported(home, "query", "select range as n from range(25000) order by n desc").stdout.split()
    assert rows == ["n", *map(str, reversed(range(25000)))]


def test_shown_rows_are_bounded_and_counted(home: Path):
    answer = reported(home, "query", "select * from range(25000)", "--format", "table", "--rows", "3").stdout
    assert len(answer.splitlines()) == 5
    assert "25,000 rows, of which 3 are shown" in answer


@pytest.mark.parametrize(
    "sql",
    [
        "delete from games_historical",
        "create table t as select 1",
        "select 1; drop table mlb_historical_data.people",
        "copy games_historical to 'stolen.csv'",
        "attach 'other.duckdb'",
        "set enable_external_access = true",
        "pragma enable_profiling",
        "",
    ],
)
def test_commands_are_refused(home: Path, sql: str):
    assert "expected one SELECT, got" in refused(home, "query", sql)


@pytest.mark.parametrize("call", ["read_csv('{}')", "read_text('{}')", "glob('{}')", "'{}'"])
def test_no_other_file_is_read(home: Path, tmp_path: Path, call: str):
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    answer = refused(home, "query", f"select * from {call.format(tmp_path / 'secret.csv')}")
    assert "disabled by configuration" in answer or "does not exist" in answer


def test_query_changes_no_byte(home: Path):
    before = (home / "warehouse.duckdb").read_bytes()
    reported(home, "query", COUNTED)
    assert (home / "warehouse.duckdb").read_bytes() == before


def test_misspelt_column_is_told_its_neighbours(home: Path):
    assert '"home_score"' in refused(home, "query", "select hom_score from games_historical")


def test_tables_are_listed_with_rows_and_days(home: Path):
    (games,) = [one for one in answered(home, "tables") if one["table"] == "games_historical"]
    assert (games["rows"], games["first"], games["last"]) == (2, str(MONDAY), str(TUESDAY))


def test_columns_come_with_their_pitfalls(home: Path):
    (number,) = [
        one for one in answered(home, "tables", "games_historical") if one["column"] == "game_number"
    ]
    assert "join on game_pk" in number["pitfall"]


def hold(path: Path, held, done) -> None:
    with duckdb.connect(str(path)):
        held.set()
        done.wait(PATIENCE)


def test_busy_warehouse_is_told_by_its_holder(home: Path):
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(home / "warehouse.duckdb", held, done))
    holder.start()
    assert held.wait(PATIENCE)
    busy = [reported(home, *words) for words in (["query", COUNTED], ["verify"], ["export", "people"])]
    free = reported(home, "status")
    done.set()
    holder.join()
    assert [(one.exit_code, f"process {holder.pid} is using it" in one.stderr) for one in busy] == [
        (3, True)
    ] * 3
    assert free.exit_code == 0


# -- verify


def findings(home: Path) -> list[tuple[str, str]]:
    return [(one["check"], one["wrong"]) for one in answered(home, "verify")["findings"]]


def test_sound_stores_are_whole(home: Path):
    assert reported(home, "verify").exit_code == 0
    assert findings(home) == []


def test_damaged_object_is_found(home: Path):
    path = home / "objects" / NEW
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert reported(home, "verify").exit_code == 1
    assert [check for check, _ in findings(home)] == ["objects"]


def test_rows_that_vanished_are_found(home: Path):
    with duckdb.connect(str(home / "warehouse.duckdb")) as store:
        store.execute(
            "delete from mlb_historical_data.plate_appearances where game_pk = 2 and at_bat_index = 0"
        )
    assert findings(home) == [("rows", "game_pk 2: 2 rows stored of 3")]


def test_rows_that_came_twice_are_found(home: Path):
    with duckdb.connect(str(home / "warehouse.duckdb")) as store:
        store.execute(
            "insert into mlb_historical_data.games_historical from mlb_historical_data.games_historical"
        )
    assert findings(home) == [("rows", "game_pk 1: 2 rows stored of 1; game_pk 2: 2 rows stored of 1")]


def test_newest_load_of_a_game_is_what_counts(home: Path):
    load(home, whole_game(1, MONDAY, version=2, plays_made=2, run_id="run-4"))
    assert findings(home) == []


def test_release_without_its_model_is_found(home: Path):
    next((home / "objects" / "models" / "home_win").rglob("model.ubj")).unlink()
    assert [check for check, _ in findings(home)] == ["releases"]


# -- prune


def test_prune_only_says_what_would_go(home: Path):
    would = answered(home, "prune", "--keep-days", 1)
    assert (would["objects"], would["older_but_needed"], would["deleted"]) == (1, 1, False)
    assert FolderStore(home / "objects").exists(OLD)


def test_prune_keeps_what_the_newest_days_were_read_from(home: Path):
    assert answered(home, "prune", "--keep-days", 1, "--delete")["deleted"] is True
    assert FolderStore(home / "objects").list_names("raw/") == [NEEDED, NEW]


def test_pruned_stores_are_whole(home: Path):
    reported(home, "prune", "--keep-days", 1, "--delete")
    assert findings(home) == []


def test_nothing_is_pruned_that_is_new(home: Path):
    assert answered(home, "prune")["objects"] == 0


# -- repair


@pytest.fixture
def parked(home: Path) -> Path:
    """Stores whose last load was parked, because a number of its is none."""
    load(home, UNFIT)
    return home


def test_parked_load_says_why(parked: Path):
    (one,) = answered(parked, "failed-loads", "list")
    assert one["load"] == "run-3/0"
    assert "hits: expected" in one["reasons"][0]


def test_parked_load_is_shown_with_its_tables(parked: Path):
    assert answered(parked, "failed-loads", "show", "run-3")["tables"] == {"player_stats_historical": 1}


def test_unknown_load_is_told_the_nearest(parked: Path):
    assert "did you mean run-3/0" in refused(parked, "failed-loads", "show", "rum-3/0")


def test_replay_without_a_fix_stays_parked(parked: Path):
    assert answered(parked, "failed-loads", "retry", "run-3")["loaded"] is False
    assert len(answered(parked, "failed-loads", "list")) == 1


def test_replay_after_a_fix_stands(home: Path):
    objects = FolderStore(home / "objects")
    fixed = whole_game(4, TUESDAY, run_id="run-4").validated(objects)
    lost = objects.read_bytes(fixed.accepted[0])
    objects.delete(fixed.accepted[0])
    deliver(home, fixed)
    objects.write_once(fixed.accepted[0], lost)
    assert answered(home, "failed-loads", "retry", "run-4") == {
        "load": "run-4/0",
        "loaded": True,
        "failed_again": [],
    }
    assert (answered(home, "failed-loads", "list"), findings(home)) == ([], [])


def test_dropped_load_is_gone(parked: Path):
    reported(parked, "failed-loads", "drop", "run-3")
    assert answered(parked, "failed-loads", "list") == []


# -- status


def test_status_is_in_order(home: Path):
    status = answered(home, "status")
    assert (status["state"], status["problems"]) == ("healthy", [])
    assert status["days"] == {"first": str(MONDAY), "last": str(TUESDAY), "days": 2}


def test_status_says_what_is_broken(parked: Path):
    status = answered(parked, "status")
    assert status["state"] == "broken"
    assert [problem["see"] for problem in status["problems"]] == ["`hankstank failed-loads list`"]


def test_status_says_since_when(home: Path):
    LocalBus(home / "queue.sqlite").dead_letter(b"no event", "because", "data.collected--validator")
    (problem,) = answered(home, "status")["problems"]
    (letter,) = LocalBus(home / "queue.sqlite").list_dead_letters()
    assert problem["since"] == f"{letter.parked_at.astimezone(UTC):%Y-%m-%d %H:%M}"


def test_status_says_which_days_lack(home: Path):
    write_world(FolderStore(home / "objects"), DataWorld("later", datetime(2026, 5, 9, 12, tzinfo=UTC)))
    status = answered(home, "status")
    assert status["missing"][0] == "the games of 2026-05-02 to 2026-05-08"
    assert (status["state"], status["since"]) == ("broken", str(date(2026, 5, 2)))


def test_status_is_not_in_order_while_something_is_missing(home: Path):
    write_world(FolderStore(home / "objects"), DataWorld("later", datetime(2026, 5, 3, 12, tzinfo=UTC)))
    status = answered(home, "status")
    assert (status["problems"], status["missing"]) == ([], ["the games of 2026-05-02"])
    assert status["state"] == "needs attention"


def test_status_names_forecasts_that_are_worse_than_a_guess(home: Path):
    recent = RecentRecord(
        forecasts=140, log_loss=0.73, compared=140, compared_log_loss=0.73, guess_log_loss=0.69,
        compared_days=14, gain=-0.04, gain_se=0.0027, first=MONDAY, last=TUESDAY,
    )  # fmt: skip
    win = TargetQuality(week=recent, fortnight=recent, highest_gain=-0.036, worse_since=TUESDAY)
    quality = ForecastQuality(at=datetime(2026, 5, 2, tzinfo=UTC), through=TUESDAY, targets={"home_win": win})
    save_quality(FolderStore(home / "objects"), quality)
    status = answered(home, "status")
    assert status["state"] == "needs attention"
    (worse,) = status["worse_forecasts"]
    assert worse.startswith(f"forecasts worse than a guess since {TUESDAY}: home_win, gain -0.0400 ± 0.0027")
    assert "forecasts worse than a guess" in reported(home, "status", width=200).stdout


# -- narrow terminals, colours


@pytest.mark.parametrize(
    "words",
    [
        ["status"], ["tables"], ["tables", "games_historical"], ["verify"], ["prune"], ["models", "list"],
        ["query", "select * from games_historical", "--format", "table"], ["slate", "2026-05-02"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_narrow_terminals_are_respected(home: Path, words: list[str]):
    result = reported(home, *words, width=40)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 40


def test_wide_rows_become_lines_on_a_narrow_terminal(home: Path):
    answer = reported(
        home, "query", "select * from games_historical limit 1", "--format", "table", width=40
    ).stdout
    assert "\ngame_date 2026-04-06\n" in answer


def test_pipes_get_no_colour(home: Path):
    assert "\x1b" not in reported(home, "status").output


def test_status_names_a_damaged_queue_and_what_to_do(home: Path):
    (home / "queue.sqlite").write_bytes(b"no queue" * 1000)
    message = reported(home, "status").stdout
    assert "queue.sqlite is damaged" in message.replace("\n", "")
    (waiting,) = (line for line in message.splitlines() if line.startswith("In queue"))
    assert "`hankstank rebuild`" in waiting
    assert "dashboard" not in message


def test_a_single_finding_is_counted_as_one(home: Path):
    staged = next((home / "objects/raw").rglob("new.json.zst"))
    staged.write_bytes(b"other bytes")
    assert "\n1 finding in " in CliRunner().invoke(app, ["verify", "--home", str(home)]).stdout


def test_deleted_queue_is_named_and_not_made(home: Path):
    (home / "queue.sqlite").unlink()
    result = CliRunner().invoke(app, ["verify", "--json", "--home", str(home)])  # a table cuts long paths
    assert result.exit_code == 1
    assert "queue.sqlite is missing: `hankstank rebuild`" in result.stdout
    assert not (home / "queue.sqlite").exists()
