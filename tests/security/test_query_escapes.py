"""`hankstank query` changes no file and opens none, whatever DuckDB's parser, functions and paths allow."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from shared.adapters.local import duckdb_query, duckdb_reader
from shared.adapters.local.duckdb_query import QueryRefused, run_query, run_query_on, sealed_connection

SECRET = "a line that no query may read"

# What DuckDB's parser knows, each with a file to harm or read. Kinds that no SQL text has stand below.
STATEMENTS = {
    "SELECT": ["with c as (copy secrets to '{path}') select * from c"],
    "INSERT": ["insert into secrets from read_text('{path}')"],
    "UPDATE": ["update secrets set word = (select content from read_text('{path}'))"],
    "CREATE": ["create table t as from read_text('{path}')", "create secret s (type http, scope '{path}')"],
    "DELETE": ["delete from secrets where word in (select content from read_text('{path}'))"],
    "PREPARE": ["prepare p as copy secrets to '{path}'"],
    "EXECUTE": ["execute p('{path}')"],
    "ALTER": ["alter table secrets add column note varchar default '{path}'"],
    "TRANSACTION": ["begin transaction", "commit", "rollback"],
    "COPY": ["copy secrets to '{path}'", "copy secrets from '{path}'", "copy (select 1) to '{path}'"],
    "ANALYZE": ["analyze secrets"],
    "VACUUM": ["vacuum secrets"],
    "VARIABLE_SET": ["set variable v = (select content from read_text('{path}'))"],
    "EXPLAIN": ["explain copy secrets to '{path}'", "explain analyze copy secrets to '{path}'"],
    "DROP": ["drop table secrets"],
    "EXPORT": ["export database '{path}'"],
    "PRAGMA": ["pragma enable_profiling", "pragma profile_output = '{path}'"],
    "CALL": ["call enable_logging(storage_path = '{path}')", "checkpoint"],
    "SET": ["set temp_directory = '{path}'", "set log_query_path = '{path}'", "use memory"],
    "LOAD": ["load '{path}'", "install '{path}'"],
    "ATTACH": ["attach '{path}' as other", "attach '{path}' as other (read_only)"],
    "DETACH": ["detach warehouse"],
    "COPY_DATABASE": ["copy from database warehouse to memory"],
    "MERGE_INTO": ["merge into secrets using (select 1) on true when matched then delete"],
    "MULTI": ["pivot read_text('{path}') on content", "import database '{path}'"],
}
# `analyze`, `set variable` and `copy from database` are tried too; the parser calls them something else.
NO_SQL = {"INVALID", "CREATE_FUNC", "RELATION", "EXTENSION", "LOGICAL_PLAN"}
NO_SQL |= {"ANALYZE", "VARIABLE_SET", "COPY_DATABASE"}
WRAPPED = [
    "{sql}",
    "explain {sql}",
    "explain analyze {sql}",
    "explain (analyze, format json) {sql}",
    "prepare p as {sql}",
    "prepare p as explain analyze {sql}",
    "describe {sql}",
    "summarize {sql}",
    "select 1; {sql}",
    "with w as ({sql}) select * from w",
    "with w as materialized ({sql} returning *) select * from w",
    "select * from ({sql})",
    "from query($${sql}$$)",
]
DML = [
    "with w as (insert into secrets values ('x') returning *) from w",
    "with w as (delete from secrets returning *) from w",
    "with w as (update secrets set word = 'x' returning *) from w",
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table secrets as select '{SECRET}' as word")
    return path


@pytest.fixture
def paths(warehouse: Path) -> list[str]:
    """Every path that DuckDB opens although external access is off, with a file in each folder, and others."""
    own = "select current_setting('allowed_paths'), current_setting('allowed_directories')"
    with sealed_connection(warehouse) as connection:
        settings = [connection.execute(own).fetchone()]
    with duckdb_reader.open_read_only(warehouse) as connection:
        connection.execute("set enable_external_access = false")
        settings.append(connection.execute(own).fetchone())
    files = [path for allowed, _ in settings for path in allowed]
    folders = [f"{folder}/planted" for _, allowed in settings for folder in allowed]
    assert str(warehouse) in files
    assert folders, "DuckDB allows the folder that it spills into"
    other = warehouse.with_name("other.csv")
    other.write_text(f"word\n{SECRET}\n")
    return sorted({*files, *folders, str(other), "/proc/self/environ"})


def contents(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def reported(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return what a query answers, or the refusal."""
    try:
        return str([part.rows() for part in run_query_on(connection, sql)])
    except QueryRefused as error:
        return f"refused: {error}"


