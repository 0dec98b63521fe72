"""Model rows of games from everybody's states and the line-ups: the assembly in one call."""

import polars as pl

from shared.sports.mlb.matchup.expectation import EntityStates, expected_matchup
from shared.sports.mlb.matchup.game_features import assembled_game_rows
from shared.sports.mlb.matchup.lineups import build_slate
from shared.sports.mlb.matchup.player_features import assembled_player_rows
from shared.sports.mlb.states import States


def game_rows(states: States, games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per game, in the order of `games`: the columns of game_features_daily but labels.

    Args:
        states: as of a day before every game's date.
        games: game_pk, game_date, season, game_type, home_team_id, away_team_id, venue_id.
        lineups: as `fill_lineups` returns them; clubs and starters may be missing: a club without a
            line-up is nine league-average batters, a game without a starter has the league's average one.
    """
    who = build_slate(games, lineups)
    return assembled_game_rows(games, expected_matchup(who, EntityStates.from_states(states, who)))


def player_rows(states: States, games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per batter in a line-up and per starter: player_features_daily but labels.

    Arguments as in `game_rows`. Columns of the other role are null; those of the own role are not.
    """
    who = build_slate(games, lineups)
    return assembled_player_rows(games, expected_matchup(who, EntityStates.from_states(states, who)))
