"""Product code and documents use the field's words: no private language, and function names with a noun."""

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.language import (
    ROOT,
    Find,
    code_text,
    function_names,
    identifiers,
    product_code,
    product_prose,
    prose_text,
    raised_errors,
    words,
)

LARGEST_SHARE_OF_ONE_WORD_NAMES = 0.15

# A word that no identifier contains, and what to call the thing.
IDENTIFIERS = {
    "told": "the thing itself: a message, report, value",
    "untold": "no_alert, no_message",
    "tell": "notify, report, explain",
    "said": "response, message, status",
    "say": "report, describe",
    "says": "reports, describes",
    "standing": "stored, deployed, current (standings are the league's)",
    "stood": "stored, was",
    "asked": "requested",
    "ask": "request, predict, fetch",
    "debt": "a backlog item",
    "debts": "the backlog",
    "owed": "in the backlog",
    "desk": "a cache, a context",
    "shelf": "a release manager, a cache",
    "dealt": "forecast, handled",
    "dealer": "a forecaster",
    "spoilt": "corrupt",
    "spoiled": "rejected, corrupt",
    "torn": "truncated",
    "fate": "a fault injector",
    "town": "a local cluster",
    "resident": "a process",
    "house": "the platform",
    "room": "a service (space is space)",
    "rooms": "services",
    "lived": "run, kept",
    "stroke": "an injected fault",
    "strokes": "injected faults",
    "reborn": "restarted",
    "standin": "a simulator, an emulator",
    "flaw": "a violation",
    "rung": "a step, a threshold",
    "october": "the postseason",
    "man": "a player",
    "men": "players",
}
# A pattern that no comment, string or document matches, and the plain term.
PHRASES = {
    r"\bwary of\b": "caveats",
    r"\bcomes? again\b": "retries, is not retryable",
    r"\bmade anew\b": "rebuilt",
    r"\banew\b": "again",
    r"\blives? a day\b": "runs a day",
    r"(?<!long-)(?<!short-)\blived\b": "ran, was kept",
    r"\bpeople are told\b": "notifications for",
    r"\btold\b": "the thing itself: reports, shows, returns",
    r"\bsaid\b": "reported, stated",
    r"\basked\b": "requested",
    r"\bheld against\b": "compared with",
    r"\blaid aside\b": "quarantined",
    r"\bborn again\b": "restarted",
    r"\bspoilt\b": "corrupt",
    r"\btorn\b": "truncated",
    r"\bcannot be had\b": "is unavailable",
    r"\bin the place of\b": "instead of",
    r"\bbrought level\b": "synchronised",
    r"\bhouse\b": "the platform",
    r"\brooms?\b(?! for\b)": "a service",
    r"\btown\b": "the local cluster",
    r"\bfate\b": "the fault injector",
    r"\bow(?:ed|es)\b": "in the backlog, missing",
    r"\bdebts?\b": "the backlog",
    r"\bdesk\b": "the cache, the context",
    r"\bshelf\b": "the release manager, the cache",
    r"\bdealt\b(?! with)": "forecast, handled",
    r"\bstrokes?\b": "an injected fault",
    r"\w's story\b": "what the module does",
    r"\bstands\b(?! for\b)": "is stored, is deployed, is",
    r"\bstood\b": "was stored, was",
    r"\bstanding\b": "stored, deployed, current",
    r"(?<![-\w])(?:s?he|his|him|himself|hers)\b": "the player, they, their",
    r"(?<!\b40-)(?<!\bforty-)(?<!setup )\bm[ae]n\b": "a player, players",
    r"\bnought\b": "0",
    r"\bstand-?ins?\b": "a simulator, an emulator",
}
# What stays, exactly: (file, the identifier or the matched text) and the reason.
ALLOWED_IDENTIFIERS = {
    ("simulator/league/talent.py", "FORTY_MAN"): "the name of that roster in baseball",
    ("services/predict_api/serving/prediction_cache.py", "is_long_lived"): "long-lived is plain English",
    ("services/collector/mlb/daily_rows.py", "standing_rows"): "rows of the league standings",
    ("services/collector/mlb/daily_rows.py", "_standing_row"): "a row of the league standings",
    ("services/collector/mlb/wire/misc.py", "ClubStanding"): "a club in the league standings",
}
ALLOWED_PHRASES = {
    ("terraform/environments/dev/main.tf", "house"): "the address in an existing state",
    ("terraform/environments/prod/main.tf", "house"): "the address in an existing state",
    ("terraform/modules/platform/moved.tf", "house"): "the address in an existing state",
    ("terraform/modules/platform/moved.tf", "room"): "the address in an existing state",
    ("terraform/modules/platform/moved.tf", "said"): "the address in an existing state",
    ("terraform/modules/platform/moved.tf", "standing"): "the address in an existing state",
    ("terraform/modules/event_service/moved.tf", "room"): "the address in an existing state",
    ("services/features/publish.py", "standing"): "the name of a stored field",
    ("shared/storage/staging.py", "asked"): "the name of a stored field",
    ("services/collector/backlog.py", "owed"): "the name of stored objects",
    ("docs/architecture.md", "owed"): "the name of stored objects",
    ("simulator/wire/codes.py", "stand-in"): "part of archived responses",
    ("CHANGELOG.md", "standin"): "the name that a command had",
    ("services/collector/mlb/wire/misc.py", "standing"): "a club in the league standings",
}


