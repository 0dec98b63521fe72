"""Checks a batch as a whole, though each row may be good: rules on accepted rows, listed in `RULES`.

Every rule takes the batch and its phase and yields issues. Errors lower the grade through the games they
name (`grading.py`); warnings are only reported.
"""

from collections.abc import Callable, Iterator

import polars as pl

from services.validator.batch_reader import Batch
from services.validator.grading import PhaseRequirements
from services.validator.mlb.totals import club_totals, format_examples, line_score, pitch_totals, runs_by_play
from shared.storage.staging import Issue
from shared.storage.tables import get_table

CLUB_COUNT = 30
ROSTER_RANGE = (24, 28)
EXPANDED_ROSTER = 40  # in September, before 2020
PITCHES_ERROR, PITCHES_WARNING = 150, 200  # a full game has about 300
PITCHES_OPTIONAL_TYPES = ["S", "E", "A"]  # types of games that may lack pitches in a batch of any phase
MIN_MEASURED_SHARE = 0.5  # share of balls in play with an exit velocity, where any has one
MIN_HISTORY_DAYS, MAX_DEVIATIONS = 10, 5.0  # of `daily_anomalies`: standard deviations from the mean
MEASURES = ("runs", "strikeouts", "pitches_thrown")
Rule = Callable[[Batch, PhaseRequirements], Iterator[Issue]]


