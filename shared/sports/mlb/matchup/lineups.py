"""Who bats and who pitches: posted line-ups, projections where none is posted, and both as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import polars as pl

from shared.modeling.lineup_variants import VARIANTS
from shared.sports.mlb.states.entities import Integers

LEFT, RIGHT, UNKNOWN, SWITCH = range(4)
SIDE_CODES = {"L": LEFT, "R": RIGHT, "S": SWITCH}
HAND_CODES = {"L": LEFT, "R": RIGHT}
LINEUP_STATUSES = VARIANTS[::-1]
CONFIRMED = LINEUP_STATUSES.index("confirmed")
_STATUS_CODES = {source: code for code, source in enumerate(LINEUP_STATUSES)}
NOBODY = -1
HOME, AWAY = 0, 1
_COLUMNS = ("game_pk", "team_id", "player_id", "batting_slot", "is_starting_pitcher", "position", "source")


def fill_lineups(
    games: pl.DataFrame, confirmed: pl.DataFrame, recent: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return who bats and pitches in each game, with hands, and where each line-up came from.

    Args:
        games: game_pk, home_team_id, away_team_id, home_probable_pitcher_id, away_probable_pitcher_id.
        confirmed: game_pk, team_id, player_id, batting_slot (null: does not bat), is_starting_pitcher,
            position; posted line-ups of these games, may be empty.
        recent: team_id, player_id, batting_slot, position: each club's latest starting nine; with game_pk,
            the latest before each game.
        people: person_id, bat_side, pitch_hand.

    Returns:
        game_pk, team_id, player_id, batting_slot, is_starting_pitcher, position, bat_side, pitch_hand,
        source ("confirmed" or "projected"). A club without either has no rows; a club without posted
        starter gets its probable pitcher, who also takes the place of a pitcher projected to bat.
    """
    clubs = _clubs_of_games(games)
    posted = confirmed.join(clubs, on=["game_pk", "team_id"], how="semi")
    posted = posted.with_columns(source=pl.lit("confirmed")).select(_COLUMNS)
    batting = posted.filter(pl.col("batting_slot").is_not_null())
    projected = _projected_lineups(clubs.join(batting, on=["game_pk", "team_id"], how="anti"), recent)
    pitching = posted.filter("is_starting_pitcher")
    probable = _probable_starters(clubs.join(pitching, on=["game_pk", "team_id"], how="anti"))
    everyone = pl.concat([posted, projected, probable]).unique(
        ["game_pk", "team_id", "player_id"], keep="first", maintain_order=True
    )
    hands = people.select("bat_side", "pitch_hand", player_id="person_id")
    return everyone.join(hands, on="player_id", how="left", maintain_order="left")


def _clubs_of_games(games: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        games.select(
            "game_pk",
            team_id=f"{side}_team_id",
            probable=pl.col(f"{side}_probable_pitcher_id").cast(pl.Int64),
        )
        for side in ("home", "away")
    )


def _projected_lineups(clubs: pl.DataFrame, recent: pl.DataFrame) -> pl.DataFrame:
    pitches = (pl.col("position") == "P") & pl.col("probable").is_not_null()
    starts = (pl.col("position") == "P") | (pl.col("player_id") == pl.col("probable")).fill_null(value=False)
    known = [name for name in ("game_pk", "team_id") if name in recent.columns]
    return (
        clubs.join(recent, on=known, maintain_order="left")
        .with_columns(
            player_id=pl.when(pitches).then("probable").otherwise("player_id"),
            is_starting_pitcher=starts,  # one who bats elsewhere too, as a designated hitter
            source=pl.lit("projected"),
        )
        .select(_COLUMNS)
    )


def _probable_starters(clubs: pl.DataFrame) -> pl.DataFrame:
    return (
        clubs.filter(pl.col("probable").is_not_null())
        .with_columns(
            player_id="probable",
            batting_slot=pl.lit(None, pl.Int64),
            is_starting_pitcher=pl.lit(value=True),
            position=pl.lit("P"),
            source=pl.lit("projected"),
        )
        .select(_COLUMNS)
    )


