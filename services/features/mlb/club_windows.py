"""What clubs had done over 7, 14, 30 and 60 days and the season before a day: form, opposition, rest, pen."""

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from services.features.mlb import club_counts, running_totals
from services.features.mlb.club_counts import CLUBS, HOME, SPLIT, THOUSANDTHS
from services.features.mlb.rates import ratio_or_null, round_for_table
from services.features.mlb.running_totals import SEASON, WINDOWS, Span

SPANS: tuple[Span, ...] = (*WINDOWS, SEASON)
SPLIT_SPANS: tuple[Span, ...] = (WINDOWS[-1], SEASON)
_LAST = 10
_EARTH_KM = 6371.0
_PEN_DAYS = (1, 3)

_games = pl.col("games")
_reached = pl.col("hits") + pl.col("walks") + pl.col("hit_by_pitch")
SHARES = {
    "games": _games,
    "wins": pl.col("wins"),
    "runs_for": ratio_or_null(pl.col("runs_for"), _games),
    "runs_against": ratio_or_null(pl.col("runs_against"), _games),
}
FORM = SHARES | {
    "on_base_plus_slugging": ratio_or_null(_reached, pl.col("plate_appearances"))
    + ratio_or_null(pl.col("total_bases"), pl.col("at_bats")),
    "opponent_elo": ratio_or_null(pl.col("opponent_elo") / THOUSANDTHS, _games),
    "offence_adjusted": ratio_or_null(pl.col("judged_runs_for") * THOUSANDTHS, pl.col("expected_runs_for")),
    "defence_adjusted": ratio_or_null(
        pl.col("judged_runs_against") * THOUSANDTHS, pl.col("expected_runs_against")
    ),
}


def team_windows(
    games: pl.DataFrame, ratings: pl.DataFrame, pen: pl.DataFrame, venues: pl.DataFrame, days: list[date]
) -> pl.DataFrame:
    """Return a row of team_rolling_features for each club and each of `days` it played.

    Args:
        games: as for `club_counts.club_days`, of the season from its first game to the last of the days.
        ratings: likewise.
        pen: day, team_id, bullpen_pitches, bullpen_outs, from three days before the first of the days.
        venues: venue_id, latitude, longitude in degrees.
        days: ascending, of one year.
    """
    counts = club_counts.club_days(games, ratings)
    season = running_totals.accumulate(
        CLUBS, CLUBS.empty_sums, counts, counts["as_of"].unique().sort().to_list() or days
    )
    club_days = season.today.select("as_of", "team_id").filter(pl.col("as_of").is_in(days))
    sums = {span: season.sums_over(span, club_days) for span in SPANS}
    parts = [
        *(_rename_columns(sums[span], FORM, f"_{span}") for span in SPANS),
        *(
            _rename_columns(split, SHARES, f"{part}_{span}")
            for span in SPLIT_SPANS
            for part, split in _split_sums(sums[span])
        ),
    ]
    found = pl.concat([club_days, *parts], how="horizontal")
    for known in (_streaks_and_last_ten(games), _rest_and_travel(games, venues), _head_to_head(games)):
        found = found.join(known, on=["as_of", "team_id"], how="left", maintain_order="left")
    return found.hstack(_bullpen_use(club_days, pen))


def _rename_columns(sums: pl.DataFrame, expressions: Mapping[str, pl.Expr], suffix: str) -> pl.DataFrame:
    return sums.select(round_for_table(value).alias(f"{name}{suffix}") for name, value in expressions.items())


