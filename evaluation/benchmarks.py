"""Win forecasts of the same games by betting lines and FiveThirtyEight, matched game by game.

Prices become probabilities by removing the bookmaker's margin in proportion. Rows that cannot be matched, or
whose prices are not plausible, are counted and listed, never guessed.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from evaluation.xlsx import read_rows

LINES = ("opening_line", "closing_line")
_PRICES = {"opening_line": "Open", "closing_line": "Close"}
RUN_LINE = "run line"
_TOTALS = {"opening total": "Open OU", "closing total": "Close OU"}
_LINES, _FIVETHIRTYEIGHT = "lines", "fivethirtyeight"  # the names of sources, and of their files
_READ = re.compile(rf"mlb_odds_\d{{4}}\.xlsx|{_FIVETHIRTYEIGHT}.*\.csv")
_PLAUSIBLE_OVERROUND = (0.97, 1.15)  # sum of both sides' implied probabilities
_NAMES: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("club_names.json").read_text("utf-8"))


@dataclass(frozen=True)
class LineQuote:
    """A betting line and its probability without the bookmaker's margin.

    A total: that more runs are scored. A run line: that the home club, with `line` runs added, has more.
    """

    line: float
    chance: float


@dataclass(frozen=True)
class BenchmarkQuote:
    """One game of a benchmark's file: win probabilities by forecaster, and the result if it has one."""

    days: tuple[date, ...]  # two if the visitors' and the home club's rows disagree
    clubs: frozenset[int]
    home: int | None  # None: neutral ground
    chances: Mapping[str, float]  # that `first` wins
    first: int  # the club that chances, score and result refer to
    score: tuple[int, int] | None = None  # of `first` and of its opponent
    first_won: bool | None = None
    lines: Mapping[str, LineQuote] = field(default_factory=dict)  # by name; a run line is that of `first`


@dataclass
class MatchedBenchmark:
    """Home win probabilities by forecaster and game, and the rows that were not used."""

    chances: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    lines: dict[str, dict[int, LineQuote]] = field(default_factory=dict)
    quotes: int = 0
    by_score: int = 0
    by_teams: int = 0
    unusable: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)

    def summarise(self) -> dict[str, Any]:
        """Return counts and lists for the report."""
        return {
            "quotes": self.quotes,
            "matched_by_date_teams_and_result": self.by_score,
            "matched_by_date_and_teams": self.by_teams,
            "games": {name: len(by_game) for name, by_game in sorted(self.chances.items())},
            "unusable": self.unusable,
            "unmatched": self.unmatched,
        }


def read_benchmarks(data: Path, games: pl.DataFrame) -> dict[str, MatchedBenchmark]:
    """Return the benchmarks matched to `games`, by source; seasons without a file have none.

    FiveThirtyEight's forecasts of a season are those of the file named for it, else of the first file by
    name that has rows of the season: a file may have several seasons.

    Args:
        data: the data folder.
        games: game_pk, game_date, season, home_team_id, away_team_id, home_score, away_score.
    """
    benchmarks = {}
    for season in sorted(games["season"].unique()):
        played = games.filter(pl.col("season") == season)
        if (workbook := _odds_folder(data) / f"mlb_odds_{season}.xlsx").exists():
            matched = MatchedBenchmark()
            benchmarks[f"{_LINES} {season}"] = match_quotes(
                line_quotes(read_rows(workbook), season, matched), played, matched
            )
        if forecasts := _fivethirtyeight_file(data, season):
            matched = MatchedBenchmark()
            quotes = fivethirtyeight_quotes(forecasts, season, matched)
            benchmarks[f"{_FIVETHIRTYEIGHT} {season}"] = match_quotes(quotes, played, matched)
    return benchmarks


def find_unread(data: Path, seasons: Iterable[int]) -> list[str]:
    """Return, as sentences, the sources that seasons lack and the files whose names say nothing."""
    folder = _odds_folder(data)
    files = {path.name: path for path in sorted(folder.iterdir())} if folder.is_dir() else {}
    unread = []
    for season in seasons:
        if (workbook := f"mlb_odds_{season}.xlsx") not in files:
            unread.append(f"{season}: no betting lines, expected {workbook}")
        if not _fivethirtyeight_file(data, season):
            unread.append(
                f"{season}: no forecasts of FiveThirtyEight, expected {_FIVETHIRTYEIGHT}*.csv with it"
            )
    return unread + [
        f"{name}: not read, expected mlb_odds_SEASON.xlsx or {_FIVETHIRTYEIGHT}*.csv"
        for name in files
        if not _READ.fullmatch(name)
    ]


def _odds_folder(data: Path) -> Path:
    return data / "mlb" / "odds"


