"""What clubs did on each day, against whom, and what an average club would have done against the same."""

import polars as pl

from services.features.mlb.running_totals import CounterLayout
from shared.sports.mlb.states import CLUB

THOUSANDTHS = 1000  # ratings and expected runs are counted in whole thousandths
_PRIOR_GAMES = 10  # of the league's mean, added to an opponent's own
_KEPT = float(CLUB.season_carryover[CLUB.column_indexes("elo")[0]])  # of a rating in a new season
_TOTALS = (
    "runs_for",
    "runs_against",
    "hits",
    "walks",
    "hit_by_pitch",
    "plate_appearances",
    "total_bases",
    "at_bats",
)
HOME = "_home"
SPLIT = ("games", "wins", "runs_for", "runs_against")
CLUBS = CounterLayout(
    "team_id",
    (
        *("games", "wins", *_TOTALS),
        *(f"{name}{HOME}" for name in SPLIT),
        *(
            "opponent_elo",
            "judged_runs_for",
            "expected_runs_for",
            "judged_runs_against",
            "expected_runs_against",
        ),
    ),
)


def club_days(games: pl.DataFrame, ratings: pl.DataFrame) -> pl.DataFrame:
    """Return as_of, team_id and the counts of CLUBS for each day of one season that a club played.

    Args:
        games: day, game_pk, game_number, team_id, opponent_id, is_home, venue_id and totals: a season's
            games from its first, two rows a game.
        ratings: as_of, team_id, season, elo after each day before the last of them.
    """
    counted = games.with_columns(games=1, wins=(pl.col("runs_for") > pl.col("runs_against")).cast(pl.Int64))
    split = counted.with_columns((pl.col(name) * pl.col("is_home")).alias(f"{name}{HOME}") for name in SPLIT)
    judged = _add_opponent_averages(_add_opponent_rating(split, ratings), _means_before(counted))
    return judged.group_by(pl.col("day").alias("as_of"), "team_id").agg(pl.col(CLUBS.counts).sum())


def _add_opponent_rating(games: pl.DataFrame, ratings: pl.DataFrame) -> pl.DataFrame:
    """Add the opponent's rating when the day began; a club never seen has the average club's."""
    known = ratings.select(day="as_of", opponent_id="team_id", rated_season="season", elo="elo").sort("day")
    found = games.sort("day").join_asof(
        known, on="day", by="opponent_id", allow_exact_matches=False, check_sortedness=False
    )
    kept = pl.when(pl.col("rated_season") < pl.col("day").dt.year()).then(_KEPT).otherwise(1.0)
    return found.with_columns(opponent_elo=_to_thousandths((pl.col("elo") * kept).fill_null(0.0)))


def _add_opponent_averages(games: pl.DataFrame, means: pl.DataFrame) -> pl.DataFrame:
    """Add what opponents of this kind allow and score; a season's first day judges nobody."""
    known = games.join(means.rename({"team_id": "opponent_id"}), on=["day", "opponent_id"], how="left")
    judged = pl.col("allows").is_not_null()
    return known.with_columns(
        expected_runs_for=_to_thousandths(pl.col("allows")),
        expected_runs_against=_to_thousandths(pl.col("scores")),
        judged_runs_for=pl.when(judged).then("runs_for"),
        judged_runs_against=pl.when(judged).then("runs_against"),
    )


def _means_before(games: pl.DataFrame) -> pl.DataFrame:
    """Return day, team_id, scores, allows: runs a game before each day, drawn to the league's mean."""
    daily = games.group_by("day", "team_id").agg(pl.col("games", "runs_for", "runs_against").sum())
    league = daily.group_by("day").agg(
        league_games=pl.col("games").sum(), league_runs=pl.col("runs_for").sum()
    )
    before = league.sort("day").with_columns(pl.col("league_games", "league_runs").cum_sum().shift(1))
    mean = before.select("day", mean=pl.col("league_runs") / pl.col("league_games"))
    own = pl.col("games", "runs_for", "runs_against").cum_sum().shift(1, fill_value=0).over("team_id")
    known = daily.sort("day", "team_id").with_columns(own).join(mean, on="day")
    drawn = {
        name: (pl.col(runs) + _PRIOR_GAMES * pl.col("mean")) / (pl.col("games") + _PRIOR_GAMES)
        for name, runs in (("scores", "runs_for"), ("allows", "runs_against"))
    }
    return known.select("day", "team_id", **drawn)


def _to_thousandths(value: pl.Expr) -> pl.Expr:
    return (value * THOUSANDTHS).round().cast(pl.Int64)
