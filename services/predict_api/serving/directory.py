"""Finds clubs, players and games of a snapshot by the names that people use."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from services.predict_api.mlb.club_names import ClubNames
from services.predict_api.problems import AmbiguousGame, AmbiguousPlayer, UnknownGame, UnknownPlayer
from services.predict_api.serving.name_search import NameIndex
from shared.storage.snapshot import Snapshot

Row = Mapping[str, Any]
_MAX_SUGGESTIONS = 3  # games that a message suggests
CALLED_OFF_STATES = ("Postponed", "Cancelled", "Suspended")  # first words of `detailed_state`


class Directory:
    """Look-ups over one snapshot; every miss has suggestions."""

    def __init__(self, snapshot: Snapshot) -> None:
        tables = snapshot.tables
        self.clubs: Mapping[int, Row] = _rows_by_key(tables["clubs"], "team_id")
        self._club_names = ClubNames(self.clubs)
        self._people = _rows_by_key(tables["people"], "person_id")
        self._venues = _rows_by_key(tables["venues"], "venue_id")
        self.name_index = NameIndex(self._people)
        self.games: Mapping[int, Row] = _rows_by_key(
            tables["schedule"].sort("game_date", "scheduled_start", "game_pk"), "game_pk"
        )
        self._game_ids: dict[int, str] = {}
        self._days: dict[date, list[Row]] = defaultdict(list)
        self._probable_starts: dict[tuple[date, int | None], list[Row]] = defaultdict(list)
        self._called_off: dict[date, list[Row]] = defaultdict(list)
        for game in self.games.values():
            if _is_called_off(game):
                self._called_off[game["game_date"]].append(game)
            else:
                self._days[game["game_date"]].append(game)
                for announced in _probable_pitchers(game):
                    self._probable_starts[game["game_date"], announced].append(game)

    def find_club(self, given: str | int) -> Row:
        """Return the club with that id or any of its names; raises UnknownTeam, AmbiguousTeam."""
        return self.clubs[self._club_names.club_id(given)]

    def club_abbreviation(self, team_id: int) -> str:
        """Return a club's letters; its id where the club is not known."""
        club = self.clubs.get(team_id)
        return club["abbreviation"] if club else str(team_id)

    def find_player(self, given: int | str) -> Row:
        """Return a player's row by id or by their full name; raises UnknownPlayer, AmbiguousPlayer."""
        if isinstance(given, str):
            return self._find_player_by_name(given)
        if given not in self._people:
            raise UnknownPlayer(f"no player with id {given} has been seen in a game", [])
        return self._people[given]

    def _find_player_by_name(self, name: str) -> Row:
        fits = self.name_index.find_exact(name)
        if not fits:
            suggestions = [self._people[one]["full_name"] for one in self.name_index.search_players(name, 3)]
            raise UnknownPlayer(f"no player has the name {name!r}", suggestions)
        if len(fits) > 1:
            raise AmbiguousPlayer(name, [self._player_summary(one) for one in fits])
        return self._people[fits[0]]

    def _player_summary(self, player_id: int) -> dict[str, Any]:
        person = self._people[player_id]
        team = self.club_abbreviation(person["team_id"]) if person["team_id"] else None
        return {"player_id": player_id, "name": person["full_name"], "team": team}

    def player_name(self, player_id: int | None) -> str | None:
        """Return a player's name where both are known."""
        person = self._people.get(player_id) if player_id else None
        return person["full_name"] if person else None

    def venue_name(self, venue_id: int | None) -> str | None:
        """Return a ballpark's name where it is known."""
        venue = self._venues.get(venue_id) if venue_id else None
        return venue["name"] if venue else None

    def game_id(self, game: Row) -> str:
        """Return a game's name for people, such as 2026-04-15-NYY-BOS; a second game ends in -2."""
        game_pk = game["game_pk"]
        if game_pk not in self._game_ids:
            home, away = (self.club_abbreviation(team) for team in _club_ids(game))
            second = f"-{game['game_number']}" if game["game_number"] > 1 else ""
            self._game_ids[game_pk] = f"{game['game_date']}-{home}-{away}{second}"
        return self._game_ids[game_pk]

    def time_zone(self, game_pk: int) -> str:
        """Return the time zone of a game's park, UTC where it is not known."""
        venue = self._venues.get(self.games.get(game_pk, {}).get("venue_id", 0), {})
        return venue.get("time_zone") or "UTC"

    def scheduled_days(self) -> list[date]:
        """Return the days on which games may be played, in order."""
        return sorted(self._days)

    def games_on(self, day: date) -> Sequence[Row]:
        """Return the day's games that were not over when the snapshot was taken and may still be played."""
        return self._days.get(day, [])

    def called_off_on(self, day: date) -> list[str]:
        """Return the day's games that are called off, such as BOS at NYY (Postponed)."""
        return [
            f"{self._describe_matchup(game)} ({game['detailed_state']})"
            for game in self._called_off.get(day, [])
        ]

    def _describe_matchup(self, game: Row) -> str:
        home, away = (self.club_abbreviation(team) for team in _club_ids(game))
        return f"{away} at {home}"

    def find_game(self, day: date, home: int, away: int, number: int | None) -> Row:
        """Return one game; raises UnknownGame, AmbiguousGame."""
        fits = [game for game in self.games_on(day) if _club_ids(game) == (home, away)]
        meeting = f"{self.club_abbreviation(away)} at {self.club_abbreviation(home)}"
        return self._select_game(fits, day, number, meeting, (home, away))

    def game_of_starter(
        self, day: date, player_id: int, opponent: int | None, number: int | None
    ) -> Row | None:
        """Return the game a pitcher is announced to start; None where none is."""
        fits = self._probable_starts.get((day, player_id), [])
        if opponent is not None:
            fits = [game for game in fits if player_id == _probable_pitcher_against(game, opponent)]
        clubs = [team for game in fits for team in _club_ids(game)]
        return self._select_game(fits, day, number, f"{self.player_name(player_id)}", clubs) if fits else None

    def game_of_club(self, day: date, team_id: int, opponent: int | None, number: int | None) -> Row:
        """Return a club's game that day; raises UnknownGame, AmbiguousGame."""
        fits = [game for game in self.games_on(day) if team_id in _club_ids(game)]
        if opponent is not None:
            fits = [game for game in fits if set(_club_ids(game)) == {team_id, opponent}]
        against = f" against {self.club_abbreviation(opponent)}" if opponent else ""
        return self._select_game(
            fits, day, number, f"{self.club_abbreviation(team_id)}{against}", (team_id, opponent)
        )

    def _select_game(
        self,
        games: Sequence[Row],
        day: date,
        number: int | None,
        description: str,
        clubs: Collection[int | None],
    ) -> Row:
        """Return the requested game; `clubs` are those whose other games are suggestions."""
        chosen = [game for game in games if number in (None, game["game_number"])]
        if len(chosen) > 1:
            raise AmbiguousGame(sorted(game["game_number"] for game in chosen))
        if not chosen:
            which = f"game {number} of " if number else ""
            off = ", ".join(self.called_off_on(day))
            why = f"; called off: {off}" if off else ""
            theirs = (game for game in self.games_on(day) if not set(clubs).isdisjoint(_club_ids(game)))
            suggestions = list(dict.fromkeys(self._describe_matchup(game) for game in theirs))[
                :_MAX_SUGGESTIONS
            ]
            raise UnknownGame(f"the schedule has no {which}{description} on {day}{why}", suggestions)
        return chosen[0]


def _rows_by_key(table: pl.DataFrame, key: str) -> dict[int, Row]:
    return {row[key]: row for row in table.iter_rows(named=True)}


def _club_ids(game: Row) -> tuple[int, int]:
    return game["home_team_id"], game["away_team_id"]


def _is_called_off(game: Row) -> bool:
    return game["status"] == "Other" or str(game["detailed_state"]).startswith(CALLED_OFF_STATES)


def _probable_pitchers(game: Row) -> tuple[int | None, int | None]:
    return game["home_probable_pitcher_id"], game["away_probable_pitcher_id"]


def _probable_pitcher_against(game: Row, opponent: int) -> int | None:
    """Return the starter announced against a club; None where it does not play."""
    home, away = _probable_pitchers(game)
    sides = dict(zip(_club_ids(game), (away, home), strict=True))
    return sides.get(opponent)
