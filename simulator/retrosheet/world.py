"""Real seasons as a `World`: Retrosheet's event files, read a game at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from simulator import clubs
from simulator.game_record import Club, GameRecord, Person, SeasonDates, Transaction, Venue
from simulator.retrosheet import game_info
from simulator.retrosheet.people import load_register
from simulator.retrosheet.records import parse_info
from simulator.retrosheet.season import SeasonFiles, load_season


class RetrosheetWorld:
    """Real seasons, read on first ask from `data/mlb`; a game is parsed when it is yielded."""

    def __init__(self, data: Path, seasons: Sequence[int]) -> None:
        self._data = data
        self._years = tuple(sorted(set(seasons)))
        self._loaded: dict[int, SeasonFiles] = {}

    @property
    def label(self) -> str:
        """Return what users read, such as "Retrosheet 2015, 2016"."""
        return f"Retrosheet {', '.join(map(str, self._years))}"

    def list_seasons(self) -> Sequence[int]:
        """Return the seasons that can be asked for."""
        return self._years

    def season_dates(self, season: int) -> SeasonDates:
        """Return the days of the first and the last game; the event files have nothing of the rest."""
        days = [game_info.parse_official_date(parse_info(text)) for text in self._load_season(season).games]
        return SeasonDates(regular=(min(days), max(days)))

    def list_clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season."""
        return clubs.clubs_in(season)

    def venues_by_id(self) -> Mapping[int, Venue]:
        """Return the ballparks by id: the clubs', and those of the seasons that only Retrosheet knows."""
        sites = set().union(*(season.site_codes for season in self._all_seasons()))
        strangers = (game_info.invented_venue(site) for site in sites - clubs.venues_by_code().keys())
        return {venue.id: venue for venue in (*clubs.venues_by_code().values(), *strangers)}

    def people_by_id(self) -> Mapping[int, Person]:
        """Return by id everybody whom a roster or a game of the seasons names."""
        return {person.id: person for season in self._all_seasons() for person in season.directory.season}

    def list_missing_data(self) -> Sequence[str]:
        """Return a sentence for each thing that the seasons' files lack and that is done without."""
        return [sentence for season in self._all_seasons() for sentence in season.list_missing_data()]

    def iter_games(self, season: int) -> Iterable[GameRecord]:
        """Yield a season's games by official date, then start, then game_pk; some may be left out.

        Raises:
            UnreadableSeason: more than one in a hundred of them cannot be read.
        """
        files = self._load_season(season)
        return files.parse_games(files.games)

    def games_on(self, first: date, last: date) -> Iterable[GameRecord]:
        """Yield the games with an official date between two, both included, in the same order."""
        for files in (self._load_season(year) for year in self._years if first.year <= year <= last.year):
            yield from files.parse_games(
                text
                for text in files.games
                if first <= game_info.parse_official_date(parse_info(text)) <= last
            )

    def unreadable_games(self, season: int) -> Mapping[str, str]:
        """Return why games of a season were left out, by Retrosheet's id, as far as it has been read."""
        return self._load_season(season).unreadable_games

    def games_moved_from(self, first: date, last: date) -> Iterable[GameRecord]:  # noqa: ARG002
        """Return nothing: the event files do not tell when a game was first to be played."""
        return ()

    def get_roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return the active roster as far as it can be told; Retrosheet knows no 40-man roster."""
        if kind != "active" or on.year not in self._years:
            return ()
        files = self._load_season(on.year)
        codes = {fact.id: code for code, fact in clubs.clubs_by_code(on.year).items()}
        return [
            files.directory[player].id for player in files.inferred_rosters.active_players(codes[club], on)
        ]

    def list_transactions(self, first: date, last: date) -> Sequence[Transaction]:  # noqa: ARG002
        """Return nothing: the event files tell no transactions."""
        return ()

    @cached_property
    def _people_register(self) -> Mapping[str, Person]:
        return load_register(self._data)

    def _load_season(self, year: int) -> SeasonFiles:
        if year not in self._loaded:
            self._loaded[year] = load_season(self._data, year, self._people_register)
        return self._loaded[year]

    def _all_seasons(self) -> Iterable[SeasonFiles]:
        return map(self._load_season, self._years)