def failed_requests(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """Every request was answered by some source."""
    for failure in batch.manifest.failures:
        games = () if failure.game_pk is None else (failure.game_pk,)
        message = f"{failure.source} did not answer {failure.request}: {failure.error}"
        yield Issue("failure", "", "error", message, games=games)


def unknown_columns(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """No source has a column that is not known."""
    for name, columns in batch.manifest.unknown_columns.items():
        yield Issue("unknown_columns", name, "warning", f"stored in `extra`: {', '.join(columns)}")


def pitch_fallbacks(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """Every game's pitches come from the source of first choice."""
    for one in batch.manifest.fallbacks:
        message = f"game {one.game_pk}: pitches from {one.used} instead of {one.preferred}: {one.reason}"
        yield Issue("fallbacks", "statcast_pitches", "warning", message, games=(one.game_pk,))


def player_coverage(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """Every player in the box score or a play has a line."""
    for game, players in missing_player_lines(batch).items():
        message = f"game {game}: no line for {', '.join(map(str, sorted(players)))}"
        yield Issue("player_coverage", "player_stats_historical", "error", message, len(players), (game,))


def played_games(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """A finished game has lines and plays."""
    for name in ("player_stats_historical", "plate_appearances"):
        seen = batch.table_rows(name)["game_pk"].unique().implode()
        empty = batch.final_games.filter(~pl.col("game_pk").is_in(seen))["game_pk"].sort()
        if len(empty):
            message = f"final without a row: {format_examples(map(str, empty))}"
            yield Issue("played_games", name, "error", message, games=tuple(empty))


def without_plays(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """A final game has plays; one without keeps its box score, and is named."""
    if games := batch.manifest.without_plays:
        message = f"final without plays, the other rows are kept: {format_examples(map(str, games))}"
        yield Issue("without_plays", "plate_appearances", "warning", message, games=games)


def pitch_counts(batch: Batch, phase: PhaseRequirements) -> Iterator[Issue]:
    """A full-length finished game has 200 pitches or more; where Statcast is optional, if it has any."""
    pitches, full_length = pl.col("pitches"), pl.col("full_length")
    counted = batch.table_rows("statcast_pitches").group_by("game_pk").agg(pitches=pl.len())
    games = batch.final_games.select("game_pk", "game_type", full_length=~_is_shortened()).join(
        counted, "game_pk", "left"
    )
    optional = pl.col("game_type").is_in(PITCHES_OPTIONAL_TYPES) | pl.lit(not phase.statcast)
    expected = games.filter(pitches.is_not_null() | ~optional).with_columns(pitches.fill_null(0))
    few = expected.filter(pitches < PITCHES_WARNING, full_length | (pitches == 0)).sort("game_pk")
    for game, count in few.select("game_pk", "pitches").iter_rows():
        severity = "error" if count < PITCHES_ERROR else "warning"
        message = f"game {game}: expected {PITCHES_WARNING} pitches or more, got {count}"
        yield Issue("pitch_counts", "statcast_pitches", severity, message, count, (game,))


def pitch_types(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """Every pitch type is a known code; a new one is kept and reported."""
    pitches = batch.table_rows("statcast_pitches")
    known = next(field.values for field in get_table("statcast_pitches").fields if field.name == "pitch_type")
    new = pitches.filter(~pl.col("pitch_type").is_in(list(known)))
    if new.height:
        codes = ", ".join(new["pitch_type"].unique().sort())
        message = f"expected one of {' '.join(known)}, got {codes}"
        yield Issue("pitch_types", "statcast_pitches", "warning", message, new.height)


def pitch_calls(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """Every description of a pitch has a call; one without is kept and reported."""
    described = pl.col("description").is_not_null() & pl.col("call_code").is_null()
    without = batch.table_rows("statcast_pitches").filter(described)
    if without.height:
        words = format_examples(without["description"].unique().sort())
        message = f"expected descriptions with a known call, got {words}"
        yield Issue("pitch_calls", "statcast_pitches", "warning", message, without.height)


def exit_velocities(batch: Batch, phase: PhaseRequirements) -> Iterator[Issue]:
    """Balls in play were measured, where the source measures at all and the phase expects it."""
    hit = batch.table_rows("statcast_pitches").filter(pl.col("is_in_play"))
    share = hit["launch_speed"].is_not_null().mean() if hit.height else 0.0
    if phase.exit_velocity and isinstance(share, float) and 0 < share < MIN_MEASURED_SHARE:
        message = f"expected an exit velocity for most balls in play, {share:.0%} have one"
        yield Issue("exit_velocities", "statcast_pitches", "warning", message, hit.height)


def club_counts(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """A day's standings name thirty clubs, and the batch has at least as many.

    A batch of games alone has only the clubs that play, and exhibitions have guest clubs.
    """
    standings = batch.table_rows("standings_historical")
    days = standings.group_by("standings_date").agg(clubs=pl.col("team_id").n_unique()).sort("standings_date")
    for day, clubs in days.filter(pl.col("clubs") != CLUB_COUNT).iter_rows():
        message = f"{day}: expected {CLUB_COUNT} clubs, got {clubs}"
        yield Issue("club_counts", "standings_historical", "error", message, clubs)
    clubs = batch.table_rows("teams_historical")["team_id"].n_unique()
    if standings.height and clubs < CLUB_COUNT:
        message = f"expected {CLUB_COUNT} clubs or more, got {clubs}"
        yield Issue("club_counts", "teams_historical", "error", message, clubs)


def roster_sizes(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """An active roster has 24 to 28 players; up to 40 in the Septembers before 2020."""
    day = pl.col("roster_date").dt
    expanded = (day.year() < 2020) & (day.month() >= 9)
    most = pl.when(expanded).then(EXPANDED_ROSTER).otherwise(ROSTER_RANGE[1])
    active = batch.table_rows("rosters_historical").filter(pl.col("roster_type") == "active")
    sizes = active.group_by("roster_date", "team_id").agg(players=pl.col("player_id").n_unique())
    odd = sizes.filter(~pl.col("players").is_between(pl.lit(ROSTER_RANGE[0]), most)).sort(
        "roster_date", "team_id"
    )
    if odd.height:
        details = format_examples(f"{when} club {club}: {players}" for when, club, players in odd.iter_rows())
        message = f"expected {ROSTER_RANGE[0]} to {ROSTER_RANGE[1]} on an active roster, got {details}"
        yield Issue("roster_sizes", "rosters_historical", "warning", message, odd.height)


def daily_anomalies(batch: Batch, _phase: PhaseRequirements) -> Iterator[Issue]:
    """A day's mean club-game is within five standard deviations of the last thirty days' means."""
    past = batch.history.row(0, named=True) if batch.history.height else {"days": 0}
    if past["days"] < MIN_HISTORY_DAYS:
        return
    clubs = batch.final_game_rows("team_stats_historical").group_by("game_date")
    days = clubs.agg(pl.col(MEASURES).mean()).sort("game_date")
    for name in MEASURES:
        mean, deviation = past[f"{name}_mean"], past[f"{name}_deviation"]
        for when, value in days.select("game_date", name).drop_nulls().iter_rows():
            if deviation and abs(value - mean) > MAX_DEVIATIONS * deviation:
                usual = f"{mean:.2f} ± {deviation:.2f}"
                message = f"{when}: {name} per club and game {value:.2f}, recently {usual}"
                yield Issue("anomalies", "team_stats_historical", "warning", message)


RULES: tuple[Rule, ...] = (
    failed_requests,
    unknown_columns,
    pitch_fallbacks,
    player_coverage,
    played_games,
    without_plays,
    pitch_counts,
    pitch_types,
    pitch_calls,
    exit_velocities,
    club_counts,
    roster_sizes,
    club_totals,
    line_score,
    runs_by_play,
    pitch_totals,
    daily_anomalies,
)


def missing_player_lines(batch: Batch) -> dict[int, set[int]]:
    """Return, by game, the players named by a box score or a play who have no line."""
    found = {int(game): set(players) for game, players in batch.manifest.missing_players.items()}
    plays = batch.table_rows("plate_appearances")
    named = pl.concat(plays.select("game_pk", player_id=who) for who in ("batter_id", "pitcher_id")).unique()
    lines = batch.table_rows("player_stats_historical").select("game_pk", "player_id")
    for game, player in named.join(lines, ["game_pk", "player_id"], "anti").iter_rows():
        found.setdefault(game, set()).add(player)
    return {game: players for game, players in sorted(found.items()) if players}


def _is_shortened() -> pl.Expr:
    early = pl.col("detailed_state").str.starts_with("Completed Early")
    return early | (pl.min_horizontal("innings", "scheduled_innings") < 9).fill_null(value=False)
