"""Real seasons as a `World`, from Retrosheet's event files."""

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
    """Real seasons, loaded from `data/mlb` on first use; a game is parsed when it is yielded."""

    def __init__(self, data: Path, seasons: Sequence[int]) -> None:
        self._data = data
        self._years = tuple(sorted(set(seasons)))
        self._loaded: dict[int, SeasonFiles] = {}

    @property
    def label(self) -> str:
        """Name shown to users, such as "Retrosheet 2015, 2016"."""
        return f"Retrosheet {', '.join(map(str, self._years))}"

    def list_seasons(self) -> Sequence[int]:
        """Return the seasons available."""
        return self._years

    def season_dates(self, season: int) -> SeasonDates:
        """Return the days of the first and the last game; the event files have no other parts."""
        days = [game_info.parse_official_date(parse_info(text)) for text in self._load_season(season).games]
        return SeasonDates(regular=(min(days), max(days)))

    def list_clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season."""
        return clubs.clubs_in(season)

    def venues_by_id(self) -> Mapping[int, Venue]:
        """Return the ballparks by id: known ones, and the seasons' others by Retrosheet's code alone."""
        sites = set().union(*(season.site_codes for season in self._all_seasons()))
        others = (game_info.invented_venue(site) for site in sites - clubs.venues_by_code().keys())
        return {venue.id: venue for venue in (*clubs.venues_by_code().values(), *others)}

    def people_by_id(self) -> Mapping[int, Person]:
        """Return everybody named by a roster or a game of the seasons, by id."""
        return {person.id: person for season in self._all_seasons() for person in season.directory.season}

    def list_missing_data(self) -> Sequence[str]:
        """Return a sentence for each kind of missing data that the seasons do without."""
        return [sentence for season in self._all_seasons() for sentence in season.list_missing_data()]

    def iter_games(self, season: int) -> Iterable[GameRecord]:
        """Yield a season's games by official date, start and game_pk; unreadable ones are skipped.

        Raises:
            UnreadableSeason: more than one in a hundred cannot be read.
        """
        files = self._load_season(season)
        return files.parse_games(files.games)

    def games_on(self, first: date, last: date) -> Iterable[GameRecord]:
        """Yield the games with an official date between two dates, both included, in the same order."""
        for files in (self._load_season(year) for year in self._years if first.year <= year <= last.year):
            yield from files.parse_games(
                text
                for text in files.games
                if first <= game_info.parse_official_date(parse_info(text)) <= last
            )

    def unreadable_games(self, season: int) -> Mapping[str, str]:
        """Return the reasons for a season's games skipped so far, by Retrosheet's id."""
        return self._load_season(season).unreadable_games

    def games_moved_from(self, first: date, last: date) -> Iterable[GameRecord]:  # noqa: ARG002
        """Return nothing: the event files do not give original dates of postponed games."""
        return ()

    def get_roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return the inferred active roster; Retrosheet has no 40-man rosters."""
        if kind != "active" or on.year not in self._years:
            return ()
        files = self._load_season(on.year)
        codes = {fact.id: code for code, fact in clubs.clubs_by_code(on.year).items()}
        return [
            files.directory[player].id for player in files.inferred_rosters.active_players(codes[club], on)
        ]

    def list_transactions(self, first: date, last: date) -> Sequence[Transaction]:  # noqa: ARG002
        """Return nothing: the event files have no transactions."""
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