@dataclass(frozen=True)
class Slate:
    """Games as arrays; sides are 0 home and 1 away, slots 0 to 8; NOBODY and UNKNOWN where not known."""

    days: Integers  # (games,), days since 1970-01-01
    seasons: Integers  # (games,)
    clubs: Integers  # (games, 2)
    venues: Integers  # (games,)
    batters: Integers  # (games, 2, 9)
    sides: Integers  # (games, 2, 9): LEFT, RIGHT, UNKNOWN, SWITCH
    pitchers_at_bat: Integers  # (games, 2, 9): 1 where a pitcher bats
    starters: Integers  # (games, 2)
    hands: Integers  # (games, 2): LEFT, RIGHT, UNKNOWN
    sources: Integers  # (games, 2): positions in LINEUP_STATUSES
    catchers: Integers  # (games, 2)
    umpires: Integers  # (games,): behind the plate; known with posted line-ups only

    def __len__(self) -> int:
        return len(self.days)

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Return all parts' games, in order."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))

    def select_games(self, games: Integers) -> Self:
        """Return some of the games, by position."""
        return replace(self, **{part.name: getattr(self, part.name)[games] for part in fields(self)})


def build_slate(games: pl.DataFrame, lineups: pl.DataFrame) -> Slate:
    """Return `games`, in their order, with their line-ups; rows of other games are left aside."""
    placed = _with_positions(games, lineups)
    batting = placed.filter(pl.col("batting_slot").is_between(1, 9))
    pitching = placed.filter(pl.col("is_starting_pitcher"))
    at = tuple(batting[name].to_numpy() for name in ("game", "side", "slot"))
    on_mound = tuple(pitching[name].to_numpy() for name in ("game", "side"))
    shape = (games.height, 2, 9)
    catching = batting.filter(pl.col("position") == "C")
    behind = tuple(catching[name].to_numpy() for name in ("game", "side"))
    from_where = _filled_array(shape[:2], LINEUP_STATUSES.index("unknown"), at[:2], batting["source_code"])
    return Slate(
        games["game_date"].cast(pl.Int32).cast(pl.Int64).to_numpy(),
        games["season"].cast(pl.Int64).to_numpy(),
        games.select("home_team_id", "away_team_id").to_numpy(),
        games["venue_id"].fill_null(0).to_numpy(),
        _filled_array(shape, NOBODY, at, batting["player_id"]),
        _filled_array(shape, UNKNOWN, at, batting["side_code"]),
        _filled_array(shape, 0, at, batting["pitcher_at_bat"]),
        _filled_array(shape[:2], NOBODY, on_mound, pitching["player_id"]),
        _filled_array(shape[:2], UNKNOWN, on_mound, pitching["hand_code"]),
        from_where,
        _filled_array(shape[:2], NOBODY, behind, catching["player_id"]),
        _known_umpires(games, from_where),
    )


def _known_umpires(games: pl.DataFrame, sources: Integers) -> Integers:
    """Return who calls balls and strikes where a line-up is posted: umpires are named no earlier."""
    if "home_plate_umpire_id" not in games.columns:
        return np.full(games.height, NOBODY)
    named = games["home_plate_umpire_id"].cast(pl.Int64).fill_null(NOBODY).to_numpy()
    return np.where((sources == CONFIRMED).any(axis=1), named, NOBODY)


def _with_positions(games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    order = games.select("game_pk", "home_team_id", game=pl.int_range(pl.len()))
    is_pitcher = pl.col("is_starting_pitcher") | (pl.col("position") == "P").fill_null(value=False)
    return lineups.join(order, on="game_pk", maintain_order="left").with_columns(
        side=(pl.col("team_id") != pl.col("home_team_id")).cast(pl.Int64),
        slot=pl.col("batting_slot") - 1,
        side_code=pl.col("bat_side").replace_strict(SIDE_CODES, default=UNKNOWN, return_dtype=pl.Int64),
        hand_code=pl.col("pitch_hand").replace_strict(HAND_CODES, default=UNKNOWN, return_dtype=pl.Int64),
        source_code=pl.col("source").replace_strict(_STATUS_CODES, return_dtype=pl.Int64),
        pitcher_at_bat=(is_pitcher & (pl.col("batting_slot") >= 7)).cast(pl.Int64),
    )


def _filled_array(
    shape: tuple[int, ...], blank: int, at: tuple[Integers, ...], values: pl.Series
) -> Integers:
    filled = np.full(shape, blank, np.int64)
    filled[at] = values.to_numpy()
    return filled
