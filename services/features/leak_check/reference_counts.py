"""What each entity did on each of its days, counted from its own plays and results with plain group-bys."""

from collections.abc import Iterator
from datetime import date
from math import nan

import polars as pl
from polars.dataframe.group_by import GroupBy

from shared.sports.mlb.states import BATTER, CLUB, COMPONENTS, PARK, PITCHER, SERIES, Entities, Layout, elo
from shared.sports.mlb.states.clubs import continue_streak, matchup_ids

TRIALS = {"strikeout": "", "walk": "", "home_run": "contact", "single": "in_play", "extra_base": "in_play"}
_NO_RESULTS = (0.0, 0.0, nan, nan, 0.0)  # rating, streak, latitude, longitude, opponents' ratings


def batter_counts(plays: pl.DataFrame, ids: list[int]) -> pl.DataFrame:
    """Return what each batter did on each of their days."""
    turns, started = pl.len(), pl.col("by_starter")
    return _by_day(plays.filter(pl.col("batter_id").is_in(ids)), BATTER.key).agg(
        *_event_counts("_vs_left", pl.col("pitch_hand") == "L"),
        *_event_counts("_vs_right", pl.col("pitch_hand") == "R"),
        *_with_names(
            turns, "recent_plate_appearances", "season_plate_appearances", "career_plate_appearances"
        ),
        *_with_names((pl.col("game_type") != "R").sum(), "postseason_plate_appearances"),
        *_with_names(pl.col("strikeout").sum(), "recent_strikeouts", "season_strikeouts"),
        *_with_names(pl.col("is_hit").sum(), "recent_hits", "season_hits"),
        *_with_names(pl.col("home_run").sum(), "recent_home_runs", "season_home_runs"),
        *_with_names(pl.col("walk").sum(), "season_walks"),
        *_with_names(pl.col("is_at_bat").sum(), "season_at_bats"),
        *_with_names(pl.col("rbi").sum(), "season_runs_batted_in"),
        *_with_names(pl.col("game_pk").filter(started).n_unique(), "starts"),
        *_with_names(started.sum(), "start_plate_appearances"),
    )


def pitcher_counts(plays: pl.DataFrame, ids: list[int]) -> pl.DataFrame:
    """Return what each pitcher did on each of their days."""
    started = pl.col("off_starter")
    day = pl.col("completed_date").first().cast(pl.Int32)
    return _by_day(plays.filter(pl.col("pitcher_id").is_in(ids)), PITCHER.key).agg(
        *_event_counts("_vs_left", pl.col("bat_side") == "L"),
        *_event_counts("_vs_right", pl.col("bat_side") == "R"),
        *_with_names(pl.col("game_pk").n_unique(), "appearances"),
        *_with_names(
            pl.col("game_pk").filter(started).n_unique(), "starts", "recent_starts", "season_starts"
        ),
        *_with_names(started.sum(), "start_batters_faced", "recent_start_batters_faced"),
        *_with_names(pl.col("pitches").filter(started).sum(), "start_pitches", "recent_start_pitches"),
        *_with_names((pl.col("strikeout") & started).sum(), "recent_start_strikeouts"),
        *_with_names((pl.col("outs_after") - pl.col("outs_before")).filter(started).sum(), "start_outs"),
        *_with_names(pl.len(), "season_batters_faced", "career_batters_faced"),
        *_with_names(pl.col("strikeout").sum(), "season_strikeouts"),
        *_with_names(pl.col("walk").sum(), "season_walks"),
        *_with_names(pl.col("home_run").sum(), "season_home_runs"),
        *_with_names(pl.col("is_hit").sum(), "season_hits"),
        *_with_names(pl.when(started.any()).then(day).otherwise(0), "last_start_day"),
    )


def behind_the_plate(plays: pl.DataFrame, layout: Layout, ids: list[int]) -> pl.DataFrame:
    """Return what was called for a catcher, or by an umpire, on each of their days."""
    own = _by_day(plays.filter(pl.col(layout.key).is_in(ids)), layout.key)
    return own.agg(*_event_counts("_called", pl.lit(value=True), ("strikeout", "walk")))


def club_counts(plays: pl.DataFrame, games: pl.DataFrame, ids: list[int], before: Entities) -> pl.DataFrame:
    """Return what each club did on each of its days, its rating and its streak as they were after it."""
    pen = _by_day(
        plays.filter(pl.col("fielding_team_id").is_in(ids) & ~pl.col("off_starter")), "fielding_team_id"
    ).agg(*_event_counts("_pen", pl.lit(value=True)), *_with_names(pl.len(), "bullpen_batters_faced"))
    road = _by_day(plays.filter(pl.col("away_team_id").is_in(ids)), "away_team_id").agg(
        *_component_sums("_road")
    )
    batting = _by_day(plays.filter(pl.col("batting_team_id").is_in(ids)), "batting_team_id").agg(
        *_with_names(pl.len(), "recent_plate_appearances")
    )
    daily = _club_results(games, ids).join(_rating_states(games, before), on=["team_id", "completed_date"])
    for part in (pen, road, batting):
        named = part.rename({part.columns[0]: "team_id"}).drop("season")
        daily = daily.join(named, on=["team_id", "completed_date"], how="left")
    return daily


