"""Finished games whose true chances are known, as the warehouse would return them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from shared.sports.mlb.targets import TARGETS

OPENING_DAY = date(2026, 4, 1)
STARTERS, BATTERS = 2, 18  # a game
_RULED = (
    "hits",
    "home_runs",
    "strikeouts",
    "walks",
    "total_bases",
    "rbis",
)  # labels that follow a rule below
_FURTHER = tuple(target for target in TARGETS if target.rows == "batter" and target.label not in _RULED)
GRADED = {
    "target": pl.String,
    "game_pk": pl.Int64,
    "player_id": pl.Int64,
    "game_date": pl.Date,
    "model_version": pl.String,
    "is_challenger": pl.Boolean,
    "release_id": pl.String,
    "log_loss": pl.Float64,
}


@dataclass(frozen=True)
class League:
    """Games and players of `days` days from opening day; `signal` is how much the formula misses."""

    games: pl.DataFrame
    batters: pl.DataFrame
    starters: pl.DataFrame
    scored_forecasts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GRADED))

    @property
    def last(self) -> date:
        return self.games["game_date"].max()

    def query_rows(self, sql, first, as_of, role="game", variant="confirmed"):
        """Answer the trainer's three queries; without line-ups there are no batters."""
        if "mlb_predictions.grades" in sql:
            return self.scored_forecasts.filter(pl.col("game_date").is_between(first, as_of))
        rows = {"game": self.games, "batter": self.batters, "starter": self.starters}[role]
        if (role, variant) == ("batter", "unknown"):
            rows = rows.clear()
        assert f"{'game' if role == 'game' else 'player'}_features_daily" in sql
        return rows.filter(pl.col("game_date").is_between(first, as_of) & (pl.col("known_date") <= as_of))


def league(days=20, games_a_day=15, signal=0.0, seed=1, game_type="R", formula=1.0):
    """Play a league. `signal` moves the truth away from the formula along one feature of each target.

    `formula` 1 is a formula that knows the truth (but for the signal), 0 one that knows nothing.
    """
    dice = np.random.default_rng(seed)
    return League(
        _games(dice, days, games_a_day, signal, formula, game_type),
        _batters(dice, days, games_a_day * BATTERS, signal, formula, game_type),
        _starters(dice, days, games_a_day * STARTERS, signal, formula, game_type),
    )


def _base(dice, rows, days, a_day, per_game, game_type):
    place = np.arange(days * a_day)
    dates = [OPENING_DAY + timedelta(days=int(day)) for day in place // a_day]
    own = [target for target in TARGETS if target.rows == rows and target not in _FURTHER]
    known = {name: dice.normal(size=len(place)) for name in sorted(_inputs(own))}
    for name in sorted(_inputs(_FURTHER) - known.keys() if rows == "batter" else ()):
        known[name] = _own_dice(name).normal(size=len(place))
    return pl.DataFrame(
        {"game_pk": 1 + place // per_game, "game_date": dates, "known_date": dates, "game_type": game_type}
        | {"player_id": place % a_day}
        | known
    )


def _inputs(targets):
    terms = {name for target in targets for voice in target.pool for name in voice.terms}
    return terms | {name for target in targets for name in target.features}


def _own_dice(name):
    """Return a generator of its own, so that a further target leaves the others' rows as they are."""
    return np.random.default_rng(list(name.encode()))


def _games(dice, days, a_day, signal, formula, game_type):
    base = _base(dice, "game", days, a_day, 1, game_type)
    edge = dice.normal(0, 0.5, base.height)
    logit = 0.15 + edge + signal * base["expected_run_difference"].to_numpy()
    wins = dice.random(base.height) < 1 / (1 + np.exp(-logit))
    won = {"home_win": wins.astype(int), "margin_home_win": 0.15 + formula * edge}
    for side in ("home", "away"):
        talent = dice.normal(0, 0.15, base.height)
        won[f"{side}_score"] = dice.poisson(4.4 * np.exp(talent))
        won[f"{side}_expected_runs"] = 4.4 * np.exp(formula * talent)
        won[f"{side}_runs_for"] = won[f"{side}_runs_against"] = np.full(base.height, 4.4)
    return _with(base, won)


def _batters(dice, days, a_day, signal, formula, game_type):
    base = _base(dice, "batter", days, a_day, BATTERS, game_type)
    appearances = 4.6 - 0.1 * (np.arange(base.height) % 9)
    columns = {"expected_plate_appearances": appearances}
    for label, expected, level, shift, rates in (
        ("hits", "hits", 0.23, "hit_rate_vs_starter", "season_hit_rate"),
        ("home_runs", "home_runs", 0.03, "home_run_rate_vs_starter", "season_home_run_rate"),
        ("strikeouts", "batter_strikeouts", 0.2, None, "batter_k_rate_vs_league"),
        ("walks", "walks", 0.08, None, "batter_walk_rate"),
    ):
        talent = dice.normal(0, 0.25, base.height)
        missed = signal * base[shift].to_numpy() if shift else 0.0
        rate = np.minimum(0.9, level * np.exp(talent + missed))
        columns[label] = dice.binomial(np.round(appearances).astype(int), rate)
        columns[f"expected_{expected}"] = appearances * level * np.exp(formula * talent)
        columns[rates] = np.full(base.height, level)
    power = dice.normal(0, 0.25, base.height)
    columns["expected_total_bases"] = 1.4 * np.exp(formula * power)
    for label, rate in (("total_bases", "batter_total_bases_rate"), ("rbis", "season_runs_batted_in_rate")):
        columns[label] = dice.poisson(1.4 * np.exp(power))
        columns[rate] = np.full(base.height, 0.3)
    for target in _FURTHER:
        columns |= _further_count(target, days, base.height)
    return _with(base, columns)


def _further_count(target, days, rows):
    """Return a rare count of a target that the league has no rule for, and what it is forecast from."""
    dice = _own_dice(f"{target.name} {days}")
    mean = 0.3 * np.exp(dice.normal(0, 0.25, rows))
    naive = dict.fromkeys(set(target.baseline_columns) - {"expected_plate_appearances"}, np.full(rows, 0.3))
    return naive | {target.label: dice.poisson(mean), target.margin.column: mean}


def _starters(dice, days, a_day, signal, formula, game_type):
    base = _base(dice, "starter", days, a_day, STARTERS, game_type)
    talent = dice.normal(0, 0.3, base.height)
    mean = 5.0 * np.exp(talent + signal * base["strikeout_rate_vs_lineup"].to_numpy())
    stamina = dice.normal(0, 1.5, base.height)
    length = np.clip(17.5 + stamina + dice.normal(0, 3, base.height), 3.0, 27.0)
    columns = {
        "strikeouts": dice.poisson(mean),
        "expected_strikeouts": 5.0 * np.exp(formula * talent),
        "starter_strikeout_rate": np.full(base.height, 0.22),
        "outs": np.round(length).astype(int),
        "expected_outs": 17.5 + formula * stamina,
        "starter_outs": np.full(base.height, 17.5),
    }
    return _with(base, columns)


def _with(base, columns):
    return base.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
