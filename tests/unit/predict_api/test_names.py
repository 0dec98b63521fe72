"""People are found by what they are called."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.predict_api.names import Roll, plain


def person(name: str, nickname: str | None = None, last_seen: date | None = None) -> dict[str, object]:
    return {"full_name": name, "nickname": nickname, "last_seen": last_seen}


ROLL = Roll(
    {
        1: person("José Ramírez", last_seen=date(2026, 5, 1)),
        2: person("Jose Ramirez", last_seen=date(2014, 5, 1)),
        3: person("Ronald Acuña Jr."),
        4: person("Michael Nelson Trout", "Kiiid"),
        5: person("Ke'Bryan Hayes"),
        6: person("Matthew Olson"),
        7: person("Hyun-Jin Ryu"),
    }
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("jose ramirez", [1, 2]),
        ("JOSÉ RAMÍREZ", [1, 2]),
        ("ronald acuna", [3]),
        ("Acuña Jr", [3]),
        ("mike trout", [4]),
        ("kiiid", [4]),
        ("kebryan hayes", [5]),
        ("matt ols", [6]),
        ("hyun jin ryu", [7]),
        ("Ramires Jose", []),
        ("Jose Ramires", [1, 2]),
        ("", []),
        ("'; drop table people --", []),
    ],
)
def test_finds_who_is_meant(asked: str, found: list[int]) -> None:
    assert ROLL.found(asked, 10) == found


def test_no_more_are_told_than_asked_for() -> None:
    assert ROLL.found("ramirez", 1) == [1]


@given(st.text(max_size=60))
def test_any_text_may_be_asked(text: str) -> None:
    assert all(isinstance(one, int) for one in ROLL.found(text, 10))


@given(st.text(max_size=40))
def test_a_plain_name_stays_plain(text: str) -> None:
    assert " ".join(plain(plain(text)).split()) == plain(plain(text))