def _fivethirtyeight_file(data: Path, season: int) -> Path | None:
    named = _odds_folder(data) / f"{_FIVETHIRTYEIGHT}_{season}.csv"
    others = sorted(_odds_folder(data).glob(f"{_FIVETHIRTYEIGHT}*.csv"))
    return named if named.exists() else next((one for one in others if season in _seasons_of(one)), None)


@cache
def _seasons_of(path: Path) -> frozenset[int]:
    """Return the seasons of which a file of FiveThirtyEight has rows."""
    return frozenset(season for _, row in _read_csv(path) if (season := _season_of(row)))


def _season_of(row: Mapping[str, str]) -> int | None:
    """Return the season of a row, by its date; None where it has none."""
    year = (row.get("date") or "").partition("-")[0]
    return int(year) if year.isdecimal() else None


def _read_csv(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows of a file with the numbers of their lines."""
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        yield from enumerate(csv.DictReader(lines), start=2)


def implied_probability(price: str | None) -> float | None:
    """Return the probability that an American price implies, margin included; None if it is no price."""
    try:
        number = float(price or "")
    except ValueError:
        return None
    if abs(number) < 100:
        return None
    return 100 / (number + 100) if number > 0 else -number / (-number + 100)


def line_quotes(
    table: Iterable[Mapping[str, str]], season: int, matched: MatchedBenchmark
) -> Iterator[BenchmarkQuote]:
    """Yield the games of a SportsBookReview workbook, which has two rows for each, the visitors' first.

    Rows marked N are of neutral ground. Prices with an implausible overround are skipped and listed.
    """
    pending: Mapping[str, str] | None = None
    for row in table:
        if row.get("VH") == "V" or (row.get("VH") == "N" and pending is None):
            if pending is not None:
                matched.unmatched.append(
                    f"{_row_label(pending, season)}: a visitor's row without the home club's"
                )
            pending = row
        elif pending is None:
            matched.unmatched.append(f"{_row_label(row, season)}: a home club's row without the visitors'")
        else:
            quote = _line_quote(pending, row, season, matched)
            pending = None
            if quote:
                yield quote


def fivethirtyeight_quotes(path: Path, season: int, matched: MatchedBenchmark) -> Iterator[BenchmarkQuote]:
    """Yield the games of a season of FiveThirtyEight's forecasts; team1 is the home club.

    Rows that cannot be read are skipped and listed, those without a year too.
    """
    for number, row in _read_csv(path):
        if _season_of(row) in (season, None):
            try:
                yield _fivethirtyeight_quote(row)
            except (KeyError, TypeError, ValueError) as error:
                matched.unusable.append(f"{path.name}, line {number}: {error!r}")


def _fivethirtyeight_quote(row: Mapping[str, str]) -> BenchmarkQuote:
    home, away = (_NAMES["nicknames"][row[name]] for name in ("team1", "team2"))
    chance, won = float(row["prob1"]), row["prob1_outcome"]
    if not 0 < chance < 1:
        raise ValueError(f"expected a probability between 0 and 1, got {chance}")
    return BenchmarkQuote(
        (date.fromisoformat(row["date"]),),
        frozenset((home, away)),
        home,
        {_FIVETHIRTYEIGHT: chance},
        home,
        first_won=won == "1" if won else None,
    )


def match_quotes(
    quotes: Iterable[BenchmarkQuote], games: pl.DataFrame, matched: MatchedBenchmark
) -> MatchedBenchmark:
    """Match quotes on date, teams and result, then the remaining ones on date and teams, in order."""
    by_teams: dict[tuple[date, frozenset[int]], list[dict[str, Any]]] = defaultdict(list)
    for game in games.sort("game_date", "game_pk").iter_rows(named=True):
        by_teams[game["game_date"], frozenset((game["home_team_id"], game["away_team_id"]))].append(game)
    remaining = []
    for quote in quotes:
        matched.quotes += 1
        if not _assign_game(
            quote,
            [game for game in _candidate_games(quote, by_teams) if _same_result(quote, game)],
            by_teams,
            matched,
        ):
            remaining.append(quote)
        else:
            matched.by_score += 1
    for quote in remaining:
        if _assign_game(quote, _candidate_games(quote, by_teams), by_teams, matched):
            matched.by_teams += 1
        else:
            matched.unmatched.append(f"{quote.days[0]} {sorted(quote.clubs)}: no such game")
    return matched


def _candidate_games(
    quote: BenchmarkQuote, by_teams: Mapping[tuple[date, frozenset[int]], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    return [game for day in quote.days for game in by_teams.get((day, quote.clubs), ())]


def _same_result(quote: BenchmarkQuote, game: Mapping[str, Any]) -> bool:
    ours, theirs = game["home_score"], game["away_score"]
    if quote.first != game["home_team_id"]:
        ours, theirs = theirs, ours
    if quote.score is not None:
        return quote.score == (ours, theirs)
    return quote.first_won is not None and quote.first_won == (ours > theirs)


def _assign_game(
    quote: BenchmarkQuote,
    candidates: Sequence[dict[str, Any]],
    by_teams: Mapping[tuple[date, frozenset[int]], list[dict[str, Any]]],
    matched: MatchedBenchmark,
) -> bool:
    if not candidates:
        return False
    game = candidates[0]
    by_teams[game["game_date"], quote.clubs].remove(game)
    for name, chance in quote.chances.items():
        matched.chances[name][game["game_pk"]] = chance if quote.first == game["home_team_id"] else 1 - chance
    for name, line in quote.lines.items():
        is_reversed = name == RUN_LINE and quote.first != game["home_team_id"]
        matched.lines.setdefault(name, {})[game["game_pk"]] = _reversed_line(line) if is_reversed else line
    return True


def _line_quote(
    away: Mapping[str, str], home: Mapping[str, str], season: int, matched: MatchedBenchmark
) -> BenchmarkQuote | None:
    clubs = [_NAMES["odds"].get(row.get("Team", "")) for row in (away, home)]
    days = tuple(dict.fromkeys(day for row in (away, home) if (day := _game_date(row, season))))
    if clubs[0] is None or clubs[1] is None or not days:
        matched.unmatched.append(
            f"{_row_label(away, season)}, {_row_label(home, season)}: unknown club or date"
        )
        return None
    chances = {}
    for name, column in _PRICES.items():
        prices = [implied_probability(row.get(column)) for row in (home, away)]
        total = (prices[0] or 0.0) + (prices[1] or 0.0)
        if prices[0] and prices[1] and _PLAUSIBLE_OVERROUND[0] <= total <= _PLAUSIBLE_OVERROUND[1]:
            chances[name] = prices[0] / total
        else:
            matched.unusable.append(
                f"{_row_label(home, season)} {column}: {away.get(column)} / {home.get(column)}"
            )
    score = _final_score(home, away)
    is_neutral = home.get("VH") == "N"
    return BenchmarkQuote(
        days,
        frozenset((clubs[0], clubs[1])),
        None if is_neutral else clubs[1],
        chances,
        clubs[1],
        score,
        lines=_line_quotes(away, home),
    )


def _line_quotes(away: Mapping[str, str], home: Mapping[str, str]) -> dict[str, LineQuote]:
    """Return the totals and the home club's run line; those that are not plausible are left out.

    Of a total the visitors' row has the price of over, the home club's that of under.
    """
    quotes = {name: _line_quote_of(away, home, column, is_total=True) for name, column in _TOTALS.items()} | {
        RUN_LINE: _line_quote_of(home, away, "Run Line", is_total=False)
    }
    return {name: quote for name, quote in quotes.items() if quote}


def _line_quote_of(
    first: Mapping[str, str], second: Mapping[str, str], column: str, *, is_total: bool
) -> LineQuote | None:
    """Return the line of `first` with the probability of its side; the rows must agree on the line."""
    try:
        lines = [float(row[column]) for row in (first, second)]
    except (KeyError, ValueError):
        return None
    prices = [implied_probability(row.get(_price_column(row, column))) for row in (first, second)]
    total = (prices[0] or 0.0) + (prices[1] or 0.0)
    agree = lines[0] == (lines[1] if is_total else -lines[1])
    if not agree or not prices[0] or not prices[1]:
        return None
    if not _PLAUSIBLE_OVERROUND[0] <= total <= _PLAUSIBLE_OVERROUND[1]:
        return None
    return LineQuote(lines[0], prices[0] / total)


def _price_column(row: Mapping[str, str], column: str) -> str:
    """Return the column after one: a line's price has no name of its own."""
    names = list(row)
    after = names.index(column) + 1
    return names[after] if after < len(names) else ""


def _reversed_line(line: LineQuote) -> LineQuote:
    return LineQuote(-line.line, 1.0 - line.chance)


def _final_score(home: Mapping[str, str], away: Mapping[str, str]) -> tuple[int, int] | None:
    try:
        return int(float(home["Final"])), int(float(away["Final"]))
    except (KeyError, ValueError):
        return None


def _game_date(row: Mapping[str, str], season: int) -> date | None:
    """Parse a date such as 404, April 4th; None if it cannot be parsed."""
    try:
        month, day = divmod(int(float(row["Date"])), 100)
        return date(season, month, day)
    except (KeyError, ValueError):
        return None


def _row_label(row: Mapping[str, str], season: int) -> str:
    return f"{season} {row.get('Date')} {row.get('Team')}"
