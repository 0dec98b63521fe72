"""Converts game records to the rows that the collector extracts from their feeds, without rendering feeds."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from services.collector.api import PLAYER_BATTING, classify_event, is_at_bat, is_plate_appearance
from services.features.api import BOX_LABELS
from shared.storage import tables
from simulator.game_record import Appearance, GameRecord, Person, Play, Venue
from simulator.wire.codes import NOT_THROWN
from simulator.wire.tally import tally_game

TABLES = {
    "games": "games_historical",
    "plays": "plate_appearances",
    "lineups": "lineups_historical",
    "people": "people",
    "box_lines": "player_stats_historical",
}
_COLUMNS = {
    "games": (
        "game_pk",
        "game_date",
        "season",
        "game_type",
        "completed_date",
        "game_number",
        "home_team_id",
        "away_team_id",
        "home_score",
        "away_score",
        "venue_id",
        "home_probable_pitcher_id",
        "away_probable_pitcher_id",
        "home_plate_umpire_id",
        "home_catcher_id",
        "away_catcher_id",
        "day_night",
        "temperature_f",
        "wind",
        "weather_condition",
        "latitude",
        "longitude",
    ),
    "plays": (
        "game_pk",
        "game_date",
        "at_bat_index",
        "is_top",
        "batter_id",
        "pitcher_id",
        "bat_side",
        "pitch_hand",
        "batting_team_id",
        "fielding_team_id",
        "batting_slot",
        "outcome",
        "is_plate_appearance",
        "is_at_bat",
        "rbi",
        "outs_before",
        "outs_after",
        "pitches",
    ),
    "lineups": (
        "game_pk",
        "game_date",
        "team_id",
        "player_id",
        "batting_slot",
        "is_starting_pitcher",
        "position",
    ),
    "people": ("person_id", "bat_side", "pitch_hand"),
    "box_lines": ("game_pk", "game_date", "player_id", *BOX_LABELS),
}
# Columns that the features service's query joins to games from line-ups and venues
_JOINED = {
    "home_catcher_id": pl.Int64,
    "away_catcher_id": pl.Int64,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
}
Row = dict[str, Any]


def extract_rows(games: Iterator[GameRecord], venues: Mapping[int, Venue]) -> dict[str, pl.DataFrame]:
    """Return rows of games, plays and line-ups as the collector extracts them from feeds."""
    rows: dict[str, list[Row]] = {"games": [], "plays": [], "lineups": [], "box_lines": []}
    for game in games:
        rows["games"].append(_game_row(game, venues))
        rows["plays"] += _play_rows(game)
        rows["lineups"] += _lineup_rows(game)
        rows["box_lines"] += _box_rows(game)
    order = {"games": ["game_pk"], "plays": ["game_pk", "at_bat_index"]}
    order["lineups"] = ["game_pk", "team_id", "batting_slot", "player_id"]
    order["box_lines"] = ["game_pk", "player_id"]
    return {name: _typed_frame(name, records).sort(order[name]) for name, records in rows.items()}


def write_parquet(rows: pl.DataFrame, path: Path) -> None:
    """Write rows as Parquet; on a full disk this raises OSError, which polars itself does not."""
    buffer = BytesIO()
    rows.write_parquet(buffer)
    path.write_bytes(buffer.getbuffer())


def handedness_rows(people: Iterable[Person]) -> pl.DataFrame:
    """Return everybody's batting side and throwing hand, by person_id."""
    hands = [{"person_id": p.id, "bat_side": p.bats or None, "pitch_hand": p.throws or None} for p in people]
    return _typed_frame("people", hands).sort("person_id")


def _typed_frame(name: str, rows: list[Row]) -> pl.DataFrame:
    types = tables.get_table(TABLES[name]).schema | _JOINED
    return pl.DataFrame(rows, schema={column: types[column] for column in _COLUMNS[name]})