def refused(warehouse: Path, sql: str) -> str:
    with pytest.raises(QueryRefused) as refusal:
        list(run_query(warehouse, sql))
    return str(refusal.value)


def kinds(sql: str) -> list[str]:
    with duckdb.connect() as connection:
        return [statement.type.name for statement in connection.extract_statements(sql)]


def test_every_statement_of_the_parser_is_tried() -> None:
    tried = [sql.format(path="x") for some in STATEMENTS.values() for sql in some]
    assert {kind for sql in tried for kind in kinds(sql)} == set(duckdb.StatementType.__members__) - NO_SQL


@pytest.mark.parametrize("kind", STATEMENTS)
def test_no_statement_touches_a_file(warehouse: Path, paths: list[str], kind: str) -> None:
    before = contents(warehouse.parent)
    tried = [wrapped.format(sql=sql) for sql in STATEMENTS[kind] for wrapped in WRAPPED]
    with sealed_connection(warehouse) as connection:
        answered = {
            sql.format(path=path): reported(connection, sql.format(path=path))
            for sql in tried
            for path in paths
        }
    assert {sql: answer for sql, answer in answered.items() if not answer.startswith("refused: ")} == {}
    assert not any(SECRET in answer for answer in answered.values())
    assert contents(warehouse.parent) == before


@pytest.mark.parametrize("sql", DML)
def test_no_select_changes_rows(warehouse: Path, sql: str) -> None:
    before = contents(warehouse.parent)
    refused(warehouse, sql)
    assert contents(warehouse.parent) == before


def table_functions() -> list[tuple[str, list[str]]]:
    """Return DuckDB's functions for FROM with the names of what they take."""
    listed = """
        select function_name, list_distinct(flatten(list(parameters))) from duckdb_functions()
        where function_type in ('table', 'pragma') group by 1 order by 1"""
    # these take the address of an object in this process's memory, and never a file
    by_address = {"arrow_scan", "arrow_scan_dumb", "pandas_scan", "python_arrow_scan", "python_map_function"}
    with duckdb.connect() as connection:
        found = connection.execute(listed).fetchall()
    return [(name, parameters) for name, parameters in found if name not in {*by_address, "seq_scan"}]


def test_no_function_opens_a_file(warehouse: Path, paths: list[str]) -> None:
    before = contents(warehouse.parent)
    opened = []
    with sealed_connection(warehouse) as connection:
        for name, parameters in table_functions():
            for path in paths:
                named = [f"{name}({one} = '{path}')" for one in parameters if one.isidentifier()]
                for call in [
                    f"{name}('{path}')",
                    f"{name}(['{path}'])",
                    f"{name}('{path}', 'word', 'x')",
                    *named,
                ]:
                    answer = reported(connection, f"select * from {call} limit 5")
                    opened += [call] if SECRET in answer or "DUCK" in answer else []
    assert opened == []
    assert contents(warehouse.parent) == before


@pytest.mark.parametrize(
    "reading", ["read_text('{}')", "read_blob('{}')", "read_csv('{}')", "glob('{}')", "'{}'"]
)
def test_reading_a_file_is_refused_in_words(warehouse: Path, paths: list[str], reading: str) -> None:
    for path in paths:
        message = refused(warehouse, f"select * from {reading.format(path)}")
        assert "opens no file" in message or "does not exist" in message


