"""Model rows from an assembled match-up: the columns of game_features_daily and player_features_daily."""

import numpy as np
import polars as pl

from shared import tables
from shared.matchup.expectation import (
    Expectation,
    Sums,
    batter_column,
    column,
    expectation,
    opposite,
    over_slots,
)
from shared.matchup.lineups import SOURCES, slate
from shared.matchup.outcomes import Outcome, home_win_margin, starter_strikeouts
from shared.matchup.talent import logit, probability
from shared.states import CLUB, PITCHER, States
from shared.states.entities import Floats, Integers

LONGEST_REST = 7
LONGEST_BETWEEN_STARTS = 30
_SIDES = ("home", "away")
_IDENTITY = ("game_pk", "game_date", "season", "game_type")


def _features(table: str, *roles: str) -> tuple[str, ...]:
    return tuple(f.name for f in tables.table(table).fields if f.is_feature and f.role in roles)


GAME_FEATURES = _features("game_features_daily", "")
BATTER_FEATURES = _features("player_features_daily", "", "batter")
STARTER_FEATURES = _features("player_features_daily", "", "starter")
_ROLE_SCHEMA = {
    f.name: f.dtype
    for f in tables.table("player_features_daily").fields
    if not f.description.startswith("label")
}


def game_rows(states: States, games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per game, in the order of `games`: the columns of game_features_daily but labels.

    Args:
        states: as of a day before every game's date.
        games: game_pk, game_date, season, game_type, home_team_id, away_team_id, venue_id.
        lineups: as `fill_lineups` returns them; clubs and starters may be missing: a club without a
            line-up is nine league-average batters, a game without a starter has the league's average one.
    """
    who = slate(games, lineups)
    return assembled_game_rows(games, expectation(who, Sums.of(states, who)))


def player_rows(states: States, games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per batter in a line-up and per starter: player_features_daily but labels.

    Arguments as in `game_rows`. Columns of the other role are null; features of his own are not.
    """
    who = slate(games, lineups)
    return assembled_player_rows(games, expectation(who, Sums.of(states, who)))


def assembled_game_rows(games: pl.DataFrame, expected: Expectation) -> pl.DataFrame:
    """Return game rows of games whose match-ups are assembled, in the same order."""
    head = games.select(*_IDENTITY, as_of=_dates(expected.sums.as_of))
    clubs = games.select("home_team_id", "away_team_id", "venue_id")
    starters = {f"{side}_starter_id": _ids(expected.who.starters[:, i]) for i, side in enumerate(_SIDES)}
    sources = {f"{side}_lineup_source": _sources(expected.who.sources[:, i]) for i, side in enumerate(_SIDES)}
    features = _game_features(expected, games)
    return pl.concat(
        [
            head,
            clubs,
            pl.DataFrame(starters | sources),
            pl.DataFrame({name: features[name] for name in GAME_FEATURES}),
        ],
        how="horizontal",
    )


def assembled_player_rows(games: pl.DataFrame, expected: Expectation) -> pl.DataFrame:
    """Return player rows of games whose match-ups are assembled: batters, then starters."""
    shared = _shared_features(expected, games)
    return pl.concat([_batters(expected, games, shared), _starters(expected, games, shared)])


def _game_features(expected: Expectation, games: pl.DataFrame) -> dict[str, Floats]:
    runs, who = expected.runs, expected.who
    one = {
        "margin_home_win": home_win_margin(runs[:, 0], runs[:, 1]),
        "expected_run_difference": runs[:, 0] - runs[:, 1],
        "elo_difference": -np.diff(column(expected.sums.clubs, CLUB, "elo"))[:, 0],
        "park_runs": _park_runs(expected),
        "month": _month(games),
        "starters_known": (who.starters >= 0).sum(axis=1).astype(np.float64),
        "lineups_confirmed": (who.sources == SOURCES.index("confirmed")).sum(axis=1).astype(np.float64),
    }
    both = {"expected_runs": runs} | _lineup_features(expected) | _starter_features(expected)
    both |= _club_features(expected)
    return one | {
        f"{side}_{name}": values[:, i] for name, values in both.items() for i, side in enumerate(_SIDES)
    }


def _lineup_features(expected: Expectation) -> dict[str, Floats]:
    experience = np.log1p(batter_column(expected, "career_plate_appearances"))
    weights = expected.slot_turns[:, None, :]
    value = over_slots(weights * expected.value(expected.batter_shift)) / over_slots(weights)
    return {
        "lineup_value": value,
        "lineup_log_experience": over_slots(experience) / 9,
        "platoon_share": over_slots(opposite(expected.who)) / 9,
    }


def _starter_features(expected: Expectation) -> dict[str, Floats]:
    return {
        "starter_value": expected.value(expected.starter_shift),
        "starter_strikeout_rate": _strikeout_rate(expected, expected.starter_shift),
        "starter_expected_batters": expected.batters_faced,
        "starter_log_experience": np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced")),
    }


def _club_features(expected: Expectation) -> dict[str, Floats]:
    clubs = expected.sums.clubs
    games, season_games = column(clubs, CLUB, "games"), column(clubs, CLUB, "season_games")
    difference = column(clubs, CLUB, "runs_for") - column(clubs, CLUB, "runs_against")
    rest = np.minimum(expected.who.days[:, None] - expected.sums.club_days, LONGEST_REST)
    return {
        "pen_value": expected.value(expected.pen_shift),
        "pen_fatigue": column(clubs, CLUB, "pen_batters_faced"),
        "rest_days": rest.astype(np.float64),
        "run_form": difference / (games + 10.0),
        "season_win_share": (column(clubs, CLUB, "season_wins") + 10.0) / (season_games + 20.0),
    }


def _shared_features(expected: Expectation, games: pl.DataFrame) -> dict[str, Floats]:
    """Return what both roles have and game alone decides: (games, 2)."""
    shape = np.ones((games.height, 2))
    return {
        "is_home": shape * np.array([1.0, 0.0]),
        "month": shape * _month(games)[:, None],
        "park_runs": shape * _park_runs(expected)[:, None],
    }


def _batters(expected: Expectation, games: pl.DataFrame, shared: dict[str, Floats]) -> pl.DataFrame:
    who = expected.who
    shape = who.batters.shape
    on_mound = np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced"))[:, ::-1, None]
    features = {name: np.broadcast_to(values[..., None], shape) for name, values in shared.items()}
    features |= _batter_expectations(expected) | _batter_rates(expected)
    features |= {
        "log_experience": np.log1p(batter_column(expected, "career_plate_appearances")),
        "opponent_log_experience": np.broadcast_to(on_mound, shape),
        "has_platoon_advantage": opposite(who),
        "is_pitcher_batting": who.pitchers_at_bat.astype(np.float64),
        "slot": np.broadcast_to(np.arange(1.0, 10.0), shape),
    }
    chosen = np.argwhere(who.batters >= 0)
    at = tuple(chosen.T)
    head = _player_head(games, expected, chosen, "batter").with_columns(
        player_id=who.batters[at],
        batting_slot=at[2] + 1,
        opposing_starter_id=_ids(who.starters[at[0], 1 - at[1]]),
        lineup_source=_sources(who.sources[at[0], at[1]]),
    )
    return _role(head, {name: features[name][at] for name in BATTER_FEATURES})


def _batter_expectations(expected: Expectation) -> dict[str, Floats]:
    turns = np.broadcast_to(expected.start_turns[:, None, :], expected.starter_turns.shape)
    starter = np.minimum(expected.starter_turns, turns)
    pen = turns - starter
    vs, off = expected.against_starter, expected.against_pen
    names = ("hit", "home_run", "total_bases", "walk", "strikeout")
    hits, home_runs, bases, walks, strikeouts = (
        starter * getattr(vs, name) + pen * getattr(off, name) for name in names
    )
    return {
        "expected_plate_appearances": turns,
        "expected_plate_appearances_vs_starter": starter,
        "expected_hits": hits,
        "expected_home_runs": home_runs,
        "expected_total_bases": bases,
        "expected_walks": walks,
        "expected_batter_strikeouts": strikeouts,
        "probability_of_hit": 1 - (1 - vs.hit) ** starter * (1 - off.hit) ** pen,
        "probability_of_home_run": 1 - (1 - vs.home_run) ** starter * (1 - off.home_run) ** pen,
        "hit_rate_vs_starter": vs.hit,
        "hit_rate_vs_pen": off.hit,
        "home_run_rate_vs_starter": vs.home_run,
        "home_run_rate_vs_pen": off.home_run,
    }


def _batter_rates(expected: Expectation) -> dict[str, Floats]:
    usual = Outcome.of(expected.mean)
    hits, home_runs = usual.hit[:, None, None], usual.home_run[:, None, None]
    season = batter_column(expected, "season_plate_appearances")
    recent = batter_column(expected, "recent_plate_appearances")
    return {
        "batter_strikeout_rate": _strikeout_rate(expected, expected.batter_shift),
        "recent_hit_rate": (batter_column(expected, "recent_hits") + 100 * hits) / (recent + 100),
        "season_hit_rate": (batter_column(expected, "season_hits") + 200 * hits) / (season + 200),
        "season_home_run_rate": (batter_column(expected, "season_home_runs") + 200 * home_runs)
        / (season + 200),
    }


def _starters(expected: Expectation, games: pl.DataFrame, shared: dict[str, Floats]) -> pl.DataFrame:
    who = expected.who
    features = shared | _start_expectations(expected) | _start_history(expected)
    facing = over_slots(np.log1p(batter_column(expected, "career_plate_appearances")))[:, ::-1] / 9
    features |= {
        "log_experience": np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced")),
        "opponent_log_experience": facing,
        "opponent_platoon_share": over_slots(opposite(who))[:, ::-1] / 9,
    }
    chosen = np.argwhere(who.starters >= 0)
    at = tuple(chosen.T)
    head = _player_head(games, expected, chosen, "starter").with_columns(
        player_id=who.starters[at],
        lineup_source=_sources(who.sources[at[0], 1 - at[1]]),
    )
    return _role(head, {name: features[name][at] for name in STARTER_FEATURES})


def _start_expectations(expected: Expectation) -> dict[str, Floats]:
    turns = expected.starter_turns
    rate = over_slots(turns * expected.against_starter.strikeout) / over_slots(turns)
    mean = over_slots(_strikeout_rate(expected, expected.batter_shift)) / 9
    return {
        "expected_strikeouts": starter_strikeouts(rate[:, ::-1], expected.batters_faced),
        "strikeout_rate_vs_lineup": rate[:, ::-1],
        "expected_batters_faced": expected.batters_faced,
        "starter_strikeout_rate": _strikeout_rate(expected, expected.starter_shift),
        "lineup_strikeout_rate": mean[:, ::-1],
    }


def _start_history(expected: Expectation) -> dict[str, Floats]:
    starters = expected.sums.starters
    starts, appearances = column(starters, PITCHER, "starts"), column(starters, PITCHER, "appearances")
    last = column(starters, PITCHER, "last_start_day")
    since = np.minimum(expected.who.days[:, None] - last, LONGEST_BETWEEN_STARTS)
    season = column(starters, PITCHER, "season_batters_faced")
    strikeouts = column(starters, PITCHER, "season_strikeouts")
    return {
        "season_strikeout_rate": (strikeouts + 100 * expected.mean[:, :1]) / (season + 100),
        "recent_starts": column(starters, PITCHER, "recent_starts"),
        "start_share": (starts + 1.0) / (appearances + 1.0),
        "days_since_last_start": np.where(last > 0, since, LONGEST_BETWEEN_STARTS),
    }


def _player_head(games: pl.DataFrame, expected: Expectation, chosen: Integers, role: str) -> pl.DataFrame:
    clubs = expected.who.clubs
    game, side = chosen[:, 0], chosen[:, 1]
    return games.select(*_IDENTITY, "venue_id")[game].with_columns(
        as_of=_dates(expected.sums.as_of[game]),
        role=pl.lit(role),
        team_id=clubs[game, side],
        opponent_id=clubs[game, 1 - side],
    )


def _role(head: pl.DataFrame, features: dict[str, Floats]) -> pl.DataFrame:
    """Return the rows of one role with the columns of both, in the table's order."""
    rows = head.with_columns(**features)
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _ROLE_SCHEMA.items()
    )


def _strikeout_rate(expected: Expectation, shift: Floats) -> Floats:
    middle = (slice(None), *(None,) * (shift.ndim - 2))
    return probability(logit(expected.mean[..., 0])[middle] + shift[..., 0])


def _park_runs(expected: Expectation) -> Floats:
    return np.asarray(expected.value(expected.park) * over_slots(expected.slot_turns))


def _month(games: pl.DataFrame) -> Floats:
    return games["game_date"].dt.month().cast(pl.Float64).to_numpy()


def _ids(found: Integers) -> pl.Series:
    ids = pl.Series(found, dtype=pl.Int64)
    return pl.select(pl.when(ids >= 0).then(ids)).to_series()


def _sources(codes: Integers) -> pl.Series:
    return pl.Series(np.array(SOURCES, dtype=object)[codes], dtype=pl.String)


def _dates(days: Integers) -> pl.Series:
    return pl.Series(days, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date)