def _game_row(game: GameRecord, venues: Mapping[int, Venue]) -> Row:
    last, weather, venue = game.plays[-1], game.weather, venues.get(game.venue)
    return {
        "game_pk": game.game_pk,
        "game_date": game.official_date,
        "season": game.season,
        "game_type": game.game_type,
        "completed_date": game.completed_date or game.official_date,
        "game_number": game.game_number,
        "home_team_id": game.home,
        "away_team_id": game.away,
        "home_score": last.home_score,
        "away_score": last.away_score,
        "venue_id": game.venue,
        "home_probable_pitcher_id": game.probable_home,
        "away_probable_pitcher_id": game.probable_away,
        "home_plate_umpire_id": game.officials.get("Home Plate"),
        "home_catcher_id": _starting_catcher(game, is_home=True),
        "away_catcher_id": _starting_catcher(game, is_home=False),
        "day_night": game.day_night,
        "temperature_f": weather.temperature_f if weather else None,
        "wind": weather.wind if weather else None,
        "weather_condition": weather.condition if weather else None,
        "latitude": venue.latitude if venue else None,
        "longitude": venue.longitude if venue else None,
    }


def _starting_catcher(game: GameRecord, *, is_home: bool) -> int | None:
    """Return the id of a side's starting catcher."""
    return next(
        (
            line.player
            for line in game.appearances
            if line.is_home == is_home and _is_starter(line) and line.positions[0] == "C"
        ),
        None,
    )


def _play_rows(game: GameRecord) -> Iterator[Row]:
    slots = [
        {
            line.player: int(line.batting_order) // 100
            for line in game.appearances
            if line.batting_order and line.is_home == home
        }
        for home in (False, True)
    ]
    for index, play in enumerate(game.plays):
        batting, fielding = (game.away, game.home) if play.is_top else (game.home, game.away)
        clubs = {"batting_team_id": batting, "fielding_team_id": fielding}
        head = {"game_pk": game.game_pk, "game_date": game.official_date, "at_bat_index": index}
        yield head | clubs | _play_columns(play) | {"batting_slot": slots[not play.is_top].get(play.batter)}


def _play_columns(play: Play) -> Row:
    outcome = classify_event(play.event_type, is_out=play.outs_after > play.outs_before)
    return {
        "is_top": play.is_top,
        "batter_id": play.batter,
        "pitcher_id": play.pitcher,
        "bat_side": play.bat_side,
        "pitch_hand": play.pitch_hand,
        "outcome": outcome,
        "is_plate_appearance": is_plate_appearance(outcome),
        "is_at_bat": is_at_bat(outcome),
        "rbi": play.rbi,
        "outs_before": play.outs_before,
        "outs_after": play.outs_after,
        "pitches": sum(pitch.call not in NOT_THROWN for pitch in play.pitches),
    }


def _lineup_rows(game: GameRecord) -> Iterator[Row]:
    for line in game.appearances:
        if line.is_starting_pitcher or _is_starter(line):
            yield {
                "game_pk": game.game_pk,
                "game_date": game.official_date,
                "team_id": game.home if line.is_home else game.away,
                "player_id": line.player,
                "batting_slot": int(line.batting_order) // 100
                if line.batting_order and _is_starter(line)
                else None,
                "is_starting_pitcher": line.is_starting_pitcher,
                "position": line.positions[0],
            }


def _box_rows(game: GameRecord) -> Iterator[Row]:
    batting = tally_game(game).batting
    head = {"game_pk": game.game_pk, "game_date": game.official_date}
    for line in game.appearances:
        counts = batting[line.player]
        yield head | {"player_id": line.player} | {name: counts[_wire_name(name)] for name in BOX_LABELS}


def _wire_name(column: str) -> str:
    """Return what the Stats API calls a column of batting, such as stolenBases."""
    first, *others = PLAYER_BATTING[column].split("_")
    return first + "".join(map(str.title, others))


def _is_starter(line: Appearance) -> bool:
    return line.batting_order is not None and line.batting_order.endswith("00")
