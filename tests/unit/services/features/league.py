"""A little league for tests: four clubs, two games a day, plays drawn by seed, in the warehouse's tables."""

import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.folder_store import FolderStore
from shared.messaging.events import DataLoaded
from shared.ports import Ports
from shared.runtime.settings import Settings
from shared.storage import tables

OPENING_DAY = date(2026, 4, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLUBS = (101, 102, 103, 104)
UMPIRES = (901, 902, 903)
OUTCOMES = ("strikeout", "walk", "hit_by_pitch", "single", "double", "triple", "home_run", "out")
WEIGHTS = (22, 8, 1, 15, 5, 1, 3, 45)
_FILLERS = {
    "INTEGER": 1,
    "FLOAT": 0.0,
    "STRING": "x",
    "BOOLEAN": True,
    "DATE": OPENING_DAY,
    "TIMESTAMP": NOON,
}


def frame(table: str, rows: Iterable[dict], collected_at: datetime = NOON) -> pl.DataFrame:
    """Return rows of a table; required columns that a row lacks are filled with something plausible."""
    lineage = {"source": "test", "run_id": "r", "collected_at": collected_at}
    fields = tables.get_table(table).staged_fields
    complete = [
        {f.name: (lineage | row).get(f.name, _FILLERS[f.type] if f.required else None) for f in fields}
        for row in rows
    ]
    return pl.DataFrame(complete, schema={f.name: f.dtype for f in fields})


@dataclass
class Book:
    """Rows of some games, by table."""

    rows: dict[str, list[dict]]

    def only(self, *game_pks: int) -> "Book":
        """Return the rows of some games."""
        return Book({t: [r for r in rows if r["game_pk"] in game_pks] for t, rows in self.rows.items()})

    def without(self, game_pk: int) -> "Book":
        """Return the rows of all other games."""
        return Book({t: [r for r in rows if r["game_pk"] != game_pk] for t, rows in self.rows.items()})

    def frame(self, table: str, collected_at: datetime = NOON) -> pl.DataFrame:
        """Return one table's rows."""
        return frame(table, self.rows[table], collected_at)


def season(days: int, seed: int = 7) -> Book:
    """Return `days` days of two games each."""
    dice = random.Random(seed)
    book = Book({name: [] for name in (*_BY_GAME, "games_historical")})
    for n in range(days):
        clubs = dice.sample(CLUBS, 4)
        for i in (0, 2):
            _play(book, dice, 1000 + 2 * n + i // 2, OPENING_DAY + timedelta(days=n), clubs[i : i + 2])
    return book


_BY_GAME = ("plate_appearances", "lineups_historical", "team_stats_historical")


def batters(club: int) -> list[int]:
    """Return a club's nine."""
    return [club * 100 + slot for slot in range(1, 10)]


def pitchers(club: int) -> list[int]:
    """Return a club's five starters; the last also relieves."""
    return [club * 100 + 50 + n for n in range(5)]


def _play(book: Book, dice: random.Random, game_pk: int, day: date, clubs: list[int]) -> None:
    home, away = clubs
    game = {"game_pk": game_pk, "game_date": day, "season": day.year, "game_type": "R"}
    runs, plays = {home: 0, away: 0}, []
    starters = {club: dice.choice(pitchers(club)[:4]) for club in clubs}
    for batting, fielding in ((away, home), (home, away)):
        for turn in range(36):
            pitcher = starters[fielding] if turn < 24 else pitchers(fielding)[4]
            outcome = dice.choices(OUTCOMES, WEIGHTS)[0]
            runs[batting] += outcome == "home_run" or dice.random() < 0.08
            play = _turn(game, batting, fielding, turn, pitcher, outcome)
            plays.append(play | {"at_bat_index": len(plays), "is_top": batting == away})
    runs[home] += runs[home] == runs[away]
    book.rows["plate_appearances"] += plays
    book.rows["games_historical"].append(_result(game, home, away, runs))
    for club in clubs:
        book.rows["lineups_historical"] += _lineup(game, club, starters[club])
        book.rows["team_stats_historical"].append(_totals(game, club, club == home, plays))


def _turn(game: dict, batting: int, fielding: int, turn: int, pitcher: int, outcome: str) -> dict:
    batter = batters(batting)[turn % 9]
    return game | {
        "batter_id": batter,
        "pitcher_id": pitcher,
        "bat_side": "LR"[batter % 2],
        "pitch_hand": "LR"[pitcher % 2],
        "batting_team_id": batting,
        "fielding_team_id": fielding,
        "batting_slot": turn % 9 + 1,
        "outcome": outcome,
        "is_at_bat": outcome not in {"walk", "hit_by_pitch"},
        "rbi": int(outcome == "home_run"),
        "outs_before": 0,
        "outs_after": int(outcome in {"strikeout", "out"}),
    }


def _result(game: dict, home: int, away: int, runs: dict[int, int]) -> dict:
    return game | {
        "status": "Final",
        "completed_date": game["game_date"],
        "home_team_id": home,
        "away_team_id": away,
        "home_score": runs[home],
        "away_score": runs[away],
        "venue_id": home + 900,
        "home_plate_umpire_id": UMPIRES[game["game_pk"] % 3],
    }


def _lineup(game: dict, club: int, starter: int) -> list[dict]:
    nine = [
        {
            "player_id": batter,
            "batting_slot": slot,
            "is_starting_pitcher": False,
            "position": "C" if slot == 2 else "DH",
        }
        for slot, batter in enumerate(batters(club), 1)
    ]
    mound = {"player_id": starter, "batting_slot": None, "is_starting_pitcher": True, "position": "P"}
    return [game | man | {"team_id": club, "sequence": 0} for man in (*nine, mound)]


def _totals(game: dict, club: int, is_home: bool, plays: list[dict]) -> dict:
    own = [play["outcome"] for play in plays if play["batting_team_id"] == club]
    bases = {"single": 1, "double": 2, "triple": 3, "home_run": 4}
    return game | {
        "team_id": club,
        "is_home": is_home,
        "hits": sum(outcome in bases for outcome in own),
        "walks": own.count("walk"),
        "hit_by_pitch": own.count("hit_by_pitch"),
        "plate_appearances": len(own),
        "at_bats": len(own) - own.count("walk") - own.count("hit_by_pitch"),
        "total_bases": sum(bases.get(outcome, 0) for outcome in own),
    }


def people() -> pl.DataFrame:
    """Return everybody's hands."""
    everybody = [man for club in CLUBS for man in (*batters(club), *pitchers(club))]
    hands = [{"person_id": man, "bat_side": "LR"[man % 2], "pitch_hand": "LR"[man % 2]} for man in everybody]
    return frame("people", hands)


def venues() -> pl.DataFrame:
    """Return where the clubs play."""
    return frame(
        "venues",
        [{"venue_id": club + 900, "latitude": 40.0, "longitude": -70.0 - club % 10} for club in CLUBS],
    )


class Alerts:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def send_alert(self, severity: str, title: str, detail: object) -> None:
        """Remember."""
        self.told.append(title)

    def send_message(self, title: str, text: str, html: str | None = None) -> None:
        """Remember."""
        self.told.append(title)

    def wait_until_sent(self, seconds: float) -> bool:
        """Return that nothing is left."""
        return True


def ports(folder: Path, samples: int = 20) -> Ports:
    """Return empty stores in a folder, every source table standing."""
    warehouse = DuckDbWarehouse(folder / "warehouse.duckdb", clock=lambda: NOON)
    for name in tables.list_tables():
        warehouse.ensure_table(tables.get_table(name))
    settings = Settings(leak_check_samples=samples)
    return Ports(FolderStore(folder / "objects"), warehouse, None, Alerts(), settings)  # type: ignore[arg-type]


def copied(closed: Path, folder: Path, samples: int = 20) -> Ports:
    """Return a copy, in a folder of its own, of the stores that a closed world has left."""
    shutil.copytree(closed, folder, dirs_exist_ok=True)
    return ports(folder, samples)


def load(world: Ports, book: Book, collected_at: datetime = NOON) -> None:
    """Merge a book's games as the loader does: the games themselves last."""
    games = book.frame("games_historical", collected_at)
    scopes = games.select("game_pk", "collected_at")
    for name in _BY_GAME:
        world.warehouse.merge_rows(tables.get_table(name), book.frame(name, collected_at), scopes)
    world.warehouse.merge_rows(tables.get_table("people"), people())
    world.warehouse.merge_rows(tables.get_table("venues"), venues())
    world.warehouse.merge_rows(tables.get_table("games_historical"), games, scopes)


def loaded(run_id: str = "run") -> DataLoaded:
    """Return the event that starts the room."""
    return DataLoaded(
        run_id=run_id, occurred_at=NOON, dates=(OPENING_DAY,), report="reports/r", rows={}, partitions={}
    )


def standing(world: Ports) -> dict[str, pl.DataFrame]:
    """Return what stands in mlb_features, ordered by key, without run ids and times."""
    return {
        name: world.warehouse.query_rows(f"select * from mlb_features.{name}")
        .sort(tables.get_table(name).key)
        .drop("run_id", "collected_at", "created_at", "updated_at")
        for name in tables.list_tables("mlb_features")
    }
