"""Two clubs, two line-ups, a park and a date to a model's row: the one assembly of features."""

import polars as pl

from shared import tables
from shared.states import States


def _features(table: str) -> tuple[str, ...]:
    return tuple(field.name for field in tables.table(table).fields if field.is_feature)


GAME_FEATURES = _features("game_features_daily")
PLAYER_FEATURES = _features("player_features_daily")


def fill_lineups(
    games: pl.DataFrame, confirmed: pl.DataFrame, recent: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return who bats and pitches in each game, with hands, and where each line-up came from.

    Args:
        games: game_pk, home_team_id, away_team_id, home_probable_pitcher_id, away_probable_pitcher_id.
        confirmed: game_pk, team_id, player_id, batting_slot (null: does not bat), is_starting_pitcher,
            position; posted line-ups of these games, may be empty.
        recent: team_id, player_id, batting_slot, position: each club's latest starting nine.
        people: person_id, bat_side, pitch_hand.

    Returns:
        game_pk, team_id, player_id, batting_slot, is_starting_pitcher, position, bat_side, pitch_hand,
        source ("confirmed" or "projected"). A club without either has no rows; a club without posted
        starter gets its probable pitcher.
    """
    raise NotImplementedError


def game_rows(states: States, games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per game, in the order of `games`: the columns of game_features_daily but labels.

    Args:
        states: as of a day before every game's date.
        games: game_pk, game_date, season, game_type, home_team_id, away_team_id, venue_id.
        lineups: as `fill_lineups` returns them; clubs and starters may be missing: a club without a
            line-up is nine league-average batters, a game without a starter has the league's average one.
    """
    raise NotImplementedError


def player_rows(states: States, games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per batter in a line-up and per starter: player_features_daily but labels.

    Arguments as in `game_rows`. Columns of the other role are null; features of his own are not.
    """
    raise NotImplementedError
