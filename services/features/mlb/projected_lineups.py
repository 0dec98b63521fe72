"""The nine a club is expected to start next: its latest ones, without players who cannot play."""

from datetime import date, timedelta

import polars as pl

from services.features import warehouse
from services.features.mlb.availability import availability_rows
from shared.ports import Warehouse

_SLOTS = ("team_id", "batting_slot", "position", "game_date")


def projected_lineups(store: Warehouse, as_of: date) -> pl.DataFrame:
    """Return each club's projected nine for the day after `as_of`.

    Columns: team_id, player_id, batting_slot, position, game_date (of the line-up it is taken from) and
    in_place_of (the regular who cannot play, null for the regulars themselves).
    """
    recent = warehouse.query_named(store, "recent_lineups", as_of=as_of)
    day = as_of + timedelta(days=1)
    notices = warehouse.query_named(store, "notices", first=day, last=day)
    absences = availability_rows(notices, [day]).filter(pl.col("status") != "active")
    since = day - pl.duration(days=pl.col("days_in_status"))
    return replace_absent(recent, absences.select("player_id", since=since.cast(pl.Date)))


def replace_absent(recent: pl.DataFrame, absences: pl.DataFrame) -> pl.DataFrame:
    """Put bench players in the places of regulars who cannot play.

    A place goes to the club's player outside the nine who started most often at that position in its
    recent games; else to the one who started most often anywhere; else it stays empty, which forecasts
    read as an average batter.

    Args:
        recent: team_id, player_id, batting_slot, position, game_date, games_ago (1 is the latest): starting
            nines of each club's recent games.
        absences: player_id, since: who cannot play, and from when; a start on a later day disproves it.
    """
    last_start = recent.group_by("player_id").agg(last_start=pl.col("game_date").max())
    absent = absences.join(last_start, on="player_id").filter(pl.col("since") >= pl.col("last_start"))
    nines = recent.filter(pl.col("games_ago") == 1).join(
        absent.select("player_id", is_absent=True), on="player_id", how="left", maintain_order="left"
    )
    regulars = nines.filter(pl.col("is_absent").is_null())
    gaps = nines.filter("is_absent")
    bench = recent.join(nines, on=["team_id", "player_id"], how="anti").join(
        absent, on="player_id", how="anti"
    )
    kept = regulars.select(*_SLOTS, "player_id", in_place_of=pl.lit(None, pl.Int64))
    return (
        pl.concat([kept, _replacement_rows(gaps, bench)])
        .sort("team_id", "batting_slot")
        .select("team_id", "player_id", "batting_slot", "position", "game_date", "in_place_of")
    )


def _replacement_rows(gaps: pl.DataFrame, bench: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each gap that somebody can fill; nobody fills two."""
    starts = bench.group_by("team_id", "player_id").agg(starts=pl.len())
    at_position = bench.group_by("team_id", "player_id", "position").agg(starts_there=pl.len())
    candidates = (
        gaps.select(*_SLOTS, in_place_of="player_id")
        .join(starts, on="team_id")
        .join(at_position, on=["team_id", "player_id", "position"], how="left")
        .sort(
            pl.col("starts_there").fill_null(0), "starts", "batting_slot", "player_id",
            descending=[True, True, False, False],
        )
    )  # fmt: skip
    filled: dict[tuple[int, int], dict[str, object]] = {}
    chosen: set[int] = set()
    for row in candidates.iter_rows(named=True):
        place = row["team_id"], row["batting_slot"]
        if place not in filled and row["player_id"] not in chosen:
            filled[place] = row
            chosen.add(row["player_id"])
    return pl.DataFrame(list(filled.values()), candidates.schema).select(*_SLOTS, "player_id", "in_place_of")
