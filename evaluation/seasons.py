"""Reads real seasons from Retrosheet's files as the features service's input rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from evaluation.season_rows import TABLES, extract_rows, handedness_rows, write_parquet
from services.features.api import BOX_LABELS, SeasonInputs
from shared.worker_pool import worker_pool
from simulator.data_folder import check_season_files, event_file_path, people_register_path
from simulator.retrosheet import RetrosheetWorld

READER_VERSION = "5"  # change it when the same files give other rows: cached seasons are then read again
WORKERS = 2
_NOT_READ = "not_read.json"


@dataclass(frozen=True)
class RealSeason:
    """One season's rows under the warehouse's column names, as the features service reads them."""

    year: int
    games: pl.DataFrame
    plays: pl.DataFrame
    lineups: pl.DataFrame
    people: pl.DataFrame
    box_lines: pl.DataFrame
    unreadable_games: Mapping[str, str] = field(default_factory=dict)  # reasons by Retrosheet's game id

    def features_input(self) -> SeasonInputs:
        """Return the features service's input."""
        hands = self.people.select("person_id", "bat_side", "pitch_hand")
        return SeasonInputs(self.games, self.plays, self.lineups, hands, box_lines=self.box_lines)


def read_seasons(data: Path, years: Sequence[int], cache: Path) -> list[RealSeason]:
    """Return the seasons of `data`/mlb/retrosheet, ascending; `cache` has seasons read before.

    Only one caller may use `cache` at a time, as in an evaluation's folder. Two processes parse seasons, each
    in about ten seconds.

    Raises:
        UserError: a season's files are not in the data folder, or too few of its games can be read.
    """
    check_season_files(data, years)
    missing = [year for year in sorted(set(years)) if not _season_folder(data, year, cache).exists()]
    if len(missing) > 1:
        with worker_pool(WORKERS) as workers:
            list(workers.map(partial(_store_season, data, cache), missing))
    else:
        for year in missing:
            _store_season(data, cache, year)
    return [_load_season(_season_folder(data, year, cache), year) for year in sorted(set(years))]


def _store_season(data: Path, cache: Path, year: int) -> None:
    folder = _season_folder(data, year, cache)
    world = RetrosheetWorld(data, [year])
    frames = extract_rows(iter(world.iter_games(year)), world.venues_by_id())
    frames["people"] = handedness_rows(world.people_by_id().values())
    partial_folder = folder.with_suffix(".partial")
    partial_folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        write_parquet(frame, partial_folder / f"{name}.parquet")
    (partial_folder / _NOT_READ).write_text(json.dumps(dict(world.unreadable_games(year))), "utf-8")
    partial_folder.rename(folder)


def _load_season(folder: Path, year: int) -> RealSeason:
    frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    return RealSeason(year, **frames, unreadable_games=json.loads((folder / _NOT_READ).read_text("utf-8")))


def _season_folder(data: Path, year: int, cache: Path) -> Path:
    """Return the cache folder of a season's rows, named for the hash of their columns and source files."""
    sources = (event_file_path(data, year), people_register_path(data))
    digest = hashlib.sha256(
        b"".join(
            [READER_VERSION.encode(), repr(BOX_LABELS).encode(), *(path.read_bytes() for path in sources)]
        )
    ).hexdigest()
    return cache / f"{year}-{digest[:16]}"
