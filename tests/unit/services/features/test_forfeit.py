"""A forfeit that nobody wrote plays of counts as a game, and features are built over it and after it."""

from datetime import timedelta

import polars as pl
import pytest

from services.features.step import step
from tests.unit.services.features.league import NOON, OPENING_DAY, Book, load, loaded, ports, season, standing

DAYS = 4
NEWEST = OPENING_DAY + timedelta(days=DAYS - 1)
FORFEITS = {  # the other game of the newest day is left out: nothing but a forfeit was played on it
    "amid the season": (1002, season(DAYS)),
    "alone on the newest day": (1000 + 2 * DAYS - 2, season(DAYS).without(1000 + 2 * DAYS - 1)),
}
WITHOUT = {
    "box score kept": ("plate_appearances",),
    "result alone": ("plate_appearances", "lineups_historical", "team_stats_historical"),
}


def forfeited(game_pk: int, book: Book, tables: tuple[str, ...]) -> Book:
    """Return a book whose game is a forfeit, 9-0, that some tables have no rows of."""
    rows = dict(book.rows)
    for name in tables:
        rows[name] = [row for row in rows[name] if row["game_pk"] != game_pk]
    result = {"detailed_state": "Forfeit: Willful Rule Violation", "home_score": 9, "away_score": 0}
    rows["games_historical"] = [
        row | result if row["game_pk"] == game_pk else row for row in rows["games_historical"]
    ]
    return Book(rows)


@pytest.mark.parametrize("without", WITHOUT)
@pytest.mark.parametrize("where", FORFEITS)
def test_features_are_built_over_a_forfeit_without_plays(tmp_path, where, without):
    game_pk, book = FORFEITS[where]
    world = ports(tmp_path)
    load(world, forfeited(game_pk, book, WITHOUT[without]))
    (created,) = step(loaded(), world, NOON)
    assert (created.as_of, created.mismatches) == (NEWEST, 0)
    games = standing(world)["game_features_daily"]
    labels = games.filter(pl.col("game_pk") == game_pk).select("home_score", "away_score", "home_win")
    assert labels.rows() == [(9, 0, 1)] * 3  # one for each variant of the line-ups
    players = standing(world)["player_features_daily"]
    assert game_pk not in players["game_pk"].to_list()  # nobody knows what they did
    assert players.height > 0
