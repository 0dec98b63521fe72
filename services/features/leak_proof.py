"""Proof that rows know nothing of their own day or later: computed again without the future, and compared.

Two proofs, to the bit. *Counted again*: the people, clubs and parks of sampled games from their own plays
before the day, by `recount`, with the league's cells as stored. *Replayed*: the day and the one before it
built again with everything that happened on the day wiped out; what states and features stand on may not
change. The first does not trust the arrays of the build, the second covers every table there is.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from services.features import build, warehouse, windows
from services.features.build import Season
from services.features.recount import involved, recount
from services.features.stored import Stored
from shared import tables
from shared.errors import Rejected
from shared.ports import Merged, Warehouse
from shared.states import CLUB, LAYOUTS, LEAGUE, States
from shared.tables import Table

Rows = Mapping[str, pl.DataFrame]

DAYS_PROVED = 4  # a build of more days has its sample on this many of them
GOES_BACK = timedelta(days=40)  # from the states stored then, a sampled entity is counted again
WEEK = timedelta(days=7)
_BY_GAME = {"game_features_daily": ("game_pk",), "player_features_daily": ("game_pk", "player_id", "role")}
_DATES = (
    "completed_date",
    "day",
    "as_of",
    "transaction_date",
    "game_date",
)  # the first that a frame has says when it was known
_KNOWN_BEFORE = {
    *_DATES, "season", "game_type", "game_number", "is_home", "is_top", "at_bat_index", "batting_slot",
    "bat_side", "pitch_hand", "position", "is_starting_pitcher", "is_plate_appearance", "day_night",
    "temperature_f", "wind", "weather_condition", "latitude", "longitude", "azimuth", "roof_type",
    "forecast_temperature_f", "forecast_wind_mph", "forecast_wind_from",
}  # fmt: skip


class LeakFound(Rejected):
    """Rows know what only the future knew: the build publishes nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows were compared, and for each that differs its table, key and columns."""

    rows: int = 0
    mismatches: tuple[str, ...] = ()

    def __add__(self, other: "Compared") -> "Compared":
        return Compared(self.rows + other.rows, self.mismatches + other.mismatches)


def sampled_days(days: Sequence[date], entities: int, seed: str) -> dict[date, int]:
    """Return some of `days`, each with how many entities are drawn on it; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - a sample, not a secret
    chosen = sorted(dice.sample(days, min(DAYS_PROVED, entities, len(days))))
    return {day: -(-entities // len(chosen)) for day in chosen}


def drawn(rows: Rows, day: date, entities: int, seed: str) -> list[int]:
    """Return the games of entities drawn in turn among a day's games, its batters and its starters.

    A batter is drawn by himself: a game in which many bat is not likelier than its men make it.
    """
    players = rows["player_features_daily"].filter(pl.col("game_date") == day)
    games = rows["game_features_daily"].filter(pl.col("game_date") == day)["game_pk"]
    kinds = [games, *(players.filter(pl.col("role") == role)["game_pk"] for role in ("batter", "starter"))]
    dice = random.Random(f"{seed}/{day}")  # noqa: S311
    urns = [kind.sort().to_list() for kind in kinds if not kind.is_empty()]
    return sorted({dice.choice(urns[turn % len(urns)]) for turn in range(entities)}) if urns else []


def count_again(
    store: Warehouse, season: Season, rows: Rows, leagues: pl.DataFrame, sample: Collection[int], first: date
) -> Compared:
    """Compare the rows of sampled games with those from plays of the last weeks, before each one's date.

    Exact: a state is its last one, decayed, plus the day; so an earlier state that was proved in its turn
    and every play since give the same bits as all plays do, at a cost that does not grow with history.

    Args:
        store: where plays, and the states stored before `first`, are read.
        season: games, line-ups and hands of the rows.
        rows: of every table, as computed.
        leagues: league_states of all days before; those of a game's own day and later are left aside.
        sample: game_pks.
        first: the first day that is being built: what stands from there on is about to be replaced.
    """
    games = season.games.filter(pl.col("game_pk").is_in(sample))
    stored, told = Stored(store, rows, leagues), Compared()
    for (day,), own in games.partition_by("game_date", as_dict=True, maintain_order=True).items():
        lineups = _of(season.lineups, own)
        who = involved(own, lineups)
        earlier = min(day - GOES_BACK, first)
        but_clubs = {key: ids for key, ids in who.items() if key != CLUB.key}  # ratings need every club
        known = warehouse.states_of(store, earlier, but_clubs)
        states = recount(store, day, who, stored, known)
        told += same_games(rows, build.model_rows(states, season, own), own)
    return told


def count_week_again(store: Warehouse, season: Season, rows: Rows, leagues: pl.DataFrame) -> Compared:
    """Compare the rows of every game of `season` with those from all plays since the first one known.

    Everybody is counted from his first play, a year at a time so that memory stays flat; then day by day.
    """
    games, told = season.games.sort("game_date", "game_pk"), Compared()
    if games.is_empty():
        return told
    who = _with_every_club(store, involved(games, season.lineups), games["game_date"][0])
    stored, known = Stored(store, rows, leagues), None
    for year in leagues["as_of"].dt.year().unique().sort()[1:]:
        known = recount(store, date(year, 1, 1), who, stored, known)
    for (day,), own in games.partition_by("game_date", as_dict=True, maintain_order=True).items():
        known = recount(store, day, who, stored, known)
        told += same_games(rows, build.model_rows(known, season, own), own)
    return told


def _with_every_club(store: Warehouse, who: dict[str, list[int]], day: date) -> dict[str, list[int]]:
    """Return the same people with every club: ratings hang together."""
    standing = warehouse.states_of(store, day, {key: [] for key in who.keys() - {CLUB.key}})
    clubs = standing.clubs.ids.tolist() if standing else []
    return who | {CLUB.key: sorted({*who[CLUB.key], *clubs})}


def replay(season: Season, states: States, rows: Rows, days: Sequence[date], day: date) -> Compared:
    """Build `day` and the one before it again with `day` wiped out; compare states before it, features of it.

    Args:
        season: what `rows` were computed from.
        states: as of before the first of `days`.
        rows: every table, as computed.
        days: the days of `rows`, ascending.
        day: one of them.
    """
    at = days.index(day)
    again = list(days[max(at - 1, 0) : at + 1])
    before = _states_before(states, rows, again[0])
    past = wiped(season, day)
    _, built = build.build(before, past, again, dict.fromkeys(again, ""))
    told = Compared()
    for name, frame in built.items():
        definition = tables.table(name)
        told += _same(definition, *(_known_before(one, definition, again) for one in (rows[name], frame)))
    return told


def replay_windows(store: Warehouse, season: Season, rows: Rows, days: Sequence[date], day: date) -> Compared:
    """Make the windows of the days up to `day` again with `day` wiped out, and compare them.

    Args:
        store: where they read what is not in the season.
        season: what `rows` were computed from.
        rows: every table, as computed.
        days: the days of `rows`, ascending.
        day: one of them.
    """
    again = [one for one in days if one <= day]
    veiled = _Veiled(store, day, _known_later(season.games, day))
    states = rows["club_states"].filter(pl.col("as_of") < day)
    told = Compared()
    for names, compute in windows.PARTS.items():
        if set(names) <= set(rows):
            for name, frame in compute(veiled, wiped(season, day), states, again).items():
                definition = tables.table(name)
                shown = (_known_before(one, definition, again) for one in (rows[name], frame))
                told += _same(definition, *shown)
    return told


@dataclass(frozen=True)
class _Veiled:
    """A warehouse in whose answers nothing happened on a day or later."""

    store: Warehouse
    day: date
    games: pl.Series

    def ensure(self, table: Table) -> None:
        """Create the table, as ever."""
        self.store.ensure(table)

    def merge(
        self,
        table: Table,
        rows: pl.DataFrame,
        scopes: pl.DataFrame | None = None,  # noqa: ARG002 - as the port has it
    ) -> Merged:
        """Refuse: what is proved is not written."""
        raise Rejected(
            f"{table.full_name}: expected nothing to be written in a proof, got {rows.height} rows"
        )

    def query(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Ask, and wipe out what the answer should not know."""
        return _wiped(self.store.query(sql, **parameters), self.day, self.games)


def wiped(season: Season, day: date) -> Season:
    """Return the season as one knows it before `day`: who plays whom, and nothing of what happened."""
    known_later = _known_later(season.games, day)
    frames = {one.name: getattr(season, one.name) for one in fields(season)}
    return replace(season, **{name: _wiped(frame, day, known_later) for name, frame in frames.items()})


def _known_later(games: pl.DataFrame, day: date) -> pl.Series:
    return games.filter(pl.max_horizontal("game_date", "completed_date") >= day)["game_pk"]


def _wiped(frame: pl.DataFrame, day: date, games: pl.Series) -> pl.DataFrame:
    dated = next((name for name in _DATES if name in frame.columns), None)
    if dated is None:
        return frame
    later = pl.col(dated) >= day
    if "game_pk" in frame.columns:
        later |= pl.col("game_pk").is_in(games.implode())
    happened = [
        name for name in frame.columns if name not in _KNOWN_BEFORE and name[-3:] not in {"_id", "_pk"}
    ]
    return frame.with_columns(
        pl.when(later).then(_nothing(frame.schema[name])).otherwise(pl.col(name)).alias(name)
        for name in happened
    )


def _nothing(dtype: pl.DataType) -> pl.Expr:
    return pl.lit("" if dtype == pl.String else 0).cast(dtype)


def _states_before(states: States, rows: Rows, day: date) -> States:
    """Return the states before `day` from those before the build and the rows it made since."""
    if day <= states.as_of + timedelta(days=1):
        return states
    standing = states.tables()
    latest = {
        layout.table: pl.concat(
            [standing[layout.table], _until(rows[layout.table], day, standing[layout.table].columns)]
        )
        .sort(layout.key, "as_of")
        .unique(layout.key, keep="last", maintain_order=True)
        for layout in LAYOUTS
    }
    known = rows[LEAGUE.table].filter(pl.col("as_of") < day)["as_of"].max()
    return States.of(known if isinstance(known, date) else states.as_of, latest)


def _until(rows: pl.DataFrame, day: date, columns: list[str]) -> pl.DataFrame:
    return rows.filter(pl.col("as_of") < day).select(columns)


def _known_before(frame: pl.DataFrame, table: Table, again: Sequence[date]) -> pl.DataFrame:
    """Return what a table says but for the last day's outcome: that day's features, or earlier states."""
    features = [field.name for field in table.fields if field.is_feature]
    when = pl.col("game_date" if "game_date" in frame.columns else "as_of")
    if features:
        return frame.filter(when == again[-1]).select(*table.key, *features)
    return frame.filter(when.is_in(again[:-1])).drop("inputs_sha256", strict=False)


def same_games(rows: Rows, again: Rows, games: pl.DataFrame) -> Compared:
    """Compare rows by table and game, labels among them."""
    told = Compared()
    for name, frame in again.items():
        told += _same(tables.table(name), _of(rows[name], games).select(frame.columns), frame)
    return told


def _same(table: Table, built: pl.DataFrame, again: pl.DataFrame) -> Compared:
    keys = list(table.key)
    built, again = (frame.sort(keys) for frame in (built, again))
    if not built.select(keys).equals(again.select(keys)):
        lost = built.join(again, on=keys, how="anti").height
        wrong = f"{table.name}: {lost} of {built.height} rows are not there once the future is removed"
        return Compared(again.height, (wrong,))
    columns = [name for name in again.columns if not built[name].equals(again[name], null_equal=True)]
    return Compared(again.height, tuple(_told(table, built, again, columns)))


def _told(table: Table, built: pl.DataFrame, again: pl.DataFrame, columns: list[str]) -> list[str]:
    if not columns:
        return []
    differs = pl.DataFrame([built[name].ne_missing(again[name]) for name in columns])
    first = again.filter(differs.select(pl.any_horizontal(pl.all())).to_series())
    where = ", ".join(f"{name} {value}" for name, value in first.select(table.key).row(0, named=True).items())
    return [f"{table.name} {where}: {', '.join(columns)} differ once the future is removed"]


def _of(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    return rows.join(games.select("game_pk"), on="game_pk", how="semi", maintain_order="left")
