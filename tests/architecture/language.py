"""Reading of product code and documents as text: function names, identifiers, comments, strings, prose."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "simulator", "evaluation", "hankstank")
PROSE = frozenset({".html", ".js", ".json", ".md", ".sql", ".tf", ".toml", ".yml"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ERROR = re.compile(r"[A-Z]\w+")
_RAISES = re.compile(r"\b[Rr]aises ((?:an? )?[A-Z]\w+(?:(?:,| or|, or)? [A-Z]\w+)*)")
_RAISES_ENTRY = re.compile(r"^ {4}([A-Z]\w+):", re.MULTILINE)
_HIDDEN = re.compile(r"/[._]")  # caches and environments
_FOLDERS = (*PACKAGES, "docs", "terraform")  # a checkout may have others: stores, builds, environments


class Find(NamedTuple):
    """One place in one file."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def product_code() -> list[Path]:
    """Return the Python files of the product."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def product_prose() -> list[Path]:
    """Return the files, other than Python, whose text users and engineers read."""
    inside = (path for folder in _FOLDERS for path in (ROOT / folder).rglob("*"))
    found = {path for path in (*ROOT.glob("*"), *inside) if _is_prose(path)}
    return sorted(found | set((ROOT / ".github").rglob("*.yml")))


def _is_prose(path: Path) -> bool:
    is_text = path.suffix in PROSE or path.name in {"Makefile", "Dockerfile"}
    return is_text and not _HIDDEN.search(f"/{path.relative_to(ROOT).as_posix()}")


def function_names(source: str) -> Iterator[str]:
    """Yield the names of functions and methods, without leading underscores; dunders are left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not re.fullmatch(
            r"__\w+__", node.name
        ):
            yield node.name.strip("_")


def identifiers(source: str, path: str) -> Iterator[Find]:
    """Yield each name that the source defines: functions, classes, arguments, variables, attributes."""
    yield Find(path, 1, Path(path).stem)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield Find(path, node.lineno, node.name)
        elif isinstance(node, ast.arg):
            yield Find(path, node.lineno, node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Find(path, node.lineno, node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield Find(path, node.lineno, node.attr)
        elif isinstance(node, ast.alias) and node.asname:
            yield Find(path, node.lineno, node.asname)


def words(identifier: str) -> set[str]:
    """Return an identifier's words in lower case: those of `read_OldTable` are read, old and table."""
    return {word.lower() for word in _WORD.findall(identifier)}


def code_text(source: str, path: str) -> Iterator[Find]:
    """Yield the lines of comments, docstrings and other strings of Python source."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Find(path, token.start[0], token.string)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for offset, line in enumerate(node.value.split("\n")):
                yield Find(path, node.lineno + offset, line)


def raised_errors(source: str, path: str) -> Iterator[Find]:
    """Yield each error that a docstring says is raised, in one line or in a section `Raises:`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node) or ""
            listed = [names for match in _RAISES.finditer(text) for names in _ERROR.findall(match[1])]
            for name in listed + _RAISES_ENTRY.findall(text.partition("Raises:\n")[2]):
                yield Find(path, node.body[0].lineno, name)


def prose_text(source: str, path: str) -> Iterator[Find]:
    """Yield the lines of a document."""
    for number, line in enumerate(source.split("\n"), 1):
        yield Find(path, number, line)
