"""Real seasons from Retrosheet's files to the features room's rows, without a wire in between."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from evaluation.season_rows import TABLES, hands_of, rows_of, write
from services.features.mlb.build import Season
from shared.worker_pool import pool
from simulator.data_folder import demand_seasons, event_files, people_register
from simulator.retrosheet import RetrosheetWorld

READING = "5"  # change it when the same files are read into other rows: kept seasons are read anew
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

    def asked(self) -> Season:
        """Return what the features room reads."""
        hands = self.people.select("person_id", "bat_side", "pitch_hand")
        return Season(self.games, self.plays, self.lineups, hands)


def read_seasons(data: Path, years: Sequence[int], kept: Path) -> list[RealSeason]:
    """Return the seasons of `data`/mlb/retrosheet, ascending; what was read before is found in `kept`.

    `kept` is one caller's at a time, as an evaluation's folder is. Seasons are parsed on two processes, some
    ten seconds each.

    Raises:
        CannotDo: a season's event files are not in the data folder, or too few of its games can be read.
    """
    demand_seasons(data, years)
    missing = [year for year in sorted(set(years)) if not _folder(data, year, kept).exists()]
    if len(missing) > 1:
        with pool(WORKERS) as workers:
            list(workers.map(partial(_keep, data, kept), missing))
    else:
        for year in missing:
            _keep(data, kept, year)
    return [_kept(_folder(data, year, kept), year) for year in sorted(set(years))]


def _keep(data: Path, kept: Path, year: int) -> None:
    folder = _folder(data, year, kept)
    world = RetrosheetWorld(data, [year])
    frames = rows_of(iter(world.games(year)), world.venues())
    frames["people"] = hands_of(world.people().values())
    partial_folder = folder.with_suffix(".partial")
    partial_folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        write(frame, partial_folder / f"{name}.parquet")
    (partial_folder / _NOT_READ).write_text(json.dumps(dict(world.not_read(year))), "utf-8")
    partial_folder.rename(folder)


def _kept(folder: Path, year: int) -> RealSeason:
    frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    return RealSeason(year, **frames, not_read=json.loads((folder / _NOT_READ).read_text("utf-8")))


def _folder(data: Path, year: int, kept: Path) -> Path:
    """Return where a season's rows are kept: under the hash of the files they were read from."""
    read = (event_files(data, year), people_register(data))
    digest = hashlib.sha256(b"".join([READING.encode(), *(path.read_bytes() for path in read)])).hexdigest()
    return kept / f"{year}-{digest[:16]}"