def head_to_head_counts(games: pl.DataFrame, pairs: list[int]) -> pl.DataFrame:
    """Return the games of pairs of clubs, from the side of the one with the lower number."""
    home, away = games["home_team_id"].to_numpy(), games["away_team_id"].to_numpy()
    met = games.with_columns(pl.Series(SERIES.key, matchup_ids(home, away))).filter(
        pl.col(SERIES.key).is_in(pairs)
    )
    sign = pl.when(pl.col("home_team_id") < pl.col("away_team_id")).then(1).otherwise(-1)
    difference = sign * (pl.col("home_score") - pl.col("away_score"))
    return _by_day(met, SERIES.key).agg(
        *_with_names(pl.len(), "season_games"),
        *_with_names((difference > 0).sum(), "season_wins"),
        *_with_names(difference.sum(), "season_run_difference"),
    )


def park_counts(plays: pl.DataFrame, games: pl.DataFrame, ids: list[int]) -> pl.DataFrame:
    """Return what happened in each park on each of its days."""
    venue = pl.col(PARK.key).fill_null(0)
    hosted, played = (rows.with_columns(venue).filter(venue.is_in(ids)) for rows in (games, plays))
    results = _by_day(hosted, PARK.key).agg(
        *_with_names(pl.len(), "games"),
        *_with_names((pl.col("home_score") + pl.col("away_score")).sum(), "runs"),
    )
    here = _by_day(played, PARK.key).agg(*_component_sums("_here"), *_component_sums("_here_lately"))
    return results.join(here.drop("season"), on=[PARK.key, "completed_date"], how="left")


def _club_results(games: pl.DataFrame, ids: list[int]) -> pl.DataFrame:
    sides = pl.concat(
        games.select(
            "completed_date", "season", team_id=f"{us}_team_id", scored=f"{us}_score", allowed=f"{them}_score"
        )
        for us, them in (("home", "away"), ("away", "home"))
    )
    return _by_day(sides.filter(pl.col("team_id").is_in(ids)), "team_id").agg(
        *_with_names(pl.len(), "games", "season_games", "recent_games"),
        *_with_names((pl.col("scored") > pl.col("allowed")).sum(), "wins", "season_wins", "recent_wins"),
        *_with_names(pl.col("scored").sum(), "runs_for", "season_runs_for"),
        *_with_names(pl.col("allowed").sum(), "runs_against", "season_runs_against"),
    )


def _rating_states(games: pl.DataFrame, clubs: Entities) -> pl.DataFrame:
    """Return every club's rating, streak and place after each of its days, from all results in order."""
    kept = float(CLUB.season_carryover[CLUB.column_indexes("elo")[0]])
    rating, streak = (dict(_last_values(clubs, name)) for name in ("elo", "streak"))
    seen: dict[int, int] = dict(zip(clubs.ids.tolist(), clubs.seasons.tolist(), strict=True))
    after: dict[tuple[int, date], tuple[float, float, float, float, float]] = {}
    for game in games.iter_rows(named=True):
        home, away, day = game["home_team_id"], game["away_team_id"], game["completed_date"]
        for club in (home, away):
            if seen.get(club, game["season"]) != game["season"]:
                rating[club], streak[club] = rating[club] * kept, 0.0
            seen[club] = game["season"]
        before = {club: rating.get(club, 0.0) for club in (home, away)}
        points = elo.elo_exchange(before[home], before[away], game["home_score"], game["away_score"])
        for club, opponent, gained in ((home, away, points), (away, home, -points)):
            rating[club] = before[club] + gained
            streak[club] = continue_streak(streak.get(club, 0.0), gained)
            *_, latitude, longitude, met = after.get((club, day), _NO_RESULTS)
            if game["latitude"] is not None and game["longitude"] is not None:
                latitude, longitude = game["latitude"], game["longitude"]
            met += before[opponent]
            after[club, day] = (rating[club], streak[club], latitude, longitude, met)
    names = ("elo", "streak", "last_latitude", "last_longitude", "season_opponent_elo")
    schema = {"team_id": pl.Int64, "completed_date": pl.Date} | dict.fromkeys(names, pl.Float64)
    return pl.DataFrame([(*key, *values) for key, values in after.items()], schema=schema, orient="row")


def _last_values(clubs: Entities, name: str) -> Iterator[tuple[int, float]]:
    return zip(clubs.ids.tolist(), clubs.sums[:, CLUB.column_indexes(name)[0]].tolist(), strict=True)


def _by_day(rows: pl.DataFrame, key: str) -> GroupBy:
    return rows.group_by(key, "completed_date", "season", maintain_order=True)


def _event_counts(suffix: str, among: pl.Expr, events: tuple[str, ...] = COMPONENTS) -> Iterator[pl.Expr]:
    """Count events and trials of components."""
    for name in events:
        tried = among & pl.col(TRIALS[name]) if TRIALS[name] else among & pl.col(name).is_not_null()
        yield (pl.col(name) & tried).sum().alias(f"{name}{suffix}")
        yield tried.sum().alias(f"{name}_trials{suffix}")


def _component_sums(suffix: str) -> Iterator[pl.Expr]:
    """Count, and add up what the cells expected in order of play (cum_sum: never in parallel)."""
    yield from _event_counts(suffix, pl.lit(value=True))
    for name, trials in TRIALS.items():
        tried = pl.col(trials) if trials else pl.lit(value=True)
        expected = pl.when(tried).then(pl.col(f"{name}_expected")).otherwise(0.0)
        yield expected.cum_sum().last().alias(f"{name}_expected{suffix}")


def _with_names(value: pl.Expr, *names: str) -> Iterator[pl.Expr]:
    return (value.alias(name) for name in names)
