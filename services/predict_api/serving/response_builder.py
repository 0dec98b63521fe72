"""From forecasts to answers, and to what the journal stores of a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET

from services.predict_api.mlb.explanations import Story
from services.predict_api.mlb.labels import GAME_BASE, GAME_REASONS, PLAYER_BASE, PLAYER_REASONS
from services.predict_api.mlb.lineup_checks import Caveat
from services.predict_api.mlb.run_odds import WIDEST, RunOdds
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import Forecast, targets_of
from services.predict_api.serving.game_forecasts import Card
from services.predict_api.web import responses
from shared.modeling.distribution import Floats, interval, line_odds
from shared.storage.forecast_objects import DayForecasts

SIDES = ("home", "away")
DECIMALS = 6  # of what is told


def game_answer(
    forecaster: Forecaster, card: Card, win: Forecast, caveats: Sequence[Caveat] = (), *, reasons: bool
) -> responses.GameAnswer:
    """Return a game's answer; `win` is the card's forecast of a home win.

    `caveats` are what is unusual about the players whom the question names.
    """
    directory, row, game = forecaster.directory, card.row, card.game
    provenance = _provenance(forecaster, card, win)
    provenance["flags"] += dict.fromkeys(one.flag for one in caveats)
    return responses.GameAnswer(
        game_id=directory.game_id(game),
        game_pk=game["game_pk"],
        game_date=game["game_date"],
        game_number=game["game_number"],
        scheduled_start=game["scheduled_start"],
        venue=directory.venue(game["venue_id"]),
        home_team=directory.abbreviation(game["home_team_id"]),
        away_team=directory.abbreviation(game["away_team_id"]),
        starting_pitchers=_starters(forecaster, row),
        predictions=_chances(win.mean, card),
        confidence=edge_over_coin_flip(win.mean),
        runs=_runs(card.runs),
        caveats=[one.sentence for one in caveats] or UNSET,
        **(_game_story(card) if reasons else {}),
        **provenance,
    )


def player_answer(
    forecaster: Forecaster,
    card: Card,
    forecasts: Mapping[str, Forecast],
    lines: Mapping[str, float],
    unavailable: Mapping[str, str],
    *,
    reasons: bool,
) -> responses.PlayerAnswer:
    """Return a player's answer; `forecasts` by the statistic's name, at least one."""
    some = next(iter(forecasts.values()))
    directory, row, game = forecaster.directory, some.row, card.game
    return responses.PlayerAnswer(
        player_id=row["player_id"],
        name=directory.name(row["player_id"]) or str(row["player_id"]),
        team=directory.abbreviation(row["team_id"]),
        opponent=directory.abbreviation(row["opponent_id"]),
        game_id=directory.game_id(game),
        game_pk=game["game_pk"],
        game_date=game["game_date"],
        game_number=game["game_number"],
        predictions={
            stat: _statistic(one, lines.get(stat), _player_story(card, one) if reasons else {})
            for stat, one in forecasts.items()
        },
        model_versions={stat: one.version for stat, one in forecasts.items()},
        unavailable=dict(unavailable) if unavailable else UNSET,
        **_provenance(forecaster, card, some),
    )


def edge_over_coin_flip(chance: float) -> float:
    """Return how far a chance to win is from a coin flip: 0 at one half, 1 where the winner is certain."""
    return abs(2 * chance - 1)


def game_of_row(forecaster: Forecaster, row: Mapping[str, Any], flags: Sequence[str]) -> responses.GameAnswer:
    """Return the answer that a stored row of a home win gives: without runs, starters and reasons."""
    return responses.GameAnswer(
        game_id=forecaster.directory.game_id(row),
        game_pk=row["game_pk"],
        game_date=date.fromisoformat(row["game_date"]),
        game_number=row["game_number"],
        home_team=forecaster.directory.abbreviation(row["home_team_id"]),
        away_team=forecaster.directory.abbreviation(row["away_team_id"]),
        predictions=responses.GamePredictions(
            home_win_probability=row["mean"], away_win_probability=1 - row["mean"]
        ),
        confidence=edge_over_coin_flip(row["mean"]),
        **_provenance_of_row(forecaster, row, flags),
    )


def player_of_rows(
    forecaster: Forecaster, player_id: int, rows: Mapping[str, Mapping[str, Any]], flags: Sequence[str]
) -> responses.PlayerAnswer:
    """Return the answer that a player's stored rows of one game give; `rows` by statistic, at least one.

    They do not name the clubs.
    """
    some = next(iter(rows.values()))
    return responses.PlayerAnswer(
        player_id=player_id,
        name=forecaster.directory.name(player_id) or str(player_id),
        game_pk=some["game_pk"],
        game_date=date.fromisoformat(some["game_date"]),
        game_number=some["game_number"],
        predictions={stat: _statistic_of_row(row) for stat, row in rows.items()},
        model_versions={stat: row["model_version"] for stat, row in rows.items()},
        **_provenance_of_row(forecaster, some, flags),
    )


def _statistic_of_row(row: Mapping[str, Any]) -> responses.Statistic:
    distribution = msgspec.json.decode(row["distribution"], type=list[float])
    return responses.Statistic(
        mean=row["mean"],
        interval_80=interval(np.array(distribution)),
        at_least_one=1 - distribution[0],
        distribution=distribution,
    )


def _provenance_of_row(
    forecaster: Forecaster, row: Mapping[str, Any], flags: Sequence[str]
) -> dict[str, Any]:
    return {
        "world": forecaster.world,
        "model_version": row["model_version"],
        "release": row["release_id"],
        "as_of": date.fromisoformat(row["as_of"]),
        "made_at": datetime.fromisoformat(row["made_at"]),
        "variant": row.get("variant") or UNSET,
        "features_sha256": row.get("features_sha256") or UNSET,
        "flags": [*flags, *msgspec.json.decode(row.get("flags") or "[]")],
    }


def with_line(statistic: responses.Statistic, line: float | None, *, reasons: bool) -> responses.Statistic:
    """Return a stored statistic with the odds on a line, and without its reasons where none are wanted."""
    odds = UNSET if line is None else _line(np.array(statistic.distribution), line)
    reduced = {} if reasons else {"base": UNSET, "feature_importance": UNSET}
    return msgspec.structs.replace(statistic, line=odds, **reduced)


def day_forecasts(forecaster: Forecaster, day: date, stored_at: datetime) -> DayForecasts:
    """Return all that a release forecasts of a day: rows for the warehouse, and the answers."""
    cards = list(forecaster.day(day).values())
    games = [game_answer(forecaster, card, card.win, reasons=True) for card in cards if card.win]
    told = [
        player_answer(forecaster, card, found, {}, {}, reasons=True)
        for card in cards
        for mine in card.players.values()
        if (found := {stat: mine[target] for stat, target in targets_of(mine).items() if target in mine})
    ]
    rows = [_row(forecaster, one, stored_at) for card in cards for one in card.forecasts()]
    return DayForecasts(
        game_date=day,
        release_id=forecaster.release.id,
        as_of=forecaster.as_of,
        made_at=forecaster.release.published_at,
        stored_at=stored_at,
        rows=_raw(rows),
        games=_raw(games),
        players=_raw(told),
    )


def _raw(many: Iterable[object]) -> tuple[msgspec.Raw, ...]:
    return tuple(msgspec.Raw(msgspec.json.encode(one)) for one in many)


def _row(forecaster: Forecaster, forecast: Forecast, stored_at: datetime) -> dict[str, Any]:
    """Return the forecast as a row of `tables/forecasts.json`."""
    row = forecast.row
    return {
        "forecast_id": forecast.id,
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
        "variant": forecast.variant,
        "mean": forecast.mean,
        "distribution": msgspec.json.encode(forecast.distribution).decode(),
        "flags": msgspec.json.encode(forecast.flags).decode(),
    }


def _chances(home_win: float, card: Card) -> responses.GamePredictions:
    home, away = card.runs.expected
    return responses.GamePredictions(
        home_win_probability=home_win,
        away_win_probability=1 - home_win,
        predicted_score=responses.Score(home=home, away=away),
    )


def _runs(odds: RunOdds) -> responses.Runs:
    low, high = interval(odds.margin)
    return responses.Runs(
        home=_rounded(odds.home),
        away=_rounded(odds.away),
        total=_rounded(odds.total),
        margin=responses.Margin(lowest=-WIDEST, chances=_rounded(odds.margin)),
        interval_80=responses.Range(
            home=interval(odds.home),
            away=interval(odds.away),
            total=interval(odds.total),
            margin=(low - WIDEST, high - WIDEST),
        ),
    )


def _rounded(chances: Floats) -> list[float]:
    return [round(float(chance), DECIMALS) for chance in chances]


def _statistic(forecast: Forecast, line: float | None, story: Mapping[str, Any]) -> responses.Statistic:
    return responses.Statistic(
        mean=forecast.mean,
        interval_80=forecast.interval_80,
        at_least_one=1 - forecast.distribution[0],
        distribution=forecast.distribution,
        line=UNSET if line is None else _line(forecast.chances, line),
        **story,
    )


def _line(chances: Floats, line: float) -> responses.Line:
    odds = line_odds(chances, line)
    over, under, push = (_chance(one) for one in (odds.over, odds.under, odds.push))
    return responses.Line(line=line, over=over, under=under, push=push)


def _chance(value: float) -> float:
    """Return a sum of chances without what rounding adds above 1."""
    return min(value, 1.0)


def _provenance(forecaster: Forecaster, card: Card, forecast: Forecast) -> dict[str, Any]:
    return {
        "world": forecaster.world,
        "model_version": forecast.version,
        "release": forecaster.release.id,
        "as_of": forecaster.as_of,
        "variant": forecast.variant,
        "features_sha256": forecast.features_sha256,
        "flags": [*forecast.flags, *(["older snapshot"] if forecaster.lacking else [])],
        "inputs": responses.Inputs(
            results=forecaster.as_of,
            models=forecaster.trained_until(forecast.target),
            schedule=forecaster.release.published_at,
            home_lineup=card.row["home_lineup_source"],
            away_lineup=card.row["away_lineup_source"],
        ),
    }


def _starters(forecaster: Forecaster, row: Mapping[str, Any]) -> responses.StartingPitchers:
    home, away = (
        responses.Starter(
            player_id=row[f"{side}_starter_id"], name=forecaster.directory.name(row[f"{side}_starter_id"])
        )
        for side in SIDES
    )
    return responses.StartingPitchers(home=home, away=away)


def _game_story(card: Card) -> dict[str, Any]:
    story = card.win_story
    return _story(story, GAME_BASE, GAME_REASONS, "probability of a home win") if story else {}


def _player_story(card: Card, forecast: Forecast) -> dict[str, Any]:
    unit = forecast.target.partition("_")[2].replace("_", " ")
    story = card.story(forecast.row["player_id"], forecast.target)
    return _story(story, PLAYER_BASE, PLAYER_REASONS, unit)


def _story(story: Story, base: str, meanings: Mapping[str, str], unit: str) -> dict[str, Any]:
    return {
        "base": responses.Base(value=round(story.base, DECIMALS), meaning=base),
        "feature_importance": [
            _reason(one.part, meanings[one.part], one.effect, unit) for one in story.reasons
        ],
    }


@lru_cache(maxsize=4096)
def _reason(part: str, meaning: str, effect: float, unit: str) -> responses.Reason:
    return responses.Reason(feature=part, meaning=meaning, effect=round(effect, DECIMALS), unit=unit)
