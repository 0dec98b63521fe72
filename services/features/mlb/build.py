"""Day by day from the states before to the states after: rows are made first, then the day is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from services.features import warehouse
from services.features.mlb import labels, projected_lineups
from shared.modeling.lineup_variants import VARIANTS, Variant
from shared.ports import Warehouse
from shared.sports.mlb import game_types, matchup
from shared.sports.mlb.states import Entities, States, advance_states

_NO_NINES = pl.DataFrame(
    schema={"game_pk": pl.Int64, "game_date": pl.Date, "team_id": pl.Int64, "player_id": pl.Int64}
    | {"batting_slot": pl.Int64, "position": pl.String}
)
_NO_NOTICES = pl.DataFrame(
    schema={"transaction_id": pl.Int64, "transaction_date": pl.Date, "effective_date": pl.Date}
    | {"player_id": pl.Int64, "type_code": pl.String, "words": pl.String}
)
_NO_BOX_LINES = pl.DataFrame(
    schema={"game_pk": pl.Int64, "game_date": pl.Date, "player_id": pl.Int64}
    | dict.fromkeys(labels.BOX_LABELS, pl.Int64())
)


@dataclass(frozen=True)
class SeasonInputs:
    """What some days are computed from: finished games, their plays, line-ups, hands and box scores.

    `posted_nines` and `notices` are what line-ups are projected from: nines of the days and of the latest
    games before them, and notices of players' movements from a year before. Of both, a day's projection
    reads what is older than the day.
    """

    games: pl.DataFrame
    plays: pl.DataFrame
    lineups: pl.DataFrame
    hands: pl.DataFrame
    posted_nines: pl.DataFrame = field(default_factory=_NO_NINES.clear)
    notices: pl.DataFrame = field(default_factory=_NO_NOTICES.clear)
    box_lines: pl.DataFrame = field(default_factory=_NO_BOX_LINES.clear)  # labels that plays do not count


def read_season(store: Warehouse, days: list[date]) -> SeasonInputs:
    """Return what the rows and states of `days` (ascending) are computed from."""
    span = {"first": days[0], "last": days[-1]}
    games = warehouse.query_named(store, "finished_games", **span, game_types=list(game_types.FORECAST))
    played = {
        "first": min(games["game_date"], default=days[0]),
        "last": max(games["game_date"], default=days[-1]),
        "game_pks": games["game_pk"].to_list(),
    }
    return SeasonInputs(
        games,
        warehouse.query_named(store, "plays", **played),
        warehouse.query_named(store, "lineups", **played),
        warehouse.query_named(store, "hands"),
        projected_lineups.read_posted_nines(store, days[0], days[-1]),
        warehouse.query_named(store, "notices", **span),
        box_lines=_read_box_labels(store, played),
    )


def _read_box_labels(store: Warehouse, played: dict[str, Any]) -> pl.DataFrame:
    return warehouse.query_template(store, "box_labels", labels.box_label_columns(), {}, **played)


def build_days(
    states: States,
    season: SeasonInputs,
    days: list[date],
    hashes: dict[date, str],
    variants: Sequence[Variant] = VARIANTS,
) -> tuple[States, dict[str, pl.DataFrame]]:
    """Return the states after `days` (ascending) and the rows of states, games and players for them.

    States are advanced once; the match-up is assembled once for each variant of the line-ups.

    Args:
        states: as of before the first of `days`.
        season: what was read for them.
        days: every day on which a game was played or its result became known.
        hashes: for each day, what it was computed from.
        variants: which rows of games and players to compute.
    """
    games = season.games.filter(pl.col("game_date").is_in(days)).sort("game_date", "game_pk")
    slates = _build_slates(season, games, variants)
    playing = games["game_date"].to_numpy()
    completed, plays = _by_day(season.games), _by_day(_known_results(season))
    seen: dict[Variant, list[matchup.EntityStates]] = {variant: [] for variant in variants}
    updated = []
    for day in days:
        of_day = np.flatnonzero(playing == np.datetime64(day))
        for variant, who in slates.items():
            seen[variant].append(matchup.EntityStates.from_states(states, who.select_games(of_day)))
        no_plays, no_games = season.plays.clear(), season.games.clear()
        states = advance_states(states, plays.get((day,), no_plays), completed.get((day,), no_games), day)
        updated.append([kind.updated_on(day) for kind in states.all_entities])
    known = {variant: matchup.EntityStates.concat(daily) for variant, daily in seen.items()}
    return states, _variant_rows(season, games, slates, known) | _state_rows(updated, hashes)


def model_rows(
    states: States, season: SeasonInputs, games: pl.DataFrame, variants: Sequence[Variant] = VARIANTS
) -> dict[str, pl.DataFrame]:
    """Return the labelled game and player rows of `games`, from states as of before all of them."""
    slates = _build_slates(season, games, variants)
    known = {variant: matchup.EntityStates.from_states(states, who) for variant, who in slates.items()}
    return _variant_rows(season, games, slates, known)


def variant_lineups(season: SeasonInputs, games: pl.DataFrame, variant: Variant) -> pl.DataFrame:
    """Return who bats and pitches in `games` as the rows of a variant have it, as `fill_lineups` returns it.

    Projected and unknown line-ups have the starters who were announced, or, where the schedule names none,
    those who were posted: starters are known a day ahead.
    """
    if variant == "confirmed":
        return matchup.fill_lineups(games, season.lineups, _NO_NINES, season.hands)
    nines = _projected_nines(season, games) if variant == "projected" else _NO_NINES
    announced = _with_known_starters(games, season.lineups)
    return matchup.fill_lineups(announced, season.lineups.clear(), nines, season.hands)


def known_before(season: SeasonInputs, day: date) -> SeasonInputs:
    """Return the season without the nines that were posted on `day` or later."""
    return replace(season, posted_nines=season.posted_nines.filter(pl.col("game_date") < day))


def without_posted_nines(season: SeasonInputs) -> SeasonInputs:
    """Return the season with the starters of its line-ups alone: what projected rows may know of games."""
    starters = season.lineups.filter("is_starting_pitcher").with_columns(
        batting_slot=pl.lit(None, pl.Int64), position=pl.lit("P")
    )
    return replace(season, lineups=starters)


def _build_slates(
    season: SeasonInputs, games: pl.DataFrame, variants: Sequence[Variant]
) -> dict[Variant, matchup.Slate]:
    return {name: matchup.build_slate(games, variant_lineups(season, games, name)) for name in variants}


def _projected_nines(season: SeasonInputs, games: pl.DataFrame) -> pl.DataFrame:
    """Return both clubs' projected nines of each game, by game_pk.

    A player of both clubs' latest nines, traded between them, bats for the one they started for last.
    """
    clubs = pl.concat(
        games.select("game_pk", day="game_date", team_id=f"{side}_team_id") for side in ("home", "away")
    )
    absent = projected_lineups.absences(season.notices, games["game_date"].unique().sort().to_list())
    nines = projected_lineups.project_nines(clubs.select("day", "team_id"), season.posted_nines, absent)
    found = clubs.join(nines, on=["day", "team_id"], maintain_order="left")
    last_first = found.sort("game_date", descending=True, maintain_order=True)
    return last_first.unique(["game_pk", "player_id"], keep="first", maintain_order=True)


def _with_known_starters(games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return games with the posted starter where no probable pitcher is named."""
    posted = lineups.filter("is_starting_pitcher").select("game_pk", "team_id", posted="player_id")
    posted = posted.unique(["game_pk", "team_id"], keep="first", maintain_order=True)
    for side in ("home", "away"):
        name, club = f"{side}_probable_pitcher_id", f"{side}_team_id"
        named = games.join(
            posted,
            left_on=["game_pk", club],
            right_on=["game_pk", "team_id"],
            how="left",
            maintain_order="left",
        )
        games = named.with_columns(pl.coalesce(pl.col(name).cast(pl.Int64), "posted").alias(name)).drop(
            "posted"
        )
    return games


