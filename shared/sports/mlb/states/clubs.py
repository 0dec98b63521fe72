"""Yesterday's clubs, and pairs of clubs, and a day's games to today's."""

import numpy as np
import polars as pl

from shared.sports.mlb.states import elo
from shared.sports.mlb.states.day import DayInputs, add_counts, component_sums, expected_counts
from shared.sports.mlb.states.entities import Entities, Floats, Integers
from shared.sports.mlb.states.layout import CLUB, SERIES

_PAIR = 1 << 20  # clubs' numbers are below


def clubs_after(clubs: Entities, day_inputs: DayInputs) -> Entities:
    """Return the clubs at the end of the day: results, ratings, pen and road games."""
    home, away = (day_inputs.games[f"{side}_team_id"].to_numpy() for side in ("home", "away"))
    ids = np.unique(np.concatenate([home, away]))
    yesterday = clubs.sums_at(ids, day_inputs.day_index, day_inputs.season)
    sums = np.zeros_like(yesterday)
    _add_results(sums, ids, home, day_inputs.games, "home", "away")
    _add_results(sums, ids, away, day_inputs.games, "away", "home")
    _add_batting(
        sums,
        ids,
        np.where(
            day_inputs.plate_appearances.is_top,
            away[day_inputs.plate_appearances.game],
            home[day_inputs.plate_appearances.game],
        ),
    )
    _add_bullpen(
        sums,
        ids,
        np.where(
            day_inputs.plate_appearances.is_top,
            home[day_inputs.plate_appearances.game],
            away[day_inputs.plate_appearances.game],
        ),
        day_inputs,
    )
    road = np.searchsorted(ids, away[day_inputs.plate_appearances.game])
    sums[:, CLUB.component_slice("strikeout_road")] = component_sums(
        day_inputs.plate_appearances, day_inputs.expected.cells, road, len(ids)
    )
    sums += yesterday
    _update_ratings(sums, ids, day_inputs.games)
    return clubs.with_sums(ids, day_inputs.day, day_inputs.season, sums)


def matchup_ids(one: Integers, other: Integers) -> Integers:
    """Return one number for two clubs, whichever is at home."""
    return np.minimum(one, other) * _PAIR + np.maximum(one, other)


def head_to_head_after(series: Entities, day_inputs: DayInputs) -> Entities:
    """Return the pairs of clubs at the end of the day: their games of the season against each other."""
    home, away = (day_inputs.games[f"{side}_team_id"].to_numpy() for side in ("home", "away"))
    ids, where = np.unique(matchup_ids(home, away), return_inverse=True)
    difference = (day_inputs.games["home_score"] - day_inputs.games["away_score"]).to_numpy()
    difference = np.where(home < away, difference, -difference)
    sums = np.zeros((len(ids), len(SERIES.columns)))
    add_counts(sums, SERIES, where, np.ones(len(where)), "season_games")
    add_counts(sums, SERIES, where, difference > 0, "season_wins")
    add_counts(sums, SERIES, where, difference, "season_run_difference")
    return series.with_sums(
        ids,
        day_inputs.day,
        day_inputs.season,
        series.sums_at(ids, day_inputs.day_index, day_inputs.season) + sums,
    )


def _add_results(
    sums: Floats, ids: Integers, club: Integers, games: pl.DataFrame, us: str, them: str
) -> None:
    where = np.searchsorted(ids, club)
    scored, allowed = games[f"{us}_score"].to_numpy(), games[f"{them}_score"].to_numpy()
    add_counts(sums, CLUB, where, scored > allowed, "wins", "season_wins", "recent_wins")
    add_counts(sums, CLUB, where, np.ones(len(where)), "games", "season_games", "recent_games")
    add_counts(sums, CLUB, where, scored, "runs_for", "season_runs_for")
    add_counts(sums, CLUB, where, allowed, "runs_against", "season_runs_against")


def _add_batting(sums: Floats, ids: Integers, batting: Integers) -> None:
    add_counts(sums, CLUB, np.searchsorted(ids, batting), np.ones(len(batting)), "recent_plate_appearances")


def _add_bullpen(sums: Floats, ids: Integers, fielding: Integers, day_inputs: DayInputs) -> None:
    relieved = ~day_inputs.plate_appearances.off_starter
    where = np.searchsorted(ids, fielding)
    bullpen = component_sums(
        day_inputs.plate_appearances, day_inputs.expected.pitchers, where, len(ids), among=relieved
    )
    sums[:, CLUB.component_slice("strikeout_pen")] = bullpen
    sums[:, CLUB.column_indexes(*CLUB.same_day_columns)] = expected_counts(bullpen)
    add_counts(sums, CLUB, where, relieved, "bullpen_batters_faced")


def _update_ratings(sums: Floats, ids: Integers, games: pl.DataFrame) -> None:
    """Replace what is no sum, game by game: ratings, streaks, and where a club was last."""
    place = {club: row for row, club in enumerate(ids.tolist())}
    rating, streak, faced = CLUB.column_indexes("elo", "streak", "season_opponent_elo")
    last, met = CLUB.column_indexes("last_latitude", "last_longitude"), np.zeros(len(ids))
    columns = ("home_team_id", "away_team_id", "home_score", "away_score", "latitude", "longitude")
    for one, other, *score, north, east in in_playing_order(games).select(columns).iter_rows():
        home, away = place[one], place[other]
        before = sums[home, rating], sums[away, rating]
        points = elo.elo_exchange(*before, *score)
        for club, opponent, gained in ((home, before[1], points), (away, before[0], -points)):
            sums[club, rating] += gained
            met[club] += opponent
            sums[club, streak] = continue_streak(sums[club, streak], gained)
            if north is not None and east is not None:
                sums[club, last] = north, east
    sums[:, faced] += met


def in_playing_order(games: pl.DataFrame) -> pl.DataFrame:
    """Return a day's games in the order in which they were played."""
    return games.sort("game_number", "game_pk")


def continue_streak(streak: float, gained: float) -> float:
    """Return a streak after a game: wins count up from 1, losses down from -1; a tie leaves it."""
    won = float(np.sign(gained))
    return streak + won if streak * won >= 0 else won
