"""Checks that a game's numbers add up: players to clubs, clubs, innings and plays to the score."""

from collections.abc import Iterable, Iterator

import msgspec
import polars as pl

from services.validator.batch_reader import Batch
from services.validator.grading import PhaseRequirements
from shared.storage.staging import Issue

MIN_PITCH_SHARE = 0.97  # share of a game's pitches; fewer means that a part is missing
SUMMED_COLUMNS = (
    "at_bats",
    "runs",
    "hits",
    "doubles",
    "triples",
    "home_runs",
    "rbis",
    "walks",
    "strikeouts",
    "hit_by_pitch",
)


def club_totals(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """The lines of a club's players add up to the club's."""
    sums = (
        batch.table_rows("player_stats_historical")
        .group_by("game_pk", "team_id")
        .agg(_null_aware_sums(SUMMED_COLUMNS))
    )
    clubs = batch.final_game_rows("team_stats_historical").select("game_pk", "team_id", *SUMMED_COLUMNS)
    compared = clubs.join(sums, ["game_pk", "team_id"])
    yield from _mismatch_issues("club_totals", "team_stats_historical", compared, SUMMED_COLUMNS)


def line_score(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """A club's runs and hits are the game's, and the innings add up to the score."""
    games = batch.final_games
    clubs = batch.table_rows("team_stats_historical").select("game_pk", "is_home", "runs", "hits")
    sides = pl.concat(_side_scores(games, at_home=at_home) for at_home in (True, False))
    compared = clubs.join(sides, ["game_pk", "is_home"])
    yield from _mismatch_issues("line_score", "games_historical", compared, ("runs", "hits"))
    innings = games.select(
        "game_pk", "home_score", "away_score", _innings_total("home"), _innings_total("away")
    )
    yield from _mismatch_issues("line_score", "games_historical", innings, ("home_score", "away_score"))


def runs_by_play(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """The runs of a game's plays are its score."""
    runs, top = pl.col("runs_scored"), pl.col("is_top")
    plays = batch.table_rows("plate_appearances").group_by("game_pk")
    sums = plays.agg(away_score_right=runs.filter(top).sum(), home_score_right=runs.filter(~top).sum())
    compared = batch.final_games.select("game_pk", "home_score", "away_score").join(sums, "game_pk")
    yield from _mismatch_issues("runs_by_play", "plate_appearances", compared, ("home_score", "away_score"))


def pitch_totals(batch: Batch, phase: PhaseRequirements) -> Iterator[Issue]:
    """Each pitcher has as many pitches as in the box score, where a game has pitches at all.

    A difference of a few is a warning; a missing part of a game's pitches is an error where the phase
    requires pitches.
    """
    thrown = batch.table_rows("statcast_pitches").filter(~_is_not_thrown())
    counted = thrown.group_by("game_pk", player_id="pitcher_id").agg(got=pl.len())
    lines = batch.final_game_rows("player_stats_historical").filter(pl.col("pitches_thrown").is_not_null())
    expected = lines.select("game_pk", "player_id", expected="pitches_thrown")
    both = expected.join(counted, ["game_pk", "player_id"], "left").with_columns(pl.col("got").fill_null(0))
    total_got = pl.col("got").sum().over("game_pk")
    share = total_got / pl.col("expected").sum().over("game_pk")
    shared = both.with_columns(had=total_got, share=share)
    wrong = shared.filter(pl.col("expected") != pl.col("got"), pl.col("had") > 0)
    for (game,), own in wrong.sort("game_pk", "player_id").group_by("game_pk", maintain_order=True):
        missing = phase.statcast and own["share"][0] < MIN_PITCH_SHARE
        rows = own.select("player_id", "got", "expected").iter_rows()
        details = format_examples(f"{who} {got} for {should}" for who, got, should in rows)
        message = f"game {game}: pitches by pitcher differ from the box score: {details}"
        severity = "error" if missing else "warning"
        yield Issue("pitch_totals", "statcast_pitches", severity, message, own.height, (game,))


def _is_not_thrown() -> pl.Expr:
    """Return the filter for automatic balls and strikes, and no pitch: sources list some of them."""
    return pl.col("call_code").str.contains("^[AVN]").fill_null(value=False)


def format_examples(items: Iterable[str], limit: int = 5) -> str:
    """Return the first few items, and how many more there are."""
    listed = list(items)
    return ", ".join(listed[:limit]) + (f" and {len(listed) - limit} more" if len(listed) > limit else "")


def _null_aware_sums(columns: tuple[str, ...]) -> list[pl.Expr]:
    known = [(name, pl.col(name)) for name in columns]
    return [pl.when(value.is_not_null().any()).then(value.sum()).alias(name) for name, value in known]


def _side_scores(games: pl.DataFrame, *, at_home: bool) -> pl.DataFrame:
    club = "home" if at_home else "away"
    return games.select("game_pk", is_home=pl.lit(at_home), runs=f"{club}_score", hits=f"{club}_hits")


class _InningRuns(msgspec.Struct):
    away: int | None = None
    home: int | None = None


def _innings_total(club: str) -> pl.Expr:
    def sum_innings(text: str) -> int | None:
        try:
            innings = msgspec.json.decode(text, type=list[_InningRuns])
        except msgspec.MsgspecError:
            return None
        scored = [inning.home if club == "home" else inning.away for inning in innings]
        return sum(runs or 0 for runs in scored) if scored else None

    return pl.col("line_score").map_elements(sum_innings, pl.Int64).alias(f"{club}_score_right")


def _mismatch_issues(
    rule: str, name: str, compared: pl.DataFrame, columns: tuple[str, ...]
) -> Iterator[Issue]:
    differs = [pl.col(column) != pl.col(f"{column}_right") for column in columns]
    wrong = compared.filter(pl.any_horizontal(differs)).sort("game_pk")
    for row in wrong.iter_rows(named=True):
        pairs = [(column, row[column], row[f"{column}_right"]) for column in columns]
        details = format_examples(
            f"{column} {one} against {other}" for column, one, other in pairs if one != other
        )
        where = f" club {row['team_id']}" if "team_id" in row else ""
        yield Issue(rule, name, "error", f"game {row['game_pk']}{where}: {details}", 1, (row["game_pk"],))