@cache
def defined_names() -> list[Find]:
    """Return every identifier that product code defines, and the names of the other files."""
    in_code = [
        name
        for path in product_code()
        for name in identifiers(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    ]
    return [*in_code, *(Find(path.relative_to(ROOT).as_posix(), 1, path.stem) for path in product_prose())]


@cache
def text_lines() -> list[Find]:
    """Return every line of text that people read: comments, strings and documents."""
    code = [
        line
        for path in product_code()
        for line in code_text(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    ]
    prose = [
        line
        for path in product_prose()
        for line in prose_text(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    ]
    return [line for line in (*code, *prose) if line.text.strip()]


def matches(pattern: str, lines: list[Find]) -> Iterator[Find]:
    """Yield each match of a pattern, with its place."""
    compiled = re.compile(pattern, re.IGNORECASE)
    for line in lines:
        for match in compiled.finditer(line.text):
            yield Find(line.path, line.line, match[0].lower())


def report(found: list[Find], advice: str) -> str:
    """Return a failure message: what to write instead, and every place."""
    return "\n".join([f"expected {advice}, found:", *sorted(map(str, found))])


def test_function_names_carry_a_noun() -> None:
    names = [name for path in product_code() for name in function_names(path.read_text("utf-8"))]
    single = [name for name in names if "_" not in name]
    assert len(names) > 1_000
    assert len(single) / len(names) < LARGEST_SHARE_OF_ONE_WORD_NAMES, sorted(single)


@pytest.mark.parametrize("word", IDENTIFIERS)
def test_identifiers_use_the_fields_words(word: str) -> None:
    found = [
        name
        for name in defined_names()
        if word in words(name.text) and (name.path, name.text) not in ALLOWED_IDENTIFIERS
    ]
    assert not found, report(found, IDENTIFIERS[word])


@pytest.mark.parametrize("pattern", PHRASES)
def test_text_is_plain(pattern: str) -> None:
    found = [
        match for match in matches(pattern, text_lines()) if (match.path, match.text) not in ALLOWED_PHRASES
    ]
    assert not found, report(found, PHRASES[pattern])


def test_docstrings_raise_errors_that_exist() -> None:
    sources = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in product_code()}
    classes = {
        node.name
        for source in sources.values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    }
    raised = [one for path, source in sources.items() for one in raised_errors(source, path)]
    assert len(raised) > 200
    unknown = [one for one in raised if one.text not in classes and not hasattr(builtins, one.text)]
    assert not unknown, report(unknown, "errors that the project or Python defines")


def test_every_exception_is_needed() -> None:
    names = {(name.path, name.text) for name in defined_names() if words(name.text) & set(IDENTIFIERS)}
    assert set(ALLOWED_IDENTIFIERS) <= names
    texts = {(match.path, match.text) for pattern in PHRASES for match in matches(pattern, text_lines())}
    assert set(ALLOWED_PHRASES) <= texts


PLANTED = '''
"""The desk's story."""
class TownHall:
    debts: int  # what is owed
    def _read(self, told):
        return f"{told} stands {1} here", self.__str__()
    def __str__(self): ...
'''


def test_planted_names_are_read() -> None:
    assert list(function_names(PLANTED)) == ["read"]
    found = [name.text for name in identifiers(PLANTED, "a/shelf.py")]
    assert sorted(found) == ["TownHall", "__str__", "_read", "debts", "self", "self", "shelf", "told"]
    assert words("TownHall") == {"town", "hall"}
    assert words("_read_HTTPDesk") == {"read", "http", "desk"}


def test_planted_errors_are_read() -> None:
    source = '''
def load():
    """Load it; raises NoDesk, ObjectMissing or ValueError.

    Raises:
        Torn: the rest.
    """
'''
    found = [one.text for one in raised_errors(source, "a.py")]
    assert found == ["NoDesk", "ObjectMissing", "ValueError", "Torn"]


def test_planted_text_is_read() -> None:
    lines = [line.text for line in code_text(PLANTED, "a.py")]
    assert "# what is owed" in lines
    assert "The desk's story." in lines
    assert any("stands" in line for line in lines)
    assert not any("told" in line for line in lines)  # an expression, not text
    assert [str(find) for find in matches(r"\bstands\b", [Find("a.md", 3, "It Stands.")])] == [
        "a.md:3: stands"
    ]
