"""The nine a club is expected to start on a day: its latest ones, without players who cannot play."""

from datetime import date, timedelta

import polars as pl

from services.features import warehouse
from services.features.mlb.availability import availability_rows
from shared.ports import Warehouse

LOOK_BACK = timedelta(days=241)  # from the last games of a year to the first of the next
BENCH_GAMES = 10  # a club's latest games whose starters may replace an absent regular
_CLUB_DAY = ["day", "team_id"]
_SLOTS = ("day", "team_id", "batting_slot", "position", "game_date")


def projected_lineups(store: Warehouse, as_of: date) -> pl.DataFrame:
    """Return each club's projected nine for the day after `as_of`.

    Columns: team_id, player_id, batting_slot, position, game_date (of the line-up it is taken from) and
    in_place_of (the regular who cannot play, null for the regulars themselves).
    """
    day = as_of + timedelta(days=1)
    posted = read_posted_nines(store, day, as_of)
    notices = warehouse.query_named(store, "notices", first=day, last=day)
    club_days = posted.select("team_id").unique().with_columns(day=pl.lit(day))
    return project_nines(club_days, posted, absences(notices, [day])).drop("day")


def read_posted_nines(store: Warehouse, first: date, last: date) -> pl.DataFrame:
    """Return the posted nines from which those of the days `first` to `last` are projected, in one query.

    Columns: game_pk, team_id, player_id, batting_slot, position, game_date. What is read before `first` is
    bounded, whatever the history.
    """
    return warehouse.query_named(store, "recent_lineups", first=first, last=last)


def absences(notices: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    """Return who cannot play on each of `days` (ascending), as notices of the days before say.

    Columns: day, player_id, since. `notices` are as `availability_rows` takes them.
    """
    absent = availability_rows(notices, days).filter(pl.col("status") != "active")
    since = pl.col("as_of") - pl.duration(days=pl.col("days_in_status"))
    return absent.select("player_id", day="as_of", since=since.cast(pl.Date))


def project_nines(club_days: pl.DataFrame, posted: pl.DataFrame, absent: pl.DataFrame) -> pl.DataFrame:
    """Return the nine that each club is expected to start on each day: that of its latest game before it.

    Bench players are put in the places of regulars who cannot play. A place goes to the club's player
    outside the nine who started most often at that position in its recent games; else to the one who started
    most often anywhere; else it stays empty, which forecasts read as an average batter. A club without a
    game in `LOOK_BACK` has no rows.

    Args:
        club_days: day, team_id.
        posted: game_pk, game_date, team_id, player_id, batting_slot, position: starting nines.
        absent: day, player_id, since: who cannot play, and from when; a start on a later day disproves it.

    Returns:
        day, team_id, player_id, batting_slot, position, game_date and in_place_of.
    """
    games = _numbered_games(posted)
    latest = _latest_games(club_days.unique(), games)
    cannot_play = _undisputed_absences(absent, posted)
    nines = latest.join(posted, on=["team_id", "game_pk", "game_date"]).join(
        cannot_play.with_columns(is_absent=True), on=["day", "player_id"], how="left"
    )
    gaps = nines.filter("is_absent")
    bench = _bench(latest.join(gaps, on=_CLUB_DAY, how="semi"), games, posted)
    for taken, key in ((nines, [*_CLUB_DAY, "player_id"]), (cannot_play, ["day", "player_id"])):
        bench = bench.join(taken, on=key, how="anti")
    regulars = nines.filter(pl.col("is_absent").is_null())
    kept = regulars.select(*_SLOTS, "player_id", in_place_of=pl.lit(None, pl.Int64))
    return (
        pl.concat([kept, _replacement_rows(gaps, bench)])
        .sort("day", "team_id", "batting_slot", "player_id")
        .select("day", "team_id", "player_id", "batting_slot", "position", "game_date", "in_place_of")
    )


def _numbered_games(posted: pl.DataFrame) -> pl.DataFrame:
    """Return team_id, game_date, game_pk and each club's games counted in order."""
    games = posted.select("team_id", "game_date", "game_pk").unique().sort("team_id", "game_date", "game_pk")
    return games.with_columns(number=pl.int_range(pl.len()).over("team_id"))


def _latest_games(club_days: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    """Return the latest game of each club before each day: the second game of a doubleheader."""
    last_of_day = games.group_by("team_id", "game_date").agg(pl.all().sort_by("number").last())
    found = club_days.sort("day").join_asof(
        last_of_day.sort("game_date").with_columns(day="game_date"),
        on="day",
        by="team_id",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return found.filter(pl.col("day") - pl.col("game_date") <= LOOK_BACK)


def _undisputed_absences(absent: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """Return day and player_id of the absences that no start since disproves; others never started."""
    starts = posted.select("player_id", day="game_date", last_start="game_date").unique().sort("day")
    known = absent.sort("day").join_asof(
        starts, on="day", by="player_id", allow_exact_matches=False, check_sortedness=False
    )
    return known.filter(pl.col("since") >= pl.col("last_start")).select("day", "player_id")


def _bench(latest: pl.DataFrame, games: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """Return who started in each club's recent games up to its latest one before each day."""
    earlier = games.select("team_id", "game_pk", played="game_date", number_then="number")
    since = pl.col("number") - pl.col("number_then")
    recent = latest.select(*_CLUB_DAY, "number").join(earlier, on="team_id")
    recent = recent.filter(
        since.is_between(0, BENCH_GAMES - 1), pl.col("day") - pl.col("played") <= LOOK_BACK
    )
    return recent.join(posted, on=["team_id", "game_pk"]).select(*_CLUB_DAY, "player_id", "position")


def _replacement_rows(gaps: pl.DataFrame, bench: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each gap that somebody can fill; nobody fills two on a day."""
    starts = bench.group_by(*_CLUB_DAY, "player_id").agg(starts=pl.len())
    at_position = bench.group_by(*_CLUB_DAY, "player_id", "position").agg(starts_there=pl.len())
    candidates = (
        gaps.select(*_SLOTS, in_place_of="player_id")
        .join(starts, on=_CLUB_DAY)
        .join(at_position, on=[*_CLUB_DAY, "player_id", "position"], how="left")
        .sort(
            pl.col("starts_there").fill_null(0), "starts", "batting_slot", "player_id",
            descending=[True, True, False, False],
        )
    )  # fmt: skip
    filled: dict[tuple[date, int, int], dict[str, object]] = {}
    chosen: set[tuple[date, int]] = set()
    for row in candidates.iter_rows(named=True):
        place, player = (row["day"], row["team_id"], row["batting_slot"]), (row["day"], row["player_id"])
        if place not in filled and player not in chosen:
            filled[place] = row
            chosen.add(player)
    return pl.DataFrame(list(filled.values()), candidates.schema).select(*_SLOTS, "player_id", "in_place_of")