def _split_sums(sums: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    yield HOME, sums.select(pl.col(f"{name}{HOME}").alias(name) for name in SPLIT)
    yield "_away", sums.select(pl.col(name) - pl.col(f"{name}{HOME}") for name in SPLIT)


def _streaks_and_last_ten(games: pl.DataFrame) -> pl.DataFrame:
    """Return the streak (wins above 0, losses below) and the last ten games as each day began."""
    won = pl.col("runs_for") > pl.col("runs_against")
    played = _in_order(games).select("day", "team_id", won=won)
    run = pl.col("won").rle_id().over("team_id")
    counted = played.with_columns(run=run).with_columns(
        streak=pl.when("won").then(1).otherwise(-1).cum_sum().over("team_id", "run"),
        last_ten_wins=pl.col("won").cast(pl.Int64).rolling_sum(_LAST, min_samples=1).over("team_id"),
        last_ten_games=pl.int_range(1, pl.len() + 1).over("team_id").clip(upper_bound=_LAST),
    )
    names = ("streak", "last_ten_wins", "last_ten_games")
    daily = counted.group_by("team_id", "day", maintain_order=True).agg(pl.col(names).last())
    before = pl.col(names).cast(pl.Float64).shift(1, fill_value=0).over("team_id")
    return daily.select("team_id", before, as_of="day")


def _rest_and_travel(games: pl.DataFrame, venues: pl.DataFrame) -> pl.DataFrame:
    """Return days since a club's last day of play this season, and the kilometres it has come since."""
    placed = _in_order(games).join(venues, on="venue_id", how="left", maintain_order="left")
    daily = placed.group_by("team_id", "day", maintain_order=True).agg(
        here=pl.struct(pl.col("latitude", "longitude").first().radians()),
        left=pl.struct(pl.col("latitude", "longitude").last().radians()),
    )
    came_from = pl.col("left").shift(1).over("team_id")
    return daily.select(
        "team_id",
        as_of="day",
        days_since_last_game=(pl.col("day") - pl.col("day").shift(1).over("team_id"))
        .dt.total_days()
        .cast(pl.Float64),
        kilometres_travelled=round_for_table(_great_circle_km(came_from, pl.col("here"))),
    )


def _great_circle_km(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return kilometres between two places along a great circle: the haversine formula."""
    north, south = (place.struct.field("latitude") for place in (one, other))
    east = other.struct.field("longitude") - one.struct.field("longitude")
    half = ((south - north) / 2).sin().pow(2) + north.cos() * south.cos() * (east / 2).sin().pow(2)
    return 2 * _EARTH_KM * half.sqrt().arcsin()


def _head_to_head(games: pl.DataFrame) -> pl.DataFrame:
    """Return whom a club plays on each day, and the season's games and wins between the two before it."""
    won = (pl.col("runs_for") > pl.col("runs_against")).cast(pl.Int64)
    meetings = _in_order(games).group_by("team_id", "opponent_id", as_of="day", maintain_order=True)
    daily = meetings.agg(meetings=pl.len().cast(pl.Int64), beaten=won.sum(), game=pl.col("game_number").min())
    before = pl.col("meetings", "beaten").cum_sum().shift(1, fill_value=0).over("team_id", "opponent_id")
    known = daily.with_columns(before).sort("game").unique(["team_id", "as_of"], keep="first")
    return known.select(
        "team_id",
        "as_of",
        "opponent_id",
        games_against_opponent_season=pl.col("meetings").cast(pl.Float64),
        wins_against_opponent_season=pl.col("beaten").cast(pl.Float64),
    )


def _bullpen_use(club_days: pl.DataFrame, pen: pl.DataFrame) -> pl.DataFrame:
    """Return what relievers threw in the last day and the last three, 0 where they rested."""
    names = ("bullpen_pitches", "bullpen_outs")
    every = pl.concat([club_days, pen.select("team_id", as_of="day")], how="diagonal").unique()
    known = every.join(pen, left_on=["team_id", "as_of"], right_on=["team_id", "day"], how="left").sort(
        "as_of"
    )
    used = known.with_columns(
        pl.col(name).fill_null(0).rolling_sum_by("as_of", f"{days}d", closed="left", min_samples=0)
        .over("team_id").fill_null(0).cast(pl.Float64).alias(f"{name}_{days}")
        for days in _PEN_DAYS
        for name in names
    )  # fmt: skip
    found = club_days.join(used, on=["as_of", "team_id"], how="left", maintain_order="left")
    return found.select(f"{name}_{days}" for days in _PEN_DAYS for name in names)


def _in_order(games: pl.DataFrame) -> pl.DataFrame:
    return games.sort("team_id", "day", "game_number", "game_pk")
