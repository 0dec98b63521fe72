"""Builds answers from forecasts, and the stored forecasts of a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from services.predict_api.mlb.explanations import Explanation
from services.predict_api.mlb.labels import (
    GAME_BASELINE_LABEL,
    GAME_COMPONENT_LABELS,
    PLAYER_BASELINE_LABEL,
    PLAYER_COMPONENT_LABELS,
)
from services.predict_api.mlb.lineup_checks import Caveat
from services.predict_api.mlb.quality_flags import QualityFlag, describe_flags
from services.predict_api.schemas import responses
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import Forecast, targets_by_stat
from services.predict_api.serving.game_forecasts import GameForecast
from services.predict_api.serving.stored_format import stored_flags
from shared.modeling.distribution import Floats, central_interval, line_odds
from shared.sports.mlb.game_runs import MAX_MARGIN, GameOdds, ScoreDistribution
from shared.storage.forecast_objects import DayForecasts

SIDES = ("home", "away")
DECIMALS = 6  # of numbers in answers
MAX_SIDE_RUNS, MAX_TOTAL_RUNS = 25, 50  # in answers: the last count holds the tail
LINES_AROUND = 2  # total lines on either side of the one nearest to even chances


def build_game_answer(
    forecaster: Forecaster,
    game_forecast: GameForecast,
    home_win: Forecast,
    caveats: Sequence[Caveat] = (),
    *,
    reasons: bool,
) -> responses.GameAnswer:
    """Return a game's answer; `home_win` is the game's forecast of a home win.

    `caveats` are what is unusual about the players that the request names.
    """
    directory, row, game = forecaster.directory, game_forecast.row, game_forecast.game
    provenance = _build_provenance(forecaster, game_forecast, home_win)
    provenance["flags"] += describe_flags(one.flag for one in caveats)
    return responses.GameAnswer(
        game_id=directory.game_id(game),
        game_pk=game["game_pk"],
        game_date=game["game_date"],
        game_number=game["game_number"],
        scheduled_start=game["scheduled_start"],
        venue=directory.venue_name(game["venue_id"]),
        home_team=directory.club_abbreviation(game["home_team_id"]),
        away_team=directory.club_abbreviation(game["away_team_id"]),
        starting_pitchers=_build_starters(forecaster, row),
        predictions=_build_predictions(home_win.mean, game_forecast),
        confidence=edge_over_coin_flip(home_win.mean),
        runs=_build_runs(game_forecast.run_odds),
        caveats=[one.sentence for one in caveats] or UNSET,
        **(_explain_game(game_forecast) if reasons else {}),
        **provenance,
    )


def build_player_answer(
    forecaster: Forecaster,
    game_forecast: GameForecast,
    forecasts: Mapping[str, Forecast],
    lines: Mapping[str, float],
    unavailable: Mapping[str, str],
    *,
    reasons: bool,
) -> responses.PlayerAnswer:
    """Return a player's answer; `forecasts` by the statistic's name, at least one."""
    some = next(iter(forecasts.values()))
    directory, row, game = forecaster.directory, some.row, game_forecast.game
    return responses.PlayerAnswer(
        player_id=row["player_id"],
        name=directory.player_name(row["player_id"]) or str(row["player_id"]),
        team=directory.club_abbreviation(row["team_id"]),
        opponent=directory.club_abbreviation(row["opponent_id"]),
        game_id=directory.game_id(game),
        game_pk=game["game_pk"],
        game_date=game["game_date"],
        game_number=game["game_number"],
        predictions={
            stat: _build_statistic(
                one, lines.get(stat), _explain_player(game_forecast, one) if reasons else {}
            )
            for stat, one in forecasts.items()
        },
        model_versions={stat: one.version for stat, one in forecasts.items()},
        unavailable=dict(unavailable) if unavailable else UNSET,
        **_build_provenance(forecaster, game_forecast, some),
    )


def edge_over_coin_flip(chance: float) -> float:
    """Return how far a chance to win is from a coin flip: 0 at one half, 1 where the winner is certain."""
    return abs(2 * chance - 1)


def game_answer_from_row(
    forecaster: Forecaster, row: Mapping[str, Any], flags: Sequence[QualityFlag]
) -> responses.GameAnswer:
    """Return the answer that a stored row of a home win gives: without runs, starters and reasons."""
    return responses.GameAnswer(
        game_id=forecaster.directory.game_id(row),
        game_pk=row["game_pk"],
        game_date=date.fromisoformat(row["game_date"]),
        game_number=row["game_number"],
        home_team=forecaster.directory.club_abbreviation(row["home_team_id"]),
        away_team=forecaster.directory.club_abbreviation(row["away_team_id"]),
        predictions=responses.GamePredictions(
            home_win_probability=row["mean"], away_win_probability=1 - row["mean"]
        ),
        confidence=edge_over_coin_flip(row["mean"]),
        **_provenance_from_row(forecaster, row, flags),
    )


def player_answer_from_rows(
    forecaster: Forecaster,
    player_id: int,
    rows: Mapping[str, Mapping[str, Any]],
    flags: Sequence[QualityFlag],
) -> responses.PlayerAnswer:
    """Return the answer that a player's stored rows of one game give; `rows` by statistic, at least one.

    They do not name the clubs.
    """
    some = next(iter(rows.values()))
    return responses.PlayerAnswer(
        player_id=player_id,
        name=forecaster.directory.player_name(player_id) or str(player_id),
        game_pk=some["game_pk"],
        game_date=date.fromisoformat(some["game_date"]),
        game_number=some["game_number"],
        predictions={stat: _statistic_from_row(row) for stat, row in rows.items()},
        model_versions={stat: row["model_version"] for stat, row in rows.items()},
        **_provenance_from_row(forecaster, some, flags),
    )


def _statistic_from_row(row: Mapping[str, Any]) -> responses.Statistic:
    distribution = msgspec.json.decode(row["distribution"], type=list[float])
    return responses.Statistic(
        mean=row["mean"],
        interval_80=central_interval(np.array(distribution)),
        p_at_least_one=1 - distribution[0],
        distribution=distribution,
    )


def _provenance_from_row(
    forecaster: Forecaster, row: Mapping[str, Any], flags: Sequence[QualityFlag]
) -> dict[str, Any]:
    return {
        "world": forecaster.world,
        "model_version": row["model_version"],
        "release": row["release_id"],
        "as_of": date.fromisoformat(row["as_of"]),
        "made_at": datetime.fromisoformat(row["made_at"]),
        "variant": row.get("variant") or UNSET,
        "features_sha256": row.get("features_sha256") or UNSET,
        "flags": [*describe_flags(flags), *stored_flags(row.get("flags"))],
    }


def with_line(statistic: responses.Statistic, line: float | None, *, reasons: bool) -> responses.Statistic:
    """Return a stored statistic with the odds on a line, and without its reasons where none are wanted."""
    odds = UNSET if line is None else _build_line(np.array(statistic.distribution), line)
    reduced = {} if reasons else {"baseline": UNSET, "feature_importance": UNSET}
    return msgspec.structs.replace(statistic, line=odds, **reduced)


def build_day_forecasts(forecaster: Forecaster, day: date, stored_at: datetime) -> DayForecasts:
    """Return all that a release forecasts of a day: rows for the warehouse, and the answers."""
    game_forecasts = list(forecaster.forecast_day(day).values())
    game_answers = [
        build_game_answer(forecaster, game_forecast, game_forecast.home_win, reasons=True)
        for game_forecast in game_forecasts
        if game_forecast.home_win
    ]
    player_answers = [
        build_player_answer(forecaster, game_forecast, found, {}, {}, reasons=True)
        for game_forecast in game_forecasts
        for player_forecasts in game_forecast.by_player.values()
        if (
            found := {
                stat: player_forecasts[target]
                for stat, target in targets_by_stat(player_forecasts).items()
                if target in player_forecasts
            }
        )
    ]
    rows = [
        _forecast_row(forecaster, one, stored_at)
        for game_forecast in game_forecasts
        for one in game_forecast.all_forecasts()
    ]
    return DayForecasts(
        game_date=day,
        release_id=forecaster.release.id,
        as_of=forecaster.as_of,
        made_at=forecaster.release.published_at,
        stored_at=stored_at,
        rows=_encode_each(rows),
        games=_encode_each(game_answers),
        players=_encode_each(player_answers),
    )


def _encode_each(many: Iterable[object]) -> tuple[msgspec.Raw, ...]:
    return tuple(msgspec.Raw(msgspec.json.encode(one)) for one in many)


def _forecast_row(forecaster: Forecaster, forecast: Forecast, stored_at: datetime) -> dict[str, Any]:
    """Return the forecast as a row of `tables/forecasts.json`."""
    row = forecast.row
    return {
        "forecast_id": forecast.forecast_id,
        "game_date": row["game_date"],
        "game_pk": row["game_pk"],
        "game_number": forecaster.directory.games[row["game_pk"]]["game_number"],
        "home_team_id": row.get("home_team_id"),
        "away_team_id": row.get("away_team_id"),
        "player_id": row.get("player_id"),
        "target": forecast.target,
        "model_version": forecast.version,
        "features_sha256": forecast.features_sha256,
        "release_id": forecaster.release.id,
        "as_of": forecaster.as_of,
        "made_at": forecaster.release.published_at,
        "stored_at": stored_at,
        "is_challenger": forecast.is_challenger,
        "variant": forecast.lineup_status,
        "mean": forecast.mean,
        "distribution": msgspec.json.encode(forecast.rounded_chances).decode(),
        "flags": msgspec.json.encode(forecast.flags).decode(),
    }


def _build_predictions(home_win: float, game_forecast: GameForecast) -> responses.GamePredictions:
    final = game_forecast.run_odds.final
    return responses.GamePredictions(
        home_win_probability=home_win,
        away_win_probability=1 - home_win,
        predicted_score=_build_score(final),
    )


def _build_score(scores: ScoreDistribution) -> responses.Score:
    return responses.Score(home=float(scores.expected_home_runs), away=float(scores.expected_away_runs))


def _build_runs(odds: GameOdds) -> responses.Runs:
    final, margin = odds.final, odds.final.run_margin
    home, away = (_fold_tail(runs, MAX_SIDE_RUNS) for runs in (final.home_runs, final.away_runs))
    total = _fold_tail(final.total_runs, MAX_TOTAL_RUNS)
    low, high = central_interval(margin)
    return responses.Runs(
        home=_round_chances(home),
        away=_round_chances(away),
        total=_round_chances(total),
        margin=responses.Margin(lowest=-MAX_MARGIN, chances=_round_chances(margin)),
        interval_80=responses.Range(
            home=central_interval(home),
            away=central_interval(away),
            total=central_interval(total),
            margin=(low - MAX_MARGIN, high - MAX_MARGIN),
        ),
        total_lines=[_build_line(total, line) for line in _total_lines(total)],
        run_line=_build_run_line(final),
        first_five=_build_first_five(odds.first_five),
        extra_innings=_round_chance(odds.extra_innings),
        one_run_game=_round_chance(odds.one_run_game),
        shutout=_round_chance(odds.shutout),
    )


def _total_lines(total: Floats) -> list[float]:
    """Return lines half a run apart around the half run that is nearest to even chances."""
    at_most = np.cumsum(total)
    middle = float(np.abs(at_most - 0.5).argmin()) + 0.5
    return [middle + step / 2 for step in range(-LINES_AROUND, LINES_AROUND + 1) if middle + step / 2 > 0]


def _build_run_line(final: ScoreDistribution) -> responses.RunLine:
    by_two = final.run_margin[MAX_MARGIN + 2 :].sum(), final.run_margin[: MAX_MARGIN - 1].sum()
    home, away = (_round_chance(chance / (1.0 - final.level)) for chance in by_two)
    return responses.RunLine(
        home_minus_1_5=home,
        home_plus_1_5=round(1 - away, DECIMALS),
        away_minus_1_5=away,
        away_plus_1_5=round(1 - home, DECIMALS),
    )


def _build_first_five(scores: ScoreDistribution) -> responses.FirstFive:
    home, level = _round_chance(scores.home_leads), _round_chance(scores.level)
    return responses.FirstFive(
        home_leads=home,
        away_leads=max(0.0, round(1 - home - level, DECIMALS)),
        tied=level,
        expected=_build_score(scores),
        total=_round_chances(_fold_tail(scores.total_runs, MAX_SIDE_RUNS)),
    )


def _fold_tail(chances: Floats, most: int) -> Floats:
    """Return P(0 … most), the last holding the tail."""
    return np.append(chances[:most], chances[most:].sum())


def _round_chance(chance: float | Floats) -> float:
    return min(round(float(chance), DECIMALS), 1.0)


def _round_chances(chances: Floats) -> list[float]:
    return [round(float(chance), DECIMALS) for chance in chances]


def _build_statistic(
    forecast: Forecast, line: float | None, explanation: Mapping[str, Any]
) -> responses.Statistic:
    return responses.Statistic(
        mean=forecast.mean,
        interval_80=forecast.interval_80,
        p_at_least_one=1 - forecast.rounded_chances[0],
        distribution=forecast.rounded_chances,
        line=UNSET if line is None else _build_line(forecast.chances, line),
        **explanation,
    )


def _build_line(chances: Floats, line: float) -> responses.Line:
    odds = line_odds(chances, line)
    over, under, push = (_cap_probability(one) for one in (odds.over, odds.under, odds.push))
    return responses.Line(line=line, over=over, under=under, push=push)


def _cap_probability(value: float) -> float:
    """Return a sum of chances, at most 1 despite rounding."""
    return min(value, 1.0)


def _build_provenance(
    forecaster: Forecaster, game_forecast: GameForecast, forecast: Forecast
) -> dict[str, Any]:
    return {
        "world": forecaster.world,
        "model_version": forecast.version,
        "release": forecaster.release.id,
        "as_of": forecaster.as_of,
        "variant": forecast.lineup_status,
        "features_sha256": forecast.features_sha256,
        "flags": describe_flags([*forecast.flags, *_snapshot_flags(forecaster)]),
        "inputs": responses.Inputs(
            results=forecaster.as_of,
            models=forecaster.trained_until(forecast.target),
            schedule=forecaster.release.published_at,
            home_lineup=game_forecast.row["home_lineup_status"],
            away_lineup=game_forecast.row["away_lineup_status"],
        ),
    }


def _snapshot_flags(forecaster: Forecaster) -> list[QualityFlag]:
    return [QualityFlag.OLDER_SNAPSHOT] if forecaster.outdated_tables else []


def _build_starters(forecaster: Forecaster, row: Mapping[str, Any]) -> responses.StartingPitchers:
    home, away = (
        responses.Starter(
            player_id=row[f"{side}_starter_id"],
            name=forecaster.directory.player_name(row[f"{side}_starter_id"]),
        )
        for side in SIDES
    )
    return responses.StartingPitchers(home=home, away=away)


def _explain_game(game_forecast: GameForecast) -> dict[str, Any]:
    explanation = game_forecast.win_explanation
    return (
        _build_explanation(
            explanation, GAME_BASELINE_LABEL, GAME_COMPONENT_LABELS, "probability of a home win"
        )
        if explanation
        else {}
    )


def _explain_player(game_forecast: GameForecast, forecast: Forecast) -> dict[str, Any]:
    unit = forecast.target.partition("_")[2].replace("_", " ")
    explanation = game_forecast.explain_player(forecast.row["player_id"], forecast.target)
    return _build_explanation(explanation, PLAYER_BASELINE_LABEL, PLAYER_COMPONENT_LABELS, unit)


def _build_explanation(
    explanation: Explanation, meaning: str, meanings: Mapping[str, str], unit: str
) -> dict[str, Any]:
    return {
        "baseline": responses.Baseline(value=round(explanation.baseline, DECIMALS), meaning=meaning),
        "feature_importance": [
            _build_contribution(one.component, meanings[one.component], one.effect, unit)
            for one in explanation.contributions
        ],
    }


@lru_cache(maxsize=4096)
def _build_contribution(part: str, meaning: str, effect: float, unit: str) -> responses.FeatureContribution:
    return responses.FeatureContribution(
        feature=part, meaning=meaning, effect=round(effect, DECIMALS), unit=unit
    )
