"""Clubs are found by all their names: today's, those of other years, and other sources' abbreviations."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.predict_api.mlb.club_names
from services.predict_api.mlb.club_names import ClubNames
from services.predict_api.problems import AmbiguousTeam, UnknownTeam
from simulator.clubs import clubs_in

YEARS = (2010, 2016, 2026)  # the Florida Marlins, the Oakland Athletics, and today's clubs
OTHERS: dict[str, list[str]] = json.loads(
    Path(services.predict_api.mlb.club_names.__file__).with_suffix(".json").read_text("utf-8")
)
SHARED = {
    name for names in OTHERS.values() for name in names if sum(name in some for some in OTHERS.values()) > 1
}


def club_names(year: int) -> ClubNames:
    rows = [
        {
            "team_id": club.id,
            "abbreviation": club.abbreviation,
            "name": club.name,
            "location": club.location,
            "nickname": club.nickname,
        }
        for club in clubs_in(year)
    ]
    return ClubNames({row["team_id"]: row for row in rows})


BY_YEAR = {year: club_names(year) for year in YEARS}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("name", "club"),
    [
        ("OAK", 133), ("ATH", 133), ("A's", 133), ("A’s", 133), ("as", 133), ("Oakland Athletics", 133), ("Oakland", 133),
        ("FLO", 146), ("FLA", 146), ("MIA", 146), ("Florida Marlins", 146), ("Miami Marlins", 146),
        ("Cleveland Indians", 114), ("Indians", 114), ("Guardians", 114), ("CLE", 114),
        ("ARI", 109), ("AZ", 109), ("D-backs", 109), ("dbacks", 109), ("CHW", 145), ("CWS", 145), ("CHA", 145),
        ("Montréal Expos", 120), ("Montreal Expos", 120), ("WAS", 120), ("WSN", 120), ("Devil Rays", 139), ("TBR", 139),
        ("Anaheim Angels", 108), ("Los Angeles Angels of Anaheim", 108), ("Los Angeles Angels", 108),
        ("ST LOUIS CARDINALS", 138), ("St. Louis Cardinals", 138), ("SLN", 138), ("New York Giants", 137), ("O's", 110),
        (" nyy ", 147), (147, 147), ("147", 147),
    ],
)  # fmt: skip
def test_a_club_is_found_in_every_year(year: int, name: str | int, club: int) -> None:
    assert BY_YEAR[year].club_id(name) == club


@pytest.mark.parametrize(
    ("name", "clubs"),
    [
        ("New York", {"New York Yankees", "New York Mets"}),
        ("Chicago", {"Chicago Cubs", "Chicago White Sox"}),
        ("Senators", {"Minnesota Twins", "Texas Rangers"}),
    ],
)
def test_nobody_is_guessed_where_two_clubs_fit(name: str, clubs: set[str]) -> None:
    with pytest.raises(AmbiguousTeam) as refused:
        BY_YEAR[2026].club_id(name)
    assert set(refused.value.more["suggestions"]) == clubs


@pytest.mark.parametrize("name", ["", " ", "'", "XXX", "0", "-1", "1" * 5000, "²"])
def test_what_no_club_is_called_is_refused(name: str) -> None:
    with pytest.raises(UnknownTeam):
        BY_YEAR[2026].club_id(name)


def test_every_club_is_in_the_list_of_other_names() -> None:
    assert {club.id for club in clubs_in(2026)} == set(map(int, OTHERS))


@given(
    year=st.sampled_from(YEARS),
    named=st.sampled_from([(club, name) for club, names in OTHERS.items() for name in names]),
    data=st.data(),
)
def test_any_writing_of_any_name_finds_its_club(
    year: int, named: tuple[str, str], data: st.DataObject
) -> None:
    """Case, dots, apostrophes and spaces do not matter, and no name is taken away by another club."""
    club, name = named
    changes = [
        str.upper,
        str.lower,
        str.title,
        lambda text: f"  {text} ",
        lambda text: text.replace("'", "’"),
    ]
    written = data.draw(st.sampled_from(changes))(name.replace(".", data.draw(st.sampled_from([".", ""]))))
    if name in SHARED:
        with pytest.raises(AmbiguousTeam):
            BY_YEAR[year].club_id(written)
    else:
        assert BY_YEAR[year].club_id(written) == int(club)


@given(st.text(max_size=70))
def test_any_text_is_a_club_or_refused(text: str) -> None:
    with suppress(AmbiguousTeam, UnknownTeam):
        assert str(BY_YEAR[2026].club_id(text)) in OTHERS
