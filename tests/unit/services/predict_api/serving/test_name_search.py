"""People are found by what they are called."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.predict_api.serving.name_search import NameIndex, normalize_name


def person(name: str, nickname: str | None = None, last_seen: date | None = None) -> dict[str, object]:
    return {"full_name": name, "nickname": nickname, "last_seen": last_seen}


ROLL = NameIndex(
    {
        1: person("José Ramírez", last_seen=date(2026, 5, 1)),
        2: person("Jose Ramirez", last_seen=date(2014, 5, 1)),
        3: person("Ronald Acuña Jr."),
        4: person("Michael Nelson Trout", "Kiiid"),
        5: person("Ke'Bryan Hayes"),
        6: person("Matthew Olson"),
        7: person("Hyun-Jin Ryu"),
        8: person("Luis García", last_seen=date(2026, 5, 1)),
        9: person("Luis García Jr.", last_seen=date(2024, 5, 1)),
        10: person("J.T. Realmuto"),
        11: person("JR Ritchie"),
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
        ("Luis Garcia", [8, 9]),
        ("Luis Garcia Jr.", [9, 8]),
        ("Garcia Jr", [9, 8]),
        ("J. T. Realmuto", [10]),
        ("J.T. Realmuto", [10]),
        ("JT Realmuto", [10]),
        ("Realmuto, J. T.", [10]),
        ("J.R. Ritchie", [11]),
    ],
)
def test_finds_who_is_meant(asked: str, found: list[int]) -> None:
    assert ROLL.search_players(asked, 10) == found


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("Luis Garcia Jr.", [9]),
        ("Luis García, Jr.", [9]),
        ("García Jr., Luis", [9]),
        ("Luis Garcia", [8, 9]),
        ("Luis Garcia Sr.", [8]),
        ("J. T. Realmuto", [10]),
        ("Ronald Acuna", [3]),
        ("Ronald Acuna Sr.", []),
    ],
)
def test_a_suffix_prefers_its_bearers(asked: str, named: list[int]) -> None:
    assert ROLL.find_exact(asked) == named


LETTERS = st.text(st.sampled_from("abcdeéñøABC"), min_size=2, max_size=8)


@given(initials=st.lists(st.sampled_from("abcdJTR"), min_size=2, max_size=3), last=LETTERS)
def test_initials_may_be_written_in_any_way(initials: list[str], last: str) -> None:
    spaced, dotted, bare = (joint.join(initials) for joint in (". ", ".", ""))
    assert (
        normalize_name(f"{spaced}. {last}")
        == normalize_name(f"{dotted}. {last}")
        == normalize_name(f"{bare} {last}")
    )


@given(first=LETTERS, last=LETTERS, suffix=st.sampled_from(["Jr.", "Sr", "II", "iii", "IV"]))
def test_a_namesake_with_a_suffix_is_told_apart(first: str, last: str, suffix: str) -> None:
    name = f"{first} {last}"
    roll = NameIndex({1: person(name, last_seen=date(2026, 5, 1)), 2: person(f"{name} {suffix}")})
    assert roll.find_exact(f"{name}, {suffix}") == [2]
    assert roll.search_players(f"{name} {suffix}", 2) == [2, 1]
    assert roll.find_exact(name) == [1, 2]


def test_no_more_are_told_than_asked_for() -> None:
    assert ROLL.search_players("ramirez", 1) == [1]


@given(st.text(max_size=60))
def test_any_text_may_be_asked(text: str) -> None:
    assert all(isinstance(one, int) for one in ROLL.search_players(text, 10))


@given(st.text(max_size=40))
def test_a_plain_name_stays_plain(text: str) -> None:
    assert " ".join(normalize_name(normalize_name(text)).split()) == normalize_name(normalize_name(text))


@pytest.mark.parametrize(
    ("asked", "found"),
    [("903506", [903506]), (" 903506 ", [903506]), ("903506\x1f", [903506]), ("903507", [])],
)
def test_an_id_finds_its_player(asked: str, found: list[int]) -> None:
    assert NameIndex({903506: {"full_name": "Omar Wakefield"}}).search_players(asked, 5) == found
