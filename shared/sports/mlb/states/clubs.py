"""Yesterday's clubs, and pairs of clubs, and a day's games to today's."""

import numpy as np
import polars as pl

from shared.sports.mlb.states import elo
from shared.sports.mlb.states.day import Today, add, component_sums, expectations
from shared.sports.mlb.states.entities import Entities, Floats, Integers
from shared.sports.mlb.states.layout import CLUB, SERIES

_PAIR = 1 << 20  # clubs' numbers are below


def clubs_after(clubs: Entities, today: Today) -> Entities:
    """Return the clubs at the end of the day: results, ratings, pen and road games."""
    home, away = (today.games[f"{side}_team_id"].to_numpy() for side in ("home", "away"))
    ids = np.unique(np.concatenate([home, away]))
    yesterday = clubs.at(ids, today.number, today.season)
    sums = np.zeros_like(yesterday)
    _add_results(sums, ids, home, today.games, "home", "away")
    _add_results(sums, ids, away, today.games, "away", "home")
    _add_batting(sums, ids, np.where(today.turns.is_top, away[today.turns.game], home[today.turns.game]))
    _add_pen(sums, ids, np.where(today.turns.is_top, home[today.turns.game], away[today.turns.game]), today)
    road = np.searchsorted(ids, away[today.turns.game])
    sums[:, CLUB.block("strikeout_road")] = component_sums(today.turns, today.expected.cells, road, len(ids))
    sums += yesterday
    _replace_stated(sums, ids, today.games)
    return clubs.replaced(ids, today.day, today.season, sums)


def pair_ids(one: Integers, other: Integers) -> Integers:
    """Return one number for two clubs, whichever is at home."""
    return np.minimum(one, other) * _PAIR + np.maximum(one, other)


def series_after(series: Entities, today: Today) -> Entities:
    """Return the pairs of clubs at the end of the day: their games of the season against each other."""
    home, away = (today.games[f"{side}_team_id"].to_numpy() for side in ("home", "away"))
    ids, where = np.unique(pair_ids(home, away), return_inverse=True)
    difference = (today.games["home_score"] - today.games["away_score"]).to_numpy()
    difference = np.where(home < away, difference, -difference)
    sums = np.zeros((len(ids), len(SERIES.columns)))
    add(sums, SERIES, where, np.ones(len(where)), "season_games")
    add(sums, SERIES, where, difference > 0, "season_wins")
    add(sums, SERIES, where, difference, "season_run_difference")
    return series.replaced(ids, today.day, today.season, series.at(ids, today.number, today.season) + sums)


def _add_results(
    sums: Floats, ids: Integers, club: Integers, games: pl.DataFrame, us: str, them: str
) -> None:
    where = np.searchsorted(ids, club)
    scored, allowed = games[f"{us}_score"].to_numpy(), games[f"{them}_score"].to_numpy()
    add(sums, CLUB, where, scored > allowed, "wins", "season_wins", "lately_wins")
    add(sums, CLUB, where, np.ones(len(where)), "games", "season_games", "lately_games")
    add(sums, CLUB, where, scored, "runs_for", "season_runs_for")
    add(sums, CLUB, where, allowed, "runs_against", "season_runs_against")


def _add_batting(sums: Floats, ids: Integers, batting: Integers) -> None:
    add(sums, CLUB, np.searchsorted(ids, batting), np.ones(len(batting)), "recent_plate_appearances")


def _add_pen(sums: Floats, ids: Integers, fielding: Integers, today: Today) -> None:
    relieved = ~today.turns.off_starter
    where = np.searchsorted(ids, fielding)
    pen = component_sums(today.turns, today.expected.pitchers, where, len(ids), among=relieved)
    sums[:, CLUB.block("strikeout_pen")] = pen
    sums[:, CLUB.at(*CLUB.of_the_day)] = expectations(pen)
    add(sums, CLUB, where, relieved, "pen_batters_faced")


def _replace_stated(sums: Floats, ids: Integers, games: pl.DataFrame) -> None:
    """Replace what no sum can tell, game by game: ratings, streaks, and where a club was last."""
    place = {club: row for row, club in enumerate(ids.tolist())}
    rating, streak, faced = CLUB.at("elo", "streak", "season_opponent_elo")
    last, met = CLUB.at("last_latitude", "last_longitude"), np.zeros(len(ids))
    columns = ("home_team_id", "away_team_id", "home_score", "away_score", "latitude", "longitude")
    for one, other, *score, north, east in in_order(games).select(columns).iter_rows():
        home, away = place[one], place[other]
        before = sums[home, rating], sums[away, rating]
        points = elo.exchanged(*before, *score)
        for club, opponent, gained in ((home, before[1], points), (away, before[0], -points)):
            sums[club, rating] += gained
            met[club] += opponent
            sums[club, streak] = continued(sums[club, streak], gained)
            if north and east:
                sums[club, last] = north, east
    sums[:, faced] += met


def in_order(games: pl.DataFrame) -> pl.DataFrame:
    """Return a day's games in the order in which they were played."""
    return games.sort("game_number", "game_pk")


def continued(streak: float, gained: float) -> float:
    """Return a streak after a game: wins count up from 1, losses down from -1; a tie leaves it."""
    won = float(np.sign(gained))
    return streak + won if streak * won >= 0 else won
