"""The point-in-time check: computes rows again without the future, and compares them to the bit.

There are two checks. This module recomputes the entities of sampled games from their own plays before the
day (`reference_states.py`), with the league's states as stored; it does not use the build's arrays.
`masked_rebuild.py` builds a day and the one before it again with everything that happened on the day masked;
it covers every table. Both cover every variant of the line-ups.
"""

import random
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import polars as pl

from services.features import warehouse
from services.features.leak_check.frame_diff import ComparisonResult, Rows, same_games
from services.features.leak_check.reference_states import involved_entities, recompute_states
from services.features.leak_check.stored_expectations import StoredExpectations
from services.features.mlb import build
from services.features.mlb.build import SeasonInputs
from shared.errors import Rejected
from shared.modeling.lineup_variants import VARIANTS
from shared.ports import Warehouse
from shared.sports.mlb.states import CLUB

SAMPLED_DAYS = 2  # of a build of more days, so many are sampled
RECOMPUTED_SPAN = timedelta(days=40)  # a sampled entity is recomputed from its state stored so long ago
WEEK = timedelta(days=7)


class LeakFound(Rejected):
    """Rows differ once the future is removed: the build publishes nothing."""


def sampled_days(days: Sequence[date], entities: int, seed: str) -> dict[date, int]:
    """Return some of `days`, each with how many entities are drawn on it; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    chosen = sorted(rng.sample(days, min(SAMPLED_DAYS, entities, len(days))))
    return {day: -(-entities // len(chosen)) for day in chosen}


def sample_games(rows: Rows, day: date, entities: int, seed: str) -> list[int]:
    """Return the games of entities drawn by turns from a day's games, its batters and its starters.

    Batters are drawn one by one, so a game is as likely as it has batters.
    """
    posted = (pl.col("game_date") == day) & (pl.col("variant") == "confirmed")
    players = rows["player_features_daily"].filter(posted)
    games = rows["game_features_daily"].filter(posted)["game_pk"]
    kinds = [games, *(players.filter(pl.col("role") == role)["game_pk"] for role in ("batter", "starter"))]
    rng = random.Random(f"{seed}/{day}")  # noqa: S311
    pools = [kind.sort().to_list() for kind in kinds if not kind.is_empty()]
    return sorted({rng.choice(pools[turn % len(pools)]) for turn in range(entities)}) if pools else []


def recompute_and_compare(
    store: Warehouse,
    season: SeasonInputs,
    rows: Rows,
    leagues: pl.DataFrame,
    sample: Collection[int],
    first: date,
) -> ComparisonResult:
    """Compare the rows of sampled games with those from plays of the last weeks, before each one's date.

    Exact: a state is its last one, decayed, plus the day; so an earlier state that was checked in its turn
    and every play since give the same bits as all plays do, at a cost that does not grow with history.

    Args:
        store: where plays, and the states stored before `first`, are read.
        season: games, line-ups and hands of the rows.
        rows: of every table, as computed.
        leagues: league_states of all days before; those of a game's own day and later are left aside.
        sample: game_pks.
        first: the first day that is being built: stored rows from there on are about to be replaced.
    """
    games = season.games.filter(pl.col("game_pk").is_in(sample))
    stored, compared = StoredExpectations(store, rows, leagues), ComparisonResult()
    for (day,), own in games.partition_by("game_date", as_dict=True, maintain_order=True).items():
        who = involved_entities(own, _all_lineups(season, own))
        earlier = min(day - RECOMPUTED_SPAN, first)
        but_clubs = {key: ids for key, ids in who.items() if key != CLUB.key}  # ratings need every club
        known = warehouse.states_of(store, earlier, but_clubs)
        states = recompute_states(store, day, who, stored, known)
        compared += same_games(rows, build.model_rows(states, build.known_before(season, day), own), own)
    return compared


def recompute_week(
    store: Warehouse, season: SeasonInputs, rows: Rows, leagues: pl.DataFrame
) -> ComparisonResult:
    """Compare the rows of every game of `season` with those from all plays since the first one known.

    Everybody is counted from their first play, a year at a time so that memory stays flat; then day by day.
    """
    games, compared = season.games.sort("game_date", "game_pk"), ComparisonResult()
    if games.is_empty():
        return compared
    who = _with_every_club(
        store, involved_entities(games, _all_lineups(season, games)), games["game_date"][0]
    )
    stored, known = StoredExpectations(store, rows, leagues), None
    for year in leagues["as_of"].dt.year().unique().sort()[1:]:
        known = recompute_states(store, date(year, 1, 1), who, stored, known)
    for (day,), own in games.partition_by("game_date", as_dict=True, maintain_order=True).items():
        known = recompute_states(store, day, who, stored, known)
        compared += same_games(rows, build.model_rows(known, build.known_before(season, day), own), own)
    return compared


def _all_lineups(season: SeasonInputs, games: pl.DataFrame) -> pl.DataFrame:
    """Return who bats and pitches in the rows of any variant."""
    return pl.concat(build.variant_lineups(season, games, variant) for variant in VARIANTS)


def _with_every_club(store: Warehouse, who: dict[str, list[int]], day: date) -> dict[str, list[int]]:
    """Return the same entities with every club: ratings depend on each other."""
    states = warehouse.states_of(store, day, {key: [] for key in who.keys() - {CLUB.key}})
    clubs = states.clubs.ids.tolist() if states else []
    return who | {CLUB.key: sorted({*who[CLUB.key], *clubs})}
