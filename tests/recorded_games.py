"""Recorded games as an outside world: a schedule that lists them as their own feeds tell them."""

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from simulator import queries
from simulator.http_response import HttpResponse, Query, json_response
from simulator.recorded import RecordedApiBackend
from tests.data import DATA

FEEDS = DATA / "mlb" / "statsapi" / "feed_live"

Body = dict[str, Any]


def read(path: Path) -> Body:
    """Return a recorded body."""
    return json.loads(gzip.decompress(path.read_bytes()))


class ListedFeeds(RecordedApiBackend):
    """The recorded bodies with a schedule of some games, given by their feeds."""

    def __init__(self, feeds: Iterable[Body]) -> None:
        super().__init__(DATA, datetime(2026, 8, 8, tzinfo=UTC))
        self.feeds = {body["gamePk"]: body for body in feeds}

    def get_seasons(self) -> list[tuple[date, date]]:
        """Return the first and the last day with a recorded game, season by season."""
        days = sorted({date.fromisoformat(official_date(body)) for body in self.feeds.values()})
        years = [list(same) for _, same in groupby(days, key=lambda day: day.year)]
        return [(year[0], year[-1]) for year in years]

    def get_schedule(self, query: Query) -> HttpResponse:
        first, last = queries.parse_date_range(query)
        listed = [listing(body) for body in self.feeds.values()]
        requested = [game for game in listed if str(first) <= game["officialDate"] <= str(last)]
        days = sorted({game["officialDate"] for game in requested})
        return json_response(
            {
                "dates": [
                    {"date": day, "games": [g for g in requested if g["officialDate"] == day]} for day in days
                ]
            }
        )


def official_date(body: Body) -> str:
    return body["gameData"]["datetime"]["officialDate"]


def is_over(body: Body) -> bool:
    return body["gameData"]["status"]["abstractGameState"] == "Final"


def listing(body: Body) -> Body:
    data = body["gameData"]
    game = {name: data["game"][name] for name in ("season", "doubleHeader", "gameNumber")}
    return game | {
        "gamePk": body["gamePk"],
        "gameType": data["game"]["type"],
        "gameDate": data["datetime"]["dateTime"],
        "officialDate": official_date(body),
        "status": data["status"],
        "teams": {side: {"team": club} for side, club in data["teams"].items()},
        "venue": data["venue"],
    }


def lent(body: Body, game_pk: int, day: date) -> Body:
    """Return a game's feed under another number and date, for a game of which no feed was recorded."""
    data = body["gameData"]
    return body | {
        "gamePk": game_pk,
        "gameData": data
        | {
            "game": data["game"] | {"pk": game_pk, "season": str(day.year)},
            "datetime": data["datetime"] | {"officialDate": day.isoformat(), "originalDate": day.isoformat()},
        },
    }