def _variant_rows(
    season: SeasonInputs,
    games: pl.DataFrame,
    slates: dict[Variant, matchup.Slate],
    known: dict[Variant, matchup.EntityStates],
) -> dict[str, pl.DataFrame]:
    """Return the labelled rows of all variants, one after the other."""
    built_games, built_players = [], []
    for variant, who in slates.items():
        expected = matchup.expected_matchup(who, known[variant])
        named = pl.lit(variant).alias("variant")
        built_games.append(matchup.assembled_game_rows(games, expected).with_columns(named))
        built_players.append(matchup.assembled_player_rows(games, expected).with_columns(named))
    return {
        "game_features_daily": labels.label_games(pl.concat(built_games), games),
        "player_features_daily": labels.label_players(
            pl.concat(built_players), season.plays, season.box_lines
        ),
    }


def _known_results(season: SeasonInputs) -> pl.DataFrame:
    return season.plays.join(season.games.select("game_pk", "completed_date"), on="game_pk")


def _by_day(rows: pl.DataFrame) -> dict[tuple[object, ...], pl.DataFrame]:
    return rows.partition_by("completed_date", as_dict=True)


def _state_rows(updated: list[list[Entities]], hashes: dict[date, str]) -> dict[str, pl.DataFrame]:
    kinds = (Entities.concat(daily) for daily in zip(*updated, strict=True))
    rows = {kind.layout.table: kind.to_frame() for kind in kinds}
    inputs = pl.col("as_of").replace_strict(hashes, return_dtype=pl.String)
    rows["league_states"] = rows["league_states"].with_columns(inputs_sha256=inputs)
    return rows
