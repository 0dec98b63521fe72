"""Do a game's numbers add up: players to clubs, clubs and innings to the score, plays to the score."""

from collections.abc import Iterable, Iterator

import msgspec
import polars as pl

from services.validator.batch_reader import Batch
from services.validator.grading import Phase
from shared.storage.staging import Issue

PITCHES_HAD = 0.97  # share of a game's pitches; fewer means that a part is missing
SUMMED = (
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


def club_totals(batch: Batch, _phase: Phase) -> Iterator[Issue]:
    """The lines of a club's players add up to the club's."""
    sums = batch.rows("player_stats_historical").group_by("game_pk", "team_id").agg(_sum(SUMMED))
    clubs = batch.final_rows("team_stats_historical").select("game_pk", "team_id", *SUMMED)
    compared = clubs.join(sums, ["game_pk", "team_id"])
    yield from _disagreements("club_totals", "team_stats_historical", compared, SUMMED)


def line_score(batch: Batch, _phase: Phase) -> Iterator[Issue]:
    """A club's runs and hits are the game's, and the innings add up to the score."""
    games = batch.finals
    clubs = batch.rows("team_stats_historical").select("game_pk", "is_home", "runs", "hits")
    sides = pl.concat(_side(games, at_home=at_home) for at_home in (True, False))
    compared = clubs.join(sides, ["game_pk", "is_home"])
    yield from _disagreements("line_score", "games_historical", compared, ("runs", "hits"))
    innings = games.select("game_pk", "home_score", "away_score", _innings("home"), _innings("away"))
    yield from _disagreements("line_score", "games_historical", innings, ("home_score", "away_score"))


def runs_by_play(batch: Batch, _phase: Phase) -> Iterator[Issue]:
    """The runs of a game's plays are its score."""
    runs, top = pl.col("runs_scored"), pl.col("is_top")
    plays = batch.rows("plate_appearances").group_by("game_pk")
    sums = plays.agg(away_score_right=runs.filter(top).sum(), home_score_right=runs.filter(~top).sum())
    compared = batch.finals.select("game_pk", "home_score", "away_score").join(sums, "game_pk")
    yield from _disagreements("runs_by_play", "plate_appearances", compared, ("home_score", "away_score"))


def pitch_totals(batch: Batch, phase: Phase) -> Iterator[Issue]:
    """Everybody threw as many pitches as the box score says, where a game has pitches at all.

    A pitch or two that the source miscounts is told; a part of a game's pitches that is missing is an error
    where the phase asks for pitches.
    """
    thrown = batch.rows("statcast_pitches").filter(~_not_thrown())
    counted = thrown.group_by("game_pk", player_id="pitcher_id").agg(got=pl.len())
    lines = batch.final_rows("player_stats_historical").filter(pl.col("pitches_thrown").is_not_null())
    expected = lines.select("game_pk", "player_id", expected="pitches_thrown")
    both = expected.join(counted, ["game_pk", "player_id"], "left").with_columns(pl.col("got").fill_null(0))
    had = pl.col("got").sum().over("game_pk")
    share = had / pl.col("expected").sum().over("game_pk")
    shared = both.with_columns(had=had, share=share)
    wrong = shared.filter(pl.col("expected") != pl.col("got"), pl.col("had") > 0)
    for (game,), own in wrong.sort("game_pk", "player_id").group_by("game_pk", maintain_order=True):
        missing = phase.statcast and own["share"][0] < PITCHES_HAD
        rows = own.select("player_id", "got", "expected").iter_rows()
        told = examples(f"{who} {got} for {should}" for who, got, should in rows)
        message = f"game {game}: pitches by pitcher differ from the box score: {told}"
        severity = "error" if missing else "warning"
        yield Issue("pitch_totals", "statcast_pitches", severity, message, own.height, (game,))


def _not_thrown() -> pl.Expr:
    """Automatic balls and strikes, and no pitch: sources list some of them."""
    return pl.col("call_code").str.contains("^[AVN]").fill_null(value=False)


def examples(told: Iterable[str], most: int = 5) -> str:
    """Return the first few of what was told, and how many more there are."""
    every = list(told)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def _sum(columns: tuple[str, ...]) -> list[pl.Expr]:
    known = [(name, pl.col(name)) for name in columns]
    return [pl.when(value.is_not_null().any()).then(value.sum()).alias(name) for name, value in known]


def _side(games: pl.DataFrame, *, at_home: bool) -> pl.DataFrame:
    club = "home" if at_home else "away"
    return games.select("game_pk", is_home=pl.lit(at_home), runs=f"{club}_score", hits=f"{club}_hits")


class _Inning(msgspec.Struct):
    away: int | None = None
    home: int | None = None


def _innings(club: str) -> pl.Expr:
    def total(text: str) -> int | None:
        try:
            innings = msgspec.json.decode(text, type=list[_Inning])
        except msgspec.MsgspecError:
            return None
        scored = [inning.home if club == "home" else inning.away for inning in innings]
        return sum(runs or 0 for runs in scored) if scored else None

    return pl.col("line_score").map_elements(total, pl.Int64).alias(f"{club}_score_right")


def _disagreements(rule: str, name: str, compared: pl.DataFrame, columns: tuple[str, ...]) -> Iterator[Issue]:
    differs = [pl.col(column) != pl.col(f"{column}_right") for column in columns]
    wrong = compared.filter(pl.any_horizontal(differs)).sort("game_pk")
    for row in wrong.iter_rows(named=True):
        pairs = [(column, row[column], row[f"{column}_right"]) for column in columns]
        told = examples(f"{column} {one} against {other}" for column, one, other in pairs if one != other)
        where = f" club {row['team_id']}" if "team_id" in row else ""
        yield Issue(rule, name, "error", f"game {row['game_pk']}{where}: {told}", 1, (row["game_pk"],))
