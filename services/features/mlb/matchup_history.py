"""What starting batters had done, before each game, against the starter they face: season and career."""

import polars as pl

from services.features.mlb import rates
from services.features.mlb.player_counts import TURN_COUNTS
from services.features.mlb.running_totals import CAREER, SEASON

PAIR = ["batter_id", "pitcher_id"]
SHOWN = {
    **{name: pl.col(name) for name in ("plate_appearances", "hits", "home_runs", "walks", "strikeouts")},
    **{name: rates.BATTING[name] for name in ("batting_average", "on_base_plus_slugging", "woba")},
}


def batter_starter_pairs(games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return as_of, game_pk, batter_id, pitcher_id of every starting batter and the starter they face.

    Args:
        games: game_pk, game_date.
        lineups: game_pk, team_id, player_id, batting_slot, is_starting_pitcher.
    """
    posted = games.select("game_pk", as_of="game_date").join(lineups, on="game_pk")
    batters = posted.filter(pl.col("batting_slot").is_not_null())
    starters = posted.filter("is_starting_pitcher").select("game_pk", "team_id", pitcher_id="player_id")
    faced = batters.join(starters, on="game_pk").filter(pl.col("team_id") != pl.col("team_id_right"))
    return faced.select("as_of", "game_pk", "pitcher_id", batter_id="player_id").sort(
        "as_of", "game_pk", *PAIR
    )


def matchup_history(pair_days: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return a row of matchup_history for each pair of `pair_days` that met before that day.

    Args:
        pair_days: as_of, game_pk, pitcher_id, batter_id: the pairs to look up, and the day of each.
        days: day, batter_id, pitcher_id and counts of turns at bat between them, of all seasons.
    """
    met = days.sort("day", *PAIR)
    year = pl.col("day").dt.year()
    sums = met.select(
        "day",
        *PAIR,
        latest=year,
        **{f"{name}_{CAREER}": pl.col(name).cum_sum().over(PAIR) for name in TURN_COUNTS},
        **{f"{name}_{SEASON}": pl.col(name).cum_sum().over(*PAIR, year) for name in TURN_COUNTS},
    )
    known = pair_days.join_asof(
        sums, left_on="as_of", right_on="day", by=PAIR, allow_exact_matches=False, check_sortedness=False
    ).drop_nulls("latest")
    same_season = pl.col("latest") == pl.col("as_of").dt.year()
    seasons = [f"{name}_{SEASON}" for name in TURN_COUNTS]
    of_now = known.with_columns(pl.when(same_season).then(pl.col(seasons)).otherwise(0))
    spans = (_shown_columns(of_now, span) for span in (SEASON, CAREER))
    return pl.concat([known.select("as_of", "game_pk", *PAIR), *spans], how="horizontal")


def _shown_columns(sums: pl.DataFrame, span: str) -> pl.DataFrame:
    plain = sums.select(pl.col(f"{name}_{span}").alias(name) for name in TURN_COUNTS)
    return plain.select(rates.round_for_table(value).alias(f"{name}_{span}") for name, value in SHOWN.items())
