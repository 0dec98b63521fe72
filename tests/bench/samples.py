"""Finished games to measure on: recorded feeds where the data is, else rendered ones of the simulated league."""

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache

import msgspec
import polars as pl

from services.collector.mlb.feed import decode_feed, game_rows
from services.collector.rows import rows_to_frame
from shared.storage.tables import get_table
from simulator.league import SimulatedLeague
from simulator.wire.feed import render_feed
from simulator.wire.reference_data import ReferenceData
from tests.data import DATA

_DAY = date(2026, 4, 18)
_LINEAGE = {
    "source": "mlb_stats_api",
    "run_id": "sample",
    "raw_sha256": "0" * 64,
    "collected_at": datetime(2026, 4, 19, 6, tzinfo=UTC),
}


@cache
def feeds() -> tuple[str, tuple[bytes, ...]]:
    """Return what the bodies are, in words, and final feeds as they come over the wire."""
    recorded = sorted(DATA.glob("mlb/statsapi/feed_live/*_Final.json.gz"))
    if recorded:
        return f"{len(recorded)} recorded final feeds", tuple(
            gzip.decompress(p.read_bytes()) for p in recorded
        )
    bodies = tuple(_rendered())
    return f"{len(bodies)} rendered final feeds", bodies


def _rendered() -> Iterator[bytes]:
    league = SimulatedLeague(7, [_DAY.year])
    clubs = {club.id: club for club in league.list_clubs(_DAY.year)}
    almanac = ReferenceData(_DAY.year, clubs, league.venues_by_id(), league.people_by_id())
    for game in list(league.games_on(_DAY, _DAY))[:6]:
        yield msgspec.json.encode(render_feed(game, almanac))


def pitches(count: int) -> pl.DataFrame:
    """Return staged rows of `count` pitches: those of the sample feeds, over and over as other games."""
    games = [game_rows(decode_feed(body)) for body in feeds()[1]]
    parts = [(game.game_columns | _LINEAGE, game.tables["statcast_pitches"]) for game in games]
    once = rows_to_frame(get_table("statcast_pitches"), parts)
    copies = -(-count // once.height)
    return pl.concat([_as_another(once, copy) for copy in range(copies)]).head(count)


def _as_another(pitches: pl.DataFrame, copy: int) -> pl.DataFrame:
    """Return the pitches as of other games on a day of their own."""
    day = pl.lit(date(2020, 1, 1)).dt.offset_by(f"{copy}d")
    return pitches.with_columns(pl.col("game_pk") + 1_000_000 * copy, game_date=day)
