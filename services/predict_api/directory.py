"""Clubs, players and games of a snapshot, found by what people call them."""

from datetime import date
from difflib import get_close_matches
from typing import Any
from unicodedata import combining, normalize

import polars as pl

from services.predict_api.problems import AmbiguousGame, UnknownGame, UnknownPlayer, UnknownTeam
from shared.snapshot import Snapshot


class Directory:
    """Look-ups over one snapshot; every miss says what is near."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._clubs = {row["team_id"]: row for row in snapshot.tables["clubs"].iter_rows(named=True)}
        self._club_names = _names(self._clubs)
        self._people = {row["person_id"]: row for row in snapshot.tables["people"].iter_rows(named=True)}
        self._schedule = snapshot.tables["schedule"].sort("game_date", "scheduled_start", "game_pk")

    def club(self, given: str | int) -> dict[str, Any]:
        """Return the club with that id, abbreviation, name, city and nickname; raises UnknownTeam."""
        key = int(given) if str(given).isdigit() else self._club_names.get(plain(str(given)))
        if key not in self._clubs:
            near = get_close_matches(plain(str(given)), self._club_names, n=3, cutoff=0.5)
            clubs = dict.fromkeys(self._clubs[self._club_names[name]]["name"] for name in near)
            raise UnknownTeam(given, list(clubs))
        return self._clubs[key]

    def abbreviation(self, team_id: int) -> str:
        """Return a club's letters; its id where the club is not known."""
        club = self._clubs.get(team_id)
        return club["abbreviation"] if club else str(team_id)

    def person(self, player_id: int) -> dict[str, Any]:
        """Return a player's row; raises UnknownPlayer."""
        if player_id not in self._people:
            raise UnknownPlayer(player_id)
        return self._people[player_id]

    def name(self, player_id: int | None) -> str | None:
        """Return a player's name where both are known."""
        person = self._people.get(player_id) if player_id else None
        return person["full_name"] if person else None

    def game_number(self, game_pk: int) -> int:
        """Return which game of the day a scheduled game is."""
        return int(self._schedule.filter(pl.col("game_pk") == game_pk)["game_number"][0])

    def games_on(self, day: date) -> pl.DataFrame:
        """Return the day's games that were not over when the snapshot was taken and may still be played."""
        off = ("Postponed", "Cancelled", "Suspended")
        return self._schedule.filter(pl.col("game_date") == day, ~pl.col("detailed_state").is_in(off))

    def game(self, day: date, home: int, away: int, number: int | None) -> pl.DataFrame:
        """Return one game as a frame of one row; raises UnknownGame, AmbiguousGame."""
        games = self.games_on(day).filter(pl.col("home_team_id") == home, pl.col("away_team_id") == away)
        return self._one(games, day, number, f"{self.abbreviation(away)} at {self.abbreviation(home)}")

    def game_of_starter(self, day: date, player_id: int, number: int | None) -> pl.DataFrame | None:
        """Return the game a pitcher is announced to start, as a frame of one row; None where none is."""
        announced = pl.concat_list("home_probable_pitcher_id", "away_probable_pitcher_id")
        starts = announced.list.contains(player_id)
        games = self.games_on(day).filter(starts)
        return self._one(games, day, number, f"{self.name(player_id)}") if games.height else None

    def game_of_club(self, day: date, team_id: int, opponent: int | None, number: int | None) -> pl.DataFrame:
        """Return a club's game that day as a frame of one row; raises UnknownGame, AmbiguousGame."""
        plays = (pl.col("home_team_id") == team_id) | (pl.col("away_team_id") == team_id)
        games = self.games_on(day).filter(plays)
        if opponent is not None:
            clubs = pl.concat_list("home_team_id", "away_team_id").list.sort()
            games = games.filter(clubs == sorted([team_id, opponent]))
        against = f" against {self.abbreviation(opponent)}" if opponent else ""
        return self._one(games, day, number, f"{self.abbreviation(team_id)}{against}")

    def _one(self, games: pl.DataFrame, day: date, number: int | None, asked: str) -> pl.DataFrame:
        if number is not None:
            games = games.filter(pl.col("game_number") == number)
        if games.height > 1:
            raise AmbiguousGame(sorted(games["game_number"].to_list()))
        if games.is_empty():
            raise UnknownGame(f"no game of {asked} is scheduled on {day}", self._matchups(day))
        return games

    def _matchups(self, day: date) -> list[str]:
        clubs = self.games_on(day).select("away_team_id", "home_team_id").iter_rows()
        return [f"{self.abbreviation(away)} at {self.abbreviation(home)}" for away, home in clubs]


def plain(name: str) -> str:
    """Return a name without accents, case and outer blanks: how people type it."""
    letters = (letter for letter in normalize("NFKD", name) if not combining(letter))
    return "".join(letters).casefold().strip()


def _names(clubs: dict[int, dict[str, Any]]) -> dict[str, int]:
    names: dict[str, int] = {}
    for team_id, club in clubs.items():
        for field in ("abbreviation", "name", "nickname"):
            if club[field]:
                names.setdefault(plain(club[field]), team_id)
    return names
