"""Recorded responses of the real sources, served unchanged."""

import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simulator import queries
from simulator.http_response import CSV, HttpResponse, NotFound, Query, json_response

_NEWEST_FIRST = ("Final", "InProgress", "InProgress_a", "Warmup", "Pre-Game", "Scheduled")
_EMPTY_SCHEDULE = {"totalItems": 0, "totalEvents": 0, "totalGames": 0, "totalGamesInProgress": 0, "dates": []}


class RecordedApiBackend:
    """The recordings in a data folder (`mlb/statsapi`, `mlb/savant`, `odds_api`); `now` has no effect.

    Of a game recorded in several states it serves the latest, or the one whose time stamp equals the query's
    `timecode`.
    """

    def __init__(self, data: Path, now: datetime) -> None:
        self._folder, self._savant = data / "mlb" / "statsapi", data / "mlb" / "savant"
        self._odds, self.now = data / "odds_api", now

    def get_schedule(self, query: Query) -> HttpResponse:
        """Serve the recorded schedule of a day, or those of a range merged."""
        first, last = queries.parse_date_range(query)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        found = [path for day in days if (path := self._folder / "schedule" / f"{day}.json.gz").exists()]
        if len(found) == 1:
            return self._file_response(found[0])
        dates = [entry for path in found for entry in _read_json(path)["dates"]]
        total = sum(entry["totalGames"] for entry in dates)
        return json_response(_EMPTY_SCHEDULE | {"totalItems": total, "totalGames": total, "dates": dates})

    def get_game_changes(self, _query: Query) -> HttpResponse:
        """Serve the recorded sample."""
        return self._file_response(self._folder / "game_changes" / "sample.json.gz")

    def get_feed(self, game_pk: int, query: Query) -> HttpResponse:
        """Serve a recorded feed."""
        states = (self._folder / "feed_live" / f"{game_pk}_{state}.json.gz" for state in _NEWEST_FIRST)
        found = [path for path in states if path.exists()]
        if "timecode" in query:
            found = [path for path in found if _read_json(path)["metaData"]["timeStamp"] == query["timecode"]]
        return self._first_existing(found)

    def get_game_part(self, game_pk: int, part: str) -> HttpResponse:
        """Serve a recorded box score, line score or play by play."""
        wrapped = self._folder.glob(f"*_and_friends/{part}_game_pk={game_pk}.json.gz")
        return self._first_existing([self._folder / part / f"{game_pk}.json.gz", *wrapped])

    def get_teams(self, query: Query) -> HttpResponse:
        """Serve the clubs of a recorded season, or the recorded list."""
        season = query.get("season", "")
        season_paths = self._folder.glob(f"*_and_friends/teams_season={season}_sportId=1.json.gz")
        return self._first_existing([*season_paths, self._folder / "teams" / "sport1.json.gz"])

    def get_roster(self, _club: int, query: Query) -> HttpResponse:
        """Serve the recorded roster of a kind."""
        return self._first_existing(
            [self._folder / "roster" / f"{query.get('rosterType', 'active').lower()}.json.gz"]
        )

    def get_team_stats(self, _club: int, query: Query) -> HttpResponse:
        """Serve the recorded clubs' statistics of a group."""
        return self._first_existing(
            [self._folder / "team_stats" / f"{query.get('group', 'hitting')}.json.gz"]
        )

    def get_transactions(self, query: Query) -> HttpResponse:
        """Serve the recorded moves between two dates, both included."""
        first, last = queries.parse_date_range(query)
        found = [_read_json(path) for path in sorted((self._folder / "transactions").glob("*.json.gz"))]
        moves = [move for body in found for move in body["transactions"]]
        return json_response(
            {"transactions": [move for move in moves if str(first) <= move["date"] <= str(last)]}
        )

    def get_standings(self, query: Query) -> HttpResponse:
        """Serve the recorded standings of a season."""
        return self._first_existing([self._folder / "standings" / f"{query.get('season', '')}.json.gz"])

    def get_people(self, query: Query) -> HttpResponse:
        """Serve the recorded people of the given ids."""
        paths = [
            self._folder / "people_stats" / f"{person}.json.gz"
            for person in queries.parse_int_list(query, "personIds")
        ]
        return json_response(
            {"people": [person for path in paths if path.exists() for person in _read_json(path)["people"]]}
        )

    def get_person_stats(self, person: int, query: Query) -> HttpResponse:
        """Serve a recorded player's game log between two dates."""
        path = self._folder / "people_stats" / f"{person}.json.gz"
        if not path.exists():
            raise NotFound
        kind, group = query.get("stats", "gameLog"), query.get("group", "hitting")
        stats = [
            _filter_splits_by_date(block, query)
            for block in _read_json(path)["people"][0]["stats"]
            if _is_stat_group(block, kind, group)
        ]
        return json_response({"stats": stats})

    def get_venues(self, query: Query) -> HttpResponse:
        """Serve the recorded parks of the given ids."""
        paths = [
            self._folder / "venues" / f"{venue}.json.gz"
            for venue in queries.parse_int_list(query, "venueIds")
        ]
        return json_response({"venues": [_read_json(path) for path in paths if path.exists()]})

    def get_sports(self, _query: Query) -> HttpResponse:
        """Serve the recorded sports."""
        return self._file_response(self._folder / "sports" / "all.json.gz")

    def get_seasons(self, query: Query) -> HttpResponse:
        """Serve a recorded season."""
        season = query.get("season", "")
        wrapped = self._folder.glob(f"*_and_friends/seasons_seasonId={season}_sportId=1.json.gz")
        return self._first_existing([self._folder / "seasons" / f"{season}.json.gz", *wrapped])

    def get_pitches_csv(self, query: Query) -> HttpResponse:
        """Serve the recorded pitches of a day."""
        path = self._savant / f"{queries.parse_date(query, 'game_date_gt')}.csv.gz"
        if path.exists():
            return HttpResponse(path.read_bytes(), content_type=CSV, gzipped=True)
        # A day without games has a header alone, here that of any recorded day
        any_day = min(self._savant.glob("*.csv.gz")).read_bytes()
        header = gzip.decompress(any_day).split(b"\n", 1)[0]
        return HttpResponse(header + b"\n", content_type=CSV)

    def get_forecast(self, query: Query) -> HttpResponse:
        """Serve the recorded forecast of the nearest place."""
        place = queries.parse_float(query, "latitude"), queries.parse_float(query, "longitude")
        found = sorted((self._folder / "weather_open_meteo").glob("*.json.gz"))
        return self._file_response(min(found, key=lambda path: _squared_distance(_read_json(path), place)))

    def get_odds(self, _query: Query) -> HttpResponse:
        """Serve the recorded odds of a day."""
        return self._odds_response("game_market")

    def get_past_odds(self, _query: Query) -> HttpResponse:
        """Return a 404: no historical odds were recorded."""
        raise NotFound

    def get_odds_events(self, _query: Query) -> HttpResponse:
        """Serve the recorded games that have odds."""
        return self._odds_response("events")

    def _odds_response(self, name: str) -> HttpResponse:
        path = self._odds / f"{name}.json"
        if not path.exists():
            raise NotFound
        return json_response(json.loads(path.read_bytes())["body"])

    def _first_existing(self, paths: list[Path]) -> HttpResponse:
        first = next((path for path in paths if path.exists()), None)
        if first is None:
            raise NotFound
        return self._file_response(first)

    def _file_response(self, path: Path) -> HttpResponse:
        compressed = path.read_bytes()
        wrapped = path.parent.name.endswith("_and_friends")
        return (
            json_response(json.loads(gzip.decompress(compressed))["body"])
            if wrapped
            else HttpResponse(compressed, gzipped=True)
        )


def _read_json(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def _is_stat_group(stats: Any, kind: str, group: str) -> bool:
    return bool(stats["type"]["displayName"] == kind and stats["group"]["displayName"] == group)


def _filter_splits_by_date(stats: Any, query: Query) -> Any:
    first, last = query.get("startDate", "0000"), query.get("endDate", "9999")
    found = [split for split in stats["splits"] if first <= split.get("date", first) <= last]
    return stats | {"splits": found}


def _squared_distance(body: Any, place: tuple[float, float]) -> float:
    return float((body["latitude"] - place[0]) ** 2 + (body["longitude"] - place[1]) ** 2)
