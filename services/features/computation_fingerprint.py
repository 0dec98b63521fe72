"""A hash of how features are computed: code, SQL, data files and columns; a change makes every day stale.

Nobody has to remember a version number: whoever edits a formula or adds a column has changed the hash.
"""

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from shared.storage import tables

COMPUTING_CODE = (
    "services/features/mlb",
    "services/features/warehouse.py",
    "shared/sports/mlb/game_types.py",
    "shared/sports/mlb/matchup",
    "shared/sports/mlb/states",
)  # a test demands that they hold all of the project's baseball code that a build imports
FEATURES_DATASET = "mlb_features"
_ROOT = Path(__file__).parents[2]
_SQL = "services/features/sql"
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def computation_fingerprint() -> str:
    """Return the hash of this installation's computation: the same under every Python version."""
    return hash_computation(computing_sources(_ROOT), _column_definitions())


def hash_computation(sources: Mapping[str, str], columns: Mapping[str, str]) -> str:
    """Return one hash of named texts; the order of the mappings does not matter."""
    parts = (sorted(sources.items()), sorted(columns.items()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def computing_sources(root: Path) -> dict[str, str]:
    """Return what decides the values of features, by its path below `root`, without comments and docstrings.

    Python modules, the JSON files beside them, and the SQL files that a module names in a string.
    """
    paths = [path for place in COMPUTING_CODE for path in _files_below(root / place)]
    texts, strings = {}, set()
    for path in paths:
        texts[path] = path.read_text("utf-8")
        if path.suffix == ".py":
            tree = ast.parse(texts[path])
            strings |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            texts[path] = code_without_prose(texts[path], tree)
    texts |= {path: path.read_text("utf-8") for path in (root / _SQL).glob("*.sql") if path.stem in strings}
    return {path.relative_to(root).as_posix(): text for path, text in texts.items()}


def _files_below(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from (path for suffix in ("py", "json") for path in place.rglob(f"*.{suffix}"))


def code_without_prose(source: str, tree: ast.Module) -> str:
    """Return Python source without comments, docstrings and blank lines.

    The syntax tree itself is no basis for a hash: how it is printed differs between Python versions, and two
    hosts of different versions would rebuild each other's history.
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first, last = node.body[0].lineno, node.body[0].end_lineno or node.body[0].lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _column_definitions() -> dict[str, str]:
    """Return what of the tables' definitions decides values: keys, column names, types and roles."""
    every = (tables.get_table(name) for name in tables.list_tables(FEATURES_DATASET))
    return {
        table.name: repr((table.key, [(f.name, f.type, f.role, f.is_feature) for f in table.fields]))
        for table in every
    }
