"""Bookmakers' prices as The Odds API writes them (v4)."""

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
    """Which markets are wanted, and whether prices are written the American way."""

    markets: tuple[str, ...]
    american: bool

    @classmethod
    def from_query(cls, query: Query) -> Self:
        """Read a query; without `markets` it is h2h, without `oddsFormat` decimal, as at the real one."""
        markets = tuple(queries.parse_list(query, "markets")) or ("h2h",)
        style = query.get("oddsFormat", "decimal")
        if set(markets) - set(MARKETS):
            raise BadRequest(f"markets must be among {', '.join(MARKETS)}, not {query['markets']!r}")
        if style not in ("decimal", "american"):
            raise BadRequest(f"oddsFormat must be decimal or american, not {style!r}")
        return cls(markets, style == "american")


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
    """Return a game with every bookmaker's prices; `quotes` has one book's after another's."""
    head = render_event(game, reference)
    names = head["home_team"], head["away_team"]
    bookmakers = groupby(quotes, key=lambda quote: (quote.bookmaker, quote.title, quote.at))
    return head | {
        "bookmakers": [_render_bookmaker(*bookmaker, kept, names, request) for bookmaker, kept in bookmakers]
    }


def render_snapshot(games: Sequence[Body], at: datetime) -> Body:
    """Return the envelope that prices of the past come in."""
    past = {
        "timestamp": at,
        "previous_timestamp": at - SNAPSHOTS_EVERY,
        "next_timestamp": at + SNAPSHOTS_EVERY,
    }
    return {name: _format_timestamp(when) for name, when in past.items()} | {"data": list(games)}


def to_american_odds(decimal: float) -> int:
    """Return a decimal price as Americans write it: what 100 wins, or what must be staked to win 100."""
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
    called = ("Over", "Under") if quote.market == "totals" else names
    other = -quote.point if quote.market == "spreads" and quote.point is not None else quote.point
    outcomes = [
        {"name": name, "price": to_american_odds(price) if request.american else round(price, 2)}
        | ({} if point is None else {"point": point})
        for name, price, point in zip(called, quote.prices, (quote.point, other), strict=True)
    ]
    return sorted(outcomes, key=lambda outcome: str(outcome["name"]))


def _format_timestamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
