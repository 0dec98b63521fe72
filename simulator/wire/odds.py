"""Bookmakers' odds in the format of The Odds API (v4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from itertools import groupby
from typing import Self

from simulator import queries
from simulator.game_record import BookmakerQuote, GameRecord
from simulator.http_response import BadRequest, Query
from simulator.wire.reference_data import Body, ReferenceData

AHEAD, SNAPSHOTS_EVERY = timedelta(days=2), timedelta(minutes=5)
MARKETS = ("h2h", "spreads", "totals")
_SPORT = {"sport_key": "baseball_mlb", "sport_title": "MLB"}


@dataclass(frozen=True, slots=True)
class OddsRequest:
    """The markets requested, and whether prices are in American odds."""

    markets: tuple[str, ...]
    american: bool

    @classmethod
    def from_query(cls, query: Query) -> Self:
        """Parse a query; as in the real API, `markets` defaults to h2h and `oddsFormat` to decimal."""
        markets = tuple(queries.parse_list(query, "markets")) or ("h2h",)
        odds_format = query.get("oddsFormat", "decimal")
        if set(markets) - set(MARKETS):
            raise BadRequest(f"markets must be among {', '.join(MARKETS)}, not {query['markets']!r}")
        if odds_format not in ("decimal", "american"):
            raise BadRequest(f"oddsFormat must be decimal or american, not {odds_format!r}")
        return cls(markets, odds_format == "american")


def render_event(game: GameRecord, reference: ReferenceData) -> Body:
    """Return a game without prices."""
    home, away = reference.clubs[game.home].name, reference.clubs[game.away].name
    number = md5(str(game.game_pk).encode(), usedforsecurity=False).hexdigest()
    return {
        "id": number,
        **_SPORT,
        "commence_time": _format_timestamp(game.start),
        "home_team": home,
        "away_team": away,
    }


def render_priced_event(
    game: GameRecord, reference: ReferenceData, quotes: Sequence[BookmakerQuote], request: OddsRequest
) -> Body:
    """Return a game with every bookmaker's prices; `quotes` are grouped by bookmaker."""
    head = render_event(game, reference)
    names = head["home_team"], head["away_team"]
    bookmakers = groupby(quotes, key=lambda quote: (quote.bookmaker, quote.title, quote.at))
    return head | {
        "bookmakers": [
            _render_bookmaker(*bookmaker, offers, names, request) for bookmaker, offers in bookmakers
        ]
    }


def render_snapshot(games: Sequence[Body], at: datetime) -> Body:
    """Return the envelope of historical odds."""
    timestamps = {
        "timestamp": at,
        "previous_timestamp": at - SNAPSHOTS_EVERY,
        "next_timestamp": at + SNAPSHOTS_EVERY,
    }
    return {name: _format_timestamp(instant) for name, instant in timestamps.items()} | {"data": list(games)}


def to_american_odds(decimal: float) -> int:
    """Return a decimal price in American odds: what 100 wins, or minus the stake that wins 100."""
    return round((decimal - 1) * 100) if decimal >= 2 else round(-100 / (decimal - 1))


def _render_bookmaker(
    key: str,
    title: str,
    at: datetime,
    quotes: Iterable[BookmakerQuote],
    names: tuple[str, str],
    request: OddsRequest,
) -> Body:
    markets = [
        {
            "key": quote.market,
            "last_update": _format_timestamp(at),
            "outcomes": _render_outcomes(quote, names, request),
        }
        for quote in quotes
        if quote.market in request.markets
    ]
    return {"key": key, "title": title, "last_update": _format_timestamp(at), "markets": markets}


def _render_outcomes(quote: BookmakerQuote, names: tuple[str, str], request: OddsRequest) -> list[Body]:
    sides = ("Over", "Under") if quote.market == "totals" else names
    other = -quote.point if quote.market == "spreads" and quote.point is not None else quote.point
    outcomes = [
        {"name": name, "price": to_american_odds(price) if request.american else round(price, 2)}
        | ({} if point is None else {"point": point})
        for name, price, point in zip(sides, quote.prices, (quote.point, other), strict=True)
    ]
    return sorted(outcomes, key=lambda outcome: str(outcome["name"]))


def _format_timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
