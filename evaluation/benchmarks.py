"""Other people's win forecasts of the same games: betting lines and FiveThirtyEight, matched row by row.

Prices become probabilities with the bookmaker's margin taken out in proportion. Whatever cannot be matched or
believed is counted and listed, never guessed.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from evaluation.xlsx import rows

LINES = ("opening_line", "closing_line")
_PRICES = {"opening_line": "Open", "closing_line": "Close"}
_BELIEVABLE = (0.97, 1.15)  # sum of both sides' implied probabilities
_NAMES: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("club_names.json").read_text("utf-8"))


@dataclass(frozen=True)
class Quote:
    """One game as a rival tells it; probabilities of a home win by forecaster, scores where it has them."""

    days: tuple[date, ...]  # a pair of rows can be split over two dates
    clubs: frozenset[int]
    home: int | None  # None: played on neutral ground
    chances: Mapping[str, float]  # of `first`
    first: int
    score: tuple[int, int] | None = None  # of `first` and of the other
    first_won: bool | None = None


@dataclass
class Matched:
    """Probabilities of a home win by game and forecaster, and what was left over."""

    chances: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    quotes: int = 0
    by_score: int = 0
    by_teams: int = 0
    unusable: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return counts and lists for the report."""
        return {
            "quotes": self.quotes,
            "matched_by_date_teams_and_result": self.by_score,
            "matched_by_date_and_teams": self.by_teams,
            "games": {name: len(found) for name, found in sorted(self.chances.items())},
            "unusable": self.unusable,
            "unmatched": self.unmatched,
        }


def read_rivals(data: Path, games: pl.DataFrame) -> dict[str, Matched]:
    """Return what can be matched to `games` by source; a season without its file has no rival.

    Args:
        data: the data folder.
        games: game_pk, game_date, season, home_team_id, away_team_id, home_score, away_score.
    """
    folder = data / "mlb" / "odds"
    found = {}
    for season in sorted(games["season"].unique()):
        played = games.filter(pl.col("season") == season)
        workbook, forecasts = folder / f"mlb_odds_{season}.xlsx", folder / f"fivethirtyeight_{season}.csv"
        if workbook.exists():
            matched = Matched()
            found[f"lines {season}"] = match(line_quotes(rows(workbook), season, matched), played, matched)
        if forecasts.exists():
            matched = Matched()
            quotes = fivethirtyeight_quotes(forecasts, matched)
            found[f"fivethirtyeight {season}"] = match(quotes, played, matched)
    return found


def probability(price: str | None) -> float | None:
    """Return the chance that an American price implies, margin included; None for no price."""
    try:
        number = float(price or "")
    except ValueError:
        return None
    if abs(number) < 100:
        return None
    return 100 / (number + 100) if number > 0 else -number / (-number + 100)


def line_quotes(table: Iterable[Mapping[str, str]], season: int, told: Matched) -> Iterator[Quote]:
    """Yield the games of a SportsBookReview workbook: two rows each, the visitors' first.

    Rows marked N are of neutral ground; prices outside a believable overround are left out and listed.
    """
    pending: Mapping[str, str] | None = None
    for row in table:
        if row.get("VH") == "V" or (row.get("VH") == "N" and pending is None):
            if pending is not None:
                told.unmatched.append(f"{_label(pending, season)}: a visitor's row without the home club's")
            pending = row
        elif pending is None:
            told.unmatched.append(f"{_label(row, season)}: a home club's row without the visitors'")
        else:
            quote = _line_quote(pending, row, season, told)
            pending = None
            if quote:
                yield quote


def fivethirtyeight_quotes(path: Path, told: Matched) -> Iterator[Quote]:
    """Yield the games of a season of FiveThirtyEight's forecasts: team1 is at home.

    Rows that cannot be read are left out and listed.
    """
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                yield _fivethirtyeight_quote(row)
            except (KeyError, TypeError, ValueError) as error:
                told.unusable.append(f"{path.name}, line {number}: {error!r}")


