"""Product code and documents use the field's words: no private language, and function names with a noun."""

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
    words,
)

LARGEST_SHARE_OF_ONE_WORD_NAMES = 0.15

# A word that no identifier contains, and what to call the thing.
IDENTIFIERS = {
    "untold": "no_alert, no_message",
    "tell": "notify, report, explain",
    "says": "reports, describes",
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
    "resident": "a process",
    "lived": "run, kept",
    "stroke": "an injected fault",
    "reborn": "restarted",
    "rung": "a step, a threshold",
}
# A pattern that no comment, string or document matches, and the plain term.
PHRASES = {
    r"\blaid aside\b": "quarantined",
    r"\bborn again\b": "restarted",
    r"\bshelf\b": "the release manager, the cache",
    r"\bdealt\b": "forecast, handled",
    r"\bnought\b": "0",
}
# What stays, exactly: (file, the identifier or the matched text) and the reason.
ALLOWED_IDENTIFIERS = {
    ("services/predict_api/serving/cached_answers.py", "is_long_lived"): "long-lived is plain English",
}
ALLOWED_PHRASES = {}


@cache
def defined_names() -> list[Find]:
    """Return every identifier that product code defines."""
    return [
        name
        for path in product_code()
        for name in identifiers(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    ]


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


def test_planted_text_is_read() -> None:
    lines = [line.text for line in code_text(PLANTED, "a.py")]
    assert "# what is owed" in lines
    assert "The desk's story." in lines
    assert any("stands" in line for line in lines)
    assert not any("told" in line for line in lines)  # an expression, not text
    assert [str(find) for find in matches(r"\bstands\b", [Find("a.md", 3, "It Stands.")])] == [
        "a.md:3: stands"
    ]
