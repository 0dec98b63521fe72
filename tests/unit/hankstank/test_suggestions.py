"""A mistake is told the nearest right name or date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hankstank import suggestions

TABLES = ("games_historical", "people", "venues", "player_stats_historical")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-02-30", "2026-02-28"), ("2026-13-01", "2026-01-13"), ("2026/4/5", "2026-04-05"),
        ("4/15/2026", "2026-04-15"), ("2026-4-31", "2026-04-30"), ("2024-02-31", "2024-02-29"),
    ],
)  # fmt: skip
def test_wrong_date_is_told_the_nearest(typed: str, meant: str):
    with pytest.raises(ValueError, match=f"did you mean {meant}"):
        suggestions.parse_day(typed)


@pytest.mark.parametrize("typed", ["someday", "", "2026", "99-99-99", "0000-00-00", "1-2-3-4"])
def test_no_date_is_guessed_from_no_date(typed: str):
    with pytest.raises(ValueError, match=r"expected a date like 2026-04-15, or .*, got '[^']*'$"):
        suggestions.parse_day(typed)


@given(st.dates())
def test_right_dates_are_read(day: date):
    assert suggestions.parse_day(str(day)) == day


@pytest.mark.parametrize(("word", "day"), [("yesterday", 30), ("TODAY", 31), ("tomorrow", 1)])
def test_day_named_by_a_word_lies_beside_today(word: str, day: int):
    relative = suggestions.parse_day(word)
    assert isinstance(relative, suggestions.RelativeDay)
    assert relative.resolve(date(2026, 5, 31)).day == day


@given(st.text())
def test_any_text_is_a_date_or_an_advice(text: str):
    try:
        suggestions.parse_day(text)
    except ValueError as error:
        result = str(error)
        assert result.startswith("expected a date")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("game_historical", "games_historical"), ("PEOPEL", "people"), ("player_s", "player_stats_historical")],
)
def test_wrong_name_is_told_the_nearest(typed: str, meant: str):
    assert suggestions.suggest_names(typed, TABLES).startswith(f": did you mean {meant}")


def test_name_like_no_other_is_told_all():
    assert suggestions.suggest_names("xyz", TABLES) == f": there are {', '.join(TABLES)}."


def test_many_names_are_not_listed():
    assert suggestions.suggest_names("xyz", [f"table_{number}" for number in range(13)]) == "."


def test_nothing_to_name_is_said():
    assert suggestions.suggest_names("xyz", ()) == ": there are none."
