"""Recorded real bodies served as they are, found by what was asked for."""

import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simulator import queries
from simulator.http_response import CSV, Answer, NotFound, Query, told

_NEWEST_FIRST = ("Final", "InProgress", "InProgress_a", "Warmup", "Pre-Game", "Scheduled")
_EMPTY_SCHEDULE = {"totalItems": 0, "totalEvents": 0, "totalGames": 0, "totalGamesInProgress": 0, "dates": []}


class RecordedBodies:
    """The `Bodies` in a data folder (`mlb/statsapi`, `mlb/savant`, `odds_api`); its clock moves nothing.

    A game recorded in several states is answered with the latest, or with the one whose time stamp is the
    `timecode` asked for.
    """

    def __init__(self, data: Path, now: datetime) -> None:
        self._folder, self._savant = data / "mlb" / "statsapi", data / "mlb" / "savant"
        self._odds, self.now = data / "odds_api", now

    def schedule(self, query: Query) -> Answer:
        """Answer with the recorded schedule of a day, or those of a range put together."""
        first, last = queries.day_range(query)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        kept = [path for day in days if (path := self._folder / "schedule" / f"{day}.json.gz").exists()]
        if len(kept) == 1:
            return self._kept(kept[0])
        dates = [one for path in kept for one in _decoded(path)["dates"]]
        total = sum(one["totalGames"] for one in dates)
        return told(_EMPTY_SCHEDULE | {"totalItems": total, "totalGames": total, "dates": dates})

    def game_changes(self, _query: Query) -> Answer:
        """Answer with the recorded sample."""
        return self._kept(self._folder / "game_changes" / "sample.json.gz")

    def feed(self, game_pk: int, query: Query) -> Answer:
        """Answer with a recorded feed."""
        states = (self._folder / "feed_live" / f"{game_pk}_{state}.json.gz" for state in _NEWEST_FIRST)
        kept = [path for path in states if path.exists()]
        if "timecode" in query:
            kept = [path for path in kept if _decoded(path)["metaData"]["timeStamp"] == query["timecode"]]
        return self._first(kept)

    def game_part(self, game_pk: int, part: str) -> Answer:
        """Answer with a recorded box score, line score or play by play."""
        wrapped = self._folder.glob(f"*_and_friends/{part}_game_pk={game_pk}.json.gz")
        return self._first([self._folder / part / f"{game_pk}.json.gz", *wrapped])

    def teams(self, query: Query) -> Answer:
        """Answer with the clubs of a recorded season, or the recorded list."""
        season = query.get("season", "")
        of_season = self._folder.glob(f"*_and_friends/teams_season={season}_sportId=1.json.gz")
        return self._first([*of_season, self._folder / "teams" / "sport1.json.gz"])

    def roster(self, _club: int, query: Query) -> Answer:
        """Answer with the recorded roster of a kind."""
        return self._first([self._folder / "roster" / f"{query.get('rosterType', 'active').lower()}.json.gz"])

    def team_stats(self, _club: int, query: Query) -> Answer:
        """Answer with the recorded clubs' statistics of a group."""
        return self._first([self._folder / "team_stats" / f"{query.get('group', 'hitting')}.json.gz"])

    def transactions(self, query: Query) -> Answer:
        """Answer with the recorded moves between two dates, both included."""
        first, last = queries.day_range(query)
        kept = [_decoded(path) for path in sorted((self._folder / "transactions").glob("*.json.gz"))]
        moves = [move for body in kept for move in body["transactions"]]
        return told({"transactions": [move for move in moves if str(first) <= move["date"] <= str(last)]})

    def standings(self, query: Query) -> Answer:
        """Answer with the recorded standings of a season."""
        return self._first([self._folder / "standings" / f"{query.get('season', '')}.json.gz"])

    def people(self, query: Query) -> Answer:
        """Answer with the recorded people of the given ids."""
        asked = [
            self._folder / "people_stats" / f"{who}.json.gz" for who in queries.numbers(query, "personIds")
        ]
        return told({"people": [one for path in asked if path.exists() for one in _decoded(path)["people"]]})

    def person_stats(self, person: int, query: Query) -> Answer:
        """Answer with a recorded player's game log between two dates."""
        path = self._folder / "people_stats" / f"{person}.json.gz"
        if not path.exists():
            raise NotFound
        kind, group = query.get("stats", "gameLog"), query.get("group", "hitting")
        stats = [
            _between(one, query) for one in _decoded(path)["people"][0]["stats"] if _is(one, kind, group)
        ]
        return told({"stats": stats})

    def venues(self, query: Query) -> Answer:
        """Answer with the recorded parks of the given ids."""
        asked = [self._folder / "venues" / f"{park}.json.gz" for park in queries.numbers(query, "venueIds")]
        return told({"venues": [_decoded(path) for path in asked if path.exists()]})

    def sports(self, _query: Query) -> Answer:
        """Answer with the recorded sports."""
        return self._kept(self._folder / "sports" / "all.json.gz")

    def seasons(self, query: Query) -> Answer:
        """Answer with a recorded season."""
        season = query.get("season", "")
        wrapped = self._folder.glob(f"*_and_friends/seasons_seasonId={season}_sportId=1.json.gz")
        return self._first([self._folder / "seasons" / f"{season}.json.gz", *wrapped])

    def savant(self, query: Query) -> Answer:
        """Answer with the recorded pitches of a day."""
        path = self._savant / f"{queries.day(query, 'game_date_gt')}.csv.gz"
        if path.exists():
            return Answer(path.read_bytes(), content_type=CSV, gzipped=True)
        header = gzip.decompress(next(iter(sorted(self._savant.glob("*.csv.gz")))).read_bytes()).split(b"\n")[
            0
        ]
        return Answer(header + b"\n", content_type=CSV)

    def forecast(self, query: Query) -> Answer:
        """Answer with the recorded forecast of the nearest place."""
        place = queries.decimal(query, "latitude"), queries.decimal(query, "longitude")
        kept = sorted((self._folder / "weather_open_meteo").glob("*.json.gz"))
        return self._kept(min(kept, key=lambda path: _distance(_decoded(path), place)))

    def odds(self, _query: Query) -> Answer:
        """Answer with the recorded prices of a day."""
        return self._quoted("game_market")

    def past_odds(self, _query: Query) -> Answer:
        """Answer 404: no prices of the past were recorded."""
        raise NotFound

    def odds_events(self, _query: Query) -> Answer:
        """Answer with the recorded games that prices are given for."""
        return self._quoted("events")

    def _quoted(self, name: str) -> Answer:
        path = self._odds / f"{name}.json"
        if not path.exists():
            raise NotFound
        return told(json.loads(path.read_bytes())["body"])

    def _first(self, paths: list[Path]) -> Answer:
        found = next((path for path in paths if path.exists()), None)
        if found is None:
            raise NotFound
        return self._kept(found)

    def _kept(self, path: Path) -> Answer:
        packed = path.read_bytes()
        wrapped = path.parent.name.endswith("_and_friends")
        return told(json.loads(gzip.decompress(packed))["body"]) if wrapped else Answer(packed, gzipped=True)


def _decoded(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def _is(stats: Any, kind: str, group: str) -> bool:
    return bool(stats["type"]["displayName"] == kind and stats["group"]["displayName"] == group)


def _between(stats: Any, query: Query) -> Any:
    first, last = query.get("startDate", "0000"), query.get("endDate", "9999")
    kept = [split for split in stats["splits"] if first <= split.get("date", first) <= last]
    return stats | {"splits": kept}


def _distance(body: Any, place: tuple[float, float]) -> float:
    return float((body["latitude"] - place[0]) ** 2 + (body["longitude"] - place[1]) ** 2)
