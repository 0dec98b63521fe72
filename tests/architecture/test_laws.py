"""The laws a linter of imports cannot see: who may read the clock, who may name a vendor."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "simulator", "evaluation", "hankstank")
CODE = sorted(path for top in PACKAGES for path in (ROOT / top).rglob("*.py"))
VENDORS = {
    "duckdb": "shared/adapters/local",
    "sqlglot": "shared/adapters/local",
    "google": "shared/adapters/gcp",
    "apprise": "shared/adapters/apprise",
}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
# Entry points, adapters' timers and the console read the clock; what they call is told the time.
MAY_READ_THE_CLOCK = (
    "shared/adapters/",
    "shared/runtime/ports_factory.py",
    "services/collector/http_source.py",
    "hankstank/",
    "evaluation/",
    "simulator/",
)


def _where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _reads_the_clock(path: Path) -> bool:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name))
    return any((call.value.id, call.attr) in CLOCKS for call in named)


@pytest.mark.parametrize(("vendor", "room"), VENDORS.items())
def test_only_its_adapter_knows_a_vendor(vendor: str, room: str) -> None:
    users = {_where(path) for path in CODE if any(name.startswith(vendor) for name in _imports(path))}
    assert all(user.startswith(room) for user in users), users


def _cycle(imports: dict[str, set[str]]) -> list[str]:
    """Return the modules of a circle of imports, or none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) >= len(CODE)
    assert _cycle(imports) == []


def test_planted_cycle_is_found() -> None:
    assert set(_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def _sports_that_meet(imports: dict[str, set[str]], sports: set[str]) -> list[tuple[str, str]]:
    """Return the imports of a part of one sport by a part of another."""
    return sorted(
        (importer, imported)
        for importer, used in imports.items()
        for imported in used
        if len(sports & {*importer.split("."), *imported.split(".")}) > 1
    )


def test_sports_never_import_each_other() -> None:
    sports = {path.parent.name for path in (ROOT / "shared/sports").glob("*/__init__.py")}
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "mlb" in sports
    assert _sports_that_meet(imports, sports) == []


def test_planted_meeting_of_sports_is_found() -> None:
    imports = {
        "services.features.nba.states": {"shared.sports.nba.states", "shared.sports.mlb.states"},
        "services.features.mlb.states": {"shared.sports.mlb.states", "shared.storage"},
    }
    expected = [("services.features.nba.states", "shared.sports.mlb.states")]
    assert _sports_that_meet(imports, {"mlb", "nba"}) == expected


def test_steps_are_told_the_time() -> None:
    readers = {_where(path) for path in CODE if _reads_the_clock(path)}
    assert not {reader for reader in readers if not reader.startswith(MAY_READ_THE_CLOCK)}


def test_every_failed_request_is_caught() -> None:
    """A body that cannot be unpacked is a RequestError and no TransportError: the narrow one lets it through."""
    narrow = {
        _where(path)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and node.type
        and "httpx.TransportError" in ast.unparse(node.type)
    }
    assert not narrow


def test_nothing_is_pickled() -> None:
    picklers = {"pickle", "cloudpickle", "joblib", "dill", "shelve", "marshal"}
    assert not {_where(path) for path in CODE if picklers & set(_imports(path))}


@pytest.mark.parametrize(
    "service", ["collector", "validator", "loader", "features", "trainer", "predict_api"]
)
def test_entry_points_are_short(service: str) -> None:
    body = ast.parse((ROOT / f"services/{service}/main.py").read_text()).body
    statements = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.stmt)]
    assert len(statements) < 12


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_locks_hold_hashes_and_no_address(path: Path) -> None:
    pins = path.read_text().replace("\\\n", "").splitlines()
    assert pins
    assert all("==" in pin and "--hash=sha256:" in pin and "://" not in pin for pin in pins)


def _annotations(body: list[ast.stmt]) -> Iterator[ast.expr]:
    for node in body:
        if isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            yield from (one for one in (*(each.annotation for each in arguments), node.returns) if one)


def _shadowed_types(source: str) -> set[str]:
    """Return the names that a class both defines and annotates with, as `Class.name`."""
    found = set()
    for owner in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)):
        fields = {
            node.target.id
            for node in owner.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        own = fields | {node.name for node in owner.body if isinstance(node, ast.FunctionDef)}
        used = {
            node.id
            for one in _annotations(owner.body)
            for node in ast.walk(one)
            if isinstance(node, ast.Name)
        }
        found |= {f"{owner.name}.{name}" for name in own & used}
    return found


def test_no_annotation_means_a_member_of_its_class() -> None:
    """Python 3.14 reads annotations when they are asked for: by then the name is the member, not the type."""
    assert {name for path in CODE for name in _shadowed_types(path.read_text())} == set()


@pytest.mark.parametrize("body", ["date: date", "date: list[date] | None", "def date(self) -> date: ..."])
def test_a_planted_member_named_like_its_type_is_found(body: str) -> None:
    assert _shadowed_types(f"class Day:\n    {body}\n") == {"Day.date"}
