"""Checks the players of a what-if request: the impossible is refused, the unusual flagged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from services.predict_api.mlb.quality_flags import QualityFlag
from services.predict_api.problems import InvalidRequest

SIDES = ("home", "away")
_PITCHERS = ("P", "TWP")  # TWP: pitches and bats, as MLB writes it

Row = Mapping[str, Any]


class PlayerDirectory(Protocol):
    """The players and clubs of a release."""

    def player_name(self, player_id: int) -> str | None:
        """Return a player's name, None if the player is not known."""

    def find_player(self, player_id: int) -> Row:
        """Return what is known of a player."""

    def club_abbreviation(self, team_id: int) -> str:
        """Return a club's abbreviation."""


class Starters(Protocol):
    """The starting pitchers of a request, by id; None where it names none."""

    home: int | None
    away: int | None


class Lineups(Protocol):
    """The batting orders of a request, nine ids each; None where it names none."""

    home: list[int] | None
    away: list[int] | None


@dataclass(frozen=True)
class Caveat:
    """Something unusual about a request: the flag it raises, and a sentence that names the player."""

    flag: QualityFlag
    sentence: str


@dataclass(frozen=True)
class _NamedPlayer:
    """One player as a request names them."""

    path: str
    side: str
    player_id: int
    is_starter: bool


def reject_unknown_players(directory: PlayerDirectory, starters: Starters, lineups: Lineups) -> None:
    """Raise InvalidRequest for players who are not known."""
    unknown = [
        one for one in _named_players(starters, lineups) if directory.player_name(one.player_id) is None
    ]
    expected = "a known player: GET /players finds them by name"
    _raise_errors([(one.path, expected, one.player_id) for one in unknown])


def reject_players_on_both_sides(
    directory: PlayerDirectory, lineups: pl.DataFrame, game: Row, starters: Starters, requested: Lineups
) -> None:
    """Raise InvalidRequest for named players who would play for both clubs.

    `lineups` are those of both clubs as `fill_lineups` returns them, with the named players in place: a
    club without named players has its posted or projected ones.
    """
    playing = {
        side: set(lineups.filter(team_id=game[f"{side}_team_id"])["player_id"].to_list()) for side in SIDES
    }
    errors = []
    for one in _named_players(starters, requested):
        other = SIDES[one.side == "home"]
        if one.player_id in playing[other]:
            club = directory.club_abbreviation(game[f"{other}_team_id"])
            expected = f"a player on one side only: this one is in the line-up of {club}, name that one too"
            errors.append((one.path, expected, one.player_id))
    _raise_errors(errors)


def find_caveats(directory: PlayerDirectory, game: Row, starters: Starters, lineups: Lineups) -> list[Caveat]:
    """Return what is unusual about the players named."""
    return list(dict.fromkeys(_iter_caveats(directory, game, starters, lineups)))


def _iter_caveats(
    directory: PlayerDirectory, game: Row, starters: Starters, lineups: Lineups
) -> Iterator[Caveat]:
    for one in _named_players(starters, lineups):
        person = directory.find_player(one.player_id)
        name, team, position = person["full_name"], person["team_id"], person["primary_position"]
        club = directory.club_abbreviation(game[f"{one.side}_team_id"])
        if team is not None and team != game[f"{one.side}_team_id"]:
            last = directory.club_abbreviation(team)
            yield Caveat(QualityFlag.OTHER_CLUB, f"{name} last played for {last}, not for {club}.")
        if one.is_starter and position is not None and position not in _PITCHERS:
            sentence = f"{name} is listed as {position}: an average pitcher is assumed instead."
            yield Caveat(QualityFlag.NOT_A_PITCHER, sentence)
        if not one.is_starter and position == "P" and one.player_id != getattr(starters, one.side):
            yield Caveat(
                QualityFlag.PITCHER_BATS, f"{name} is a pitcher and bats for {club} without starting."
            )


def _named_players(starters: Starters, lineups: Lineups) -> Iterator[_NamedPlayer]:
    for side in SIDES:
        starter, order = getattr(starters, side), getattr(lineups, side)
        if starter is not None:
            yield _NamedPlayer(f"starting_pitchers/{side}", side, starter, is_starter=True)
        for place, player in enumerate(order or ()):
            yield _NamedPlayer(f"lineups/{side}/{place}", side, player, is_starter=False)


def _raise_errors(errors: Sequence[tuple[str, str, int]]) -> None:
    if errors:
        details = [{"path": path, "expected": what, "got": str(player)} for path, what, player in errors]
        raise InvalidRequest("players who can play this game", details)
