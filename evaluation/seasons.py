"""Real seasons from Retrosheet's files to the features room's rows, without a wire in between."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from evaluation.season_rows import TABLES, extract_rows, handedness_rows, write_parquet
from services.features.mlb.build import SeasonInputs
from shared.worker_pool import worker_pool
from simulator.data_folder import check_season_files, event_file_path, people_register_path
from simulator.retrosheet import RetrosheetWorld

READER_VERSION = "5"  # change it when the same files are read into other rows: kept seasons are read anew
WORKERS = 2
_NOT_READ = "not_read.json"


@dataclass(frozen=True)
class RealSeason:
    """One season's rows under the warehouse's names, as the features room asks for them."""

    year: int
    games: pl.DataFrame
    plays: pl.DataFrame
    lineups: pl.DataFrame
    people: pl.DataFrame
    not_read: Mapping[str, str] = field(default_factory=dict)  # why a game was left out, by Retrosheet's id

    def features_input(self) -> SeasonInputs:
        """Return what the features room reads."""
        hands = self.people.select("person_id", "bat_side", "pitch_hand")
        return SeasonInputs(self.games, self.plays, self.lineups, hands)


def read_seasons(data: Path, years: Sequence[int], cache: Path) -> list[RealSeason]:
    """Return the seasons of `data`/mlb/retrosheet, ascending; what was read before is found in `kept`.

    `kept` is one caller's at a time, as an evaluation's folder is. Seasons are parsed on two processes, some
    ten seconds each.

    Raises:
        CannotDo: a season's event files are not in the data folder, or too few of its games can be read.
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
    return RealSeason(year, **frames, not_read=json.loads((folder / _NOT_READ).read_text("utf-8")))


def _season_folder(data: Path, year: int, cache: Path) -> Path:
    """Return where a season's rows are kept: under the hash of the files they were read from."""
    read = (event_file_path(data, year), people_register_path(data))
    digest = hashlib.sha256(
        b"".join([READER_VERSION.encode(), *(path.read_bytes() for path in read)])
    ).hexdigest()
    return cache / f"{year}-{digest[:16]}"
