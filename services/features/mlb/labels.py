"""What happened, joined to the rows that were computed from the days before."""

import polars as pl

from shared.storage.tables import get_table

HITS = ("single", "double", "triple", "home_run")
_BASES = {"single": 1, "double": 2, "triple": 3, "home_run": 4}
_COUNTS = ("plate_appearances", "strikeouts", "walks", "hits", "home_runs", "total_bases")
# Labels that plays do not count. The table gives them a role, and box scores have them under the same name.
_BOX_LABELS = {
    field.name: field.role
    for field in get_table("player_features_daily").fields
    if field.role and not field.is_feature
}
BOX_LABELS = tuple(_BOX_LABELS)


def label_games(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    """Return game rows with home_score, away_score and home_win (null: a tie)."""
    home, away = pl.col("home_score"), pl.col("away_score")
    won = pl.when(home != away).then((home > away).cast(pl.Int64))
    scores = games.select("game_pk", "home_score", "away_score", home_win=won)
    return rows.join(scores, on="game_pk", how="left", maintain_order="left")


def label_players(rows: pl.DataFrame, plays: pl.DataFrame, box_lines: pl.DataFrame) -> pl.DataFrame:
    """Return player rows with what each did at bat, or on the mound; 0 for one who did nothing.

    Labels are null for one who was not posted and took no part, neither at bat nor on the mound as their role
    has it: a forecast of them is not graded. The rows of a game without plays, such as a forfeit, are left
    out: what players did in it is unknown. A label from box scores is null where the game has no box score.

    Args:
        rows: game_pk, player_id, role, variant and features.
        plays: the games' plate appearances.
        box_lines: game_pk, player_id and `BOX_LABELS`, a row per player and game.
    """
    rows = rows.join(plays.select("game_pk").unique(), on="game_pk", how="semi", maintain_order="left")
    batting = _label_counts(plays, "batter_id", pl.col("rbi").sum().alias("rbis")).with_columns(
        role=pl.lit("batter")
    )
    outs = (pl.col("outs_after") - pl.col("outs_before")).sum().alias("outs")
    pitching = _label_counts(plays, "pitcher_id", outs).with_columns(role=pl.lit("starter"))
    done = pl.concat([batting, pitching], how="diagonal")
    labelled = rows.join(done, on=["game_pk", "player_id", "role"], how="left", maintain_order="left")
    labelled = labelled.with_columns(
        took_part=(pl.col("variant") == "confirmed") | pl.col("plate_appearances").is_not_null()
    )
    labelled = labelled.with_columns(
        pl.when("took_part").then(pl.col(*_COUNTS).fill_null(0)),
        rbis=pl.when((pl.col("role") == "batter") & pl.col("took_part")).then(pl.col("rbis").fill_null(0)),
        outs=pl.when((pl.col("role") == "starter") & pl.col("took_part")).then(pl.col("outs").fill_null(0)),
    )
    return _add_box_labels(labelled, box_lines).drop("took_part")


def box_label_columns() -> tuple[str, ...]:
    """Return the columns of the query for labels that plays do not count."""
    return ("game_pk", "game_date", "player_id", *(f"sum({name}) as {name}" for name in BOX_LABELS))


def _add_box_labels(rows: pl.DataFrame, box_lines: pl.DataFrame) -> pl.DataFrame:
    lines = box_lines.select("game_pk", "player_id", *BOX_LABELS)
    joined = rows.join(lines, on=["game_pk", "player_id"], how="left", maintain_order="left")
    has_box_score = pl.col("game_pk").is_in(lines["game_pk"].unique().implode())
    return joined.with_columns(
        pl.when(has_box_score & pl.col("took_part") & (pl.col("role") == role))
        .then(pl.col(name).fill_null(0))
        .alias(name)
        for name, role in _BOX_LABELS.items()
    )


def _label_counts(plays: pl.DataFrame, who: str, more: pl.Expr) -> pl.DataFrame:
    outcome = pl.col("outcome")
    return plays.group_by("game_pk", player_id=who).agg(
        pl.col("is_plate_appearance").sum().cast(pl.Int64).alias("plate_appearances"),
        (outcome == "strikeout").sum().cast(pl.Int64).alias("strikeouts"),
        (outcome == "walk").sum().cast(pl.Int64).alias("walks"),
        outcome.is_in(HITS).sum().cast(pl.Int64).alias("hits"),
        (outcome == "home_run").sum().cast(pl.Int64).alias("home_runs"),
        outcome.replace_strict(_BASES, default=0, return_dtype=pl.Int64).sum().alias("total_bases"),
        more,
    )