@pytest.mark.parametrize(
    "sql", ["select getenv('HOME')", "select * from python_variable", "from which_secret('x', 'http')"]
)
def test_surroundings_are_not_told(warehouse: Path, sql: str) -> None:
    python_variable = pl.DataFrame({"word": [SECRET]})  # what DuckDB would find in the caller's frame
    with sealed_connection(warehouse) as connection:
        answer = reported(connection, sql)
    assert not python_variable.is_empty()
    assert SECRET not in answer
    assert os.environ["HOME"] not in answer


def test_settings_stay_as_they_are(warehouse: Path) -> None:
    with sealed_connection(warehouse) as connection:
        for setting in (
            "enable_external_access = true",
            "disabled_filesystems = ''",
            "temp_directory = '/tmp'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(f"set {setting}")


def test_query_ends_in_time(warehouse: Path) -> None:
    endless = "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r"
    with pytest.raises(QueryRefused, match=r"within 0\.2 s of work.*--seconds"):
        list(run_query(warehouse, endless, seconds=0.2))


def test_answer_that_has_begun_ends_in_time(warehouse: Path) -> None:
    with pytest.raises(QueryRefused, match=r"within 0\.2 s of work"):
        for _ in run_query(warehouse, "select * from range(1000000000000)", seconds=0.2):
            pass


def test_reader_may_take_their_time(warehouse: Path) -> None:
    now = [0.0]
    rows = 0
    with sealed_connection(warehouse) as connection:
        for part in run_query_on(connection, "select * from range(30000)", timer=lambda: now[0]):
            rows += part.height
            now[0] += 3600
    assert rows == 30_000


def test_memory_is_bounded_and_nothing_spills(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_reader, "MEMORY_LIMIT", "50MB")
    monkeypatch.chdir(warehouse.parent)
    before = contents(warehouse.parent)
    message = refused(warehouse, "from (select range, hash(range) as h from range(20000000)) order by h")
    assert "ask for fewer rows or columns" in message
    assert contents(warehouse.parent) == before


def test_error_amid_an_answer_is_a_sentence(warehouse: Path) -> None:
    sql = "select cast(if(range > 25000, 'x', '1') as int) from range(30000)"
    assert refused(warehouse, sql) == "Conversion Error: Could not convert string 'x' to INT32"


def test_number_that_is_too_great_is_a_sentence(warehouse: Path) -> None:
    assert "cast them to double" in refused(warehouse, "select 170141183460469231731687303715884105727 as n")


def test_what_a_killed_writer_left_is_read_and_kept(warehouse: Path) -> None:
    """The write-ahead log of a process that died belongs to the next run, not to a query."""
    dies = (
        "import duckdb, os, signal, sys; c = duckdb.connect(sys.argv[1]);"
        "c.execute(\"insert into secrets values ('late')\"); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", dies, str(warehouse)], check=False)
    assert ended.returncode == -signal.SIGKILL
    before = contents(warehouse.parent)
    assert warehouse.with_name("warehouse.duckdb.wal").name in {Path(path).name for path in before}
    assert sum(part.height for part in run_query(warehouse, "from secrets")) == 2
    assert contents(warehouse.parent) == before


def test_the_warehouse_outlives_explain_analyze_copy(warehouse: Path) -> None:
    before = warehouse.read_bytes()
    sql = f"explain analyze copy (select 1) to '{warehouse}' (format csv)"
    result = CliRunner().invoke(app, ["query", sql, "--home", str(warehouse.parent)])
    assert (result.exit_code, warehouse.read_bytes()) == (1, before)
    assert "expected one SELECT, got EXPLAIN" in result.stderr


def test_bounds_are_in_the_help() -> None:
    message = " ".join(CliRunner().invoke(app, ["query", "--help"]).stdout.split())
    assert "2 GB of memory, no disk, and --seconds of work" in message
    assert "--seconds" in message
    assert duckdb_reader.MEMORY_LIMIT == "2GB"
    assert f"default: {duckdb_query.DEFAULT_TIMEOUT:g}" in message