def _fivethirtyeight_quote(row: Mapping[str, str]) -> Quote:
    home, away = (_NAMES["nicknames"][row[name]] for name in ("team1", "team2"))
    chance, won = float(row["prob1"]), row["prob1_outcome"]
    if not 0 < chance < 1:
        raise ValueError(f"expected a probability between 0 and 1, got {chance}")
    return Quote(
        (date.fromisoformat(row["date"]),),
        frozenset((home, away)),
        home,
        {"fivethirtyeight": chance},
        home,
        first_won=won == "1" if won else None,
    )


def match(quotes: Iterable[Quote], games: pl.DataFrame, told: Matched) -> Matched:
    """Match on date, teams and result, then what is left on date and teams in order."""
    by_teams: dict[tuple[date, frozenset[int]], list[dict[str, Any]]] = defaultdict(list)
    for game in games.sort("game_date", "game_pk").iter_rows(named=True):
        by_teams[game["game_date"], frozenset((game["home_team_id"], game["away_team_id"]))].append(game)
    left = []
    for quote in quotes:
        told.quotes += 1
        if not _take(
            quote, [g for g in _candidates(quote, by_teams) if _same_result(quote, g)], by_teams, told
        ):
            left.append(quote)
        else:
            told.by_score += 1
    for quote in left:
        if _take(quote, _candidates(quote, by_teams), by_teams, told):
            told.by_teams += 1
        else:
            told.unmatched.append(f"{quote.days[0]} {sorted(quote.clubs)}: no such game")
    return told


def _candidates(
    quote: Quote, by_teams: Mapping[tuple[date, frozenset[int]], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    return [game for day in quote.days for game in by_teams.get((day, quote.clubs), ())]


def _same_result(quote: Quote, game: Mapping[str, Any]) -> bool:
    ours, theirs = game["home_score"], game["away_score"]
    if quote.first != game["home_team_id"]:
        ours, theirs = theirs, ours
    if quote.score is not None:
        return quote.score == (ours, theirs)
    return quote.first_won is not None and quote.first_won == (ours > theirs)


def _take(
    quote: Quote,
    found: Sequence[dict[str, Any]],
    by_teams: Mapping[tuple[date, frozenset[int]], list[dict[str, Any]]],
    told: Matched,
) -> bool:
    if not found:
        return False
    game = found[0]
    by_teams[game["game_date"], quote.clubs].remove(game)
    for name, chance in quote.chances.items():
        told.chances[name][game["game_pk"]] = chance if quote.first == game["home_team_id"] else 1 - chance
    return True


def _line_quote(away: Mapping[str, str], home: Mapping[str, str], season: int, told: Matched) -> Quote | None:
    clubs = [_NAMES["odds"].get(row.get("Team", "")) for row in (away, home)]
    days = tuple(dict.fromkeys(day for row in (away, home) if (day := _day(row, season))))
    if clubs[0] is None or clubs[1] is None or not days:
        told.unmatched.append(f"{_label(away, season)}, {_label(home, season)}: club or date not known")
        return None
    chances = {}
    for name, column in _PRICES.items():
        prices = [probability(row.get(column)) for row in (home, away)]
        total = (prices[0] or 0.0) + (prices[1] or 0.0)
        if prices[0] and prices[1] and _BELIEVABLE[0] <= total <= _BELIEVABLE[1]:
            chances[name] = prices[0] / total
        else:
            told.unusable.append(f"{_label(home, season)} {column}: {away.get(column)} / {home.get(column)}")
    score = _score(home, away)
    is_neutral = home.get("VH") == "N"
    return Quote(
        days, frozenset((clubs[0], clubs[1])), None if is_neutral else clubs[1], chances, clubs[1], score
    )


def _score(home: Mapping[str, str], away: Mapping[str, str]) -> tuple[int, int] | None:
    try:
        return int(float(home["Final"])), int(float(away["Final"]))
    except (KeyError, ValueError):
        return None


def _day(row: Mapping[str, str], season: int) -> date | None:
    """Read 404 as April 4th."""
    try:
        month, day = divmod(int(float(row["Date"])), 100)
        return date(season, month, day)
    except (KeyError, ValueError):
        return None


def _label(row: Mapping[str, str], season: int) -> str:
    return f"{season} {row.get('Date')} {row.get('Team')}"
