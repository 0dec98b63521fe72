"""The SQL of the services with its placeholders filled in, as BigQuery receives it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from services.features.mlb.labels import box_label_columns
from services.features.mlb.player_counts import LINES
from services.features.mlb.recent_games import recent_games_query
from services.features.mlb.strikeout_vector import PITCHING
from services.loader.mlb.day_counts import day_rows_query, grades_due_query
from services.loader.mlb.outcomes import outcomes_query
from services.loader.mlb.results import result_games_query, result_lines_query
from services.trainer.dataset import rows_query
from shared.sports.mlb.states import LAYOUTS, Layout

ROOT = Path(__file__).parents[1]
SQL_FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "services").rglob("*.sql"))
_TABLE = re.compile(r"\b(mlb_\w+)\.(\w+|\{table\})")
# Statements whose columns come from the target records.
_GENERATED: dict[str, Callable[[], str]] = {
    "services/features/sql/recent_games.sql": recent_games_query,
    "services/loader/sql/outcomes.sql": outcomes_query,
    "services/loader/sql/day_rows.sql": day_rows_query,
    "services/loader/sql/grades_due.sql": grades_due_query,
    "services/loader/sql/result_games.sql": result_games_query,
    "services/loader/sql/result_lines.sql": result_lines_query,
    "services/trainer/game_rows.sql": partial(rows_query, "game"),
    "services/trainer/player_rows.sql": partial(rows_query, "batter"),
}


@cache
def load_statements(path: str) -> tuple[str, ...]:
    """Return the statements of a SQL file with placeholders filled in, one for each kind of state or line."""
    text = _GENERATED[path]() if path in _GENERATED else (ROOT / path).read_text()
    sql = "\n".join(line.partition("--")[0] for line in text.splitlines())
    if "{" not in sql:
        return (sql,)
    if path.endswith("/box_labels.sql"):
        return (_fill_placeholders(sql, box_label_columns()),)
    if path.endswith("/starter_lines.sql"):
        return (_fill_placeholders(sql, PITCHING.season_columns),)
    if "{lines}" in sql:
        return tuple(
            _fill_placeholders(sql, layout.sum_columns, lines=name, key=layout.key)
            for name, layout in LINES.items()
        )
    layouts = LAYOUTS if "{table}" in sql else [one for one in LAYOUTS if one.table in sql]
    return tuple(_fill_layout(sql, layout) for layout in layouts)


def count_tables(sql: str) -> Counter[str]:
    """Return how often a statement names each table."""
    return Counter(name for _, name in _TABLE.findall(sql))


def _fill_layout(sql: str, layout: Layout) -> str:
    columns = ("as_of", layout.key, "season", *layout.column_names)
    return _fill_placeholders(sql, columns, table=layout.table, key=layout.key)


def _fill_placeholders(sql: str, columns: Iterable[str], **placeholders: str) -> str:
    for placeholder, text in {**placeholders, "columns": ", ".join(columns)}.items():
        sql = sql.replace(f"{{{placeholder}}}", text)
    return sql
