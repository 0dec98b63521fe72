"""What the pages show: answers in the words, numbers and colours of a fan."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from msgspec import UNSET

from services.predict_api.mlb.labels import FLAG_WORDS, UNITS
from services.predict_api.pages import charts
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.game_forecasts import Card
from services.predict_api.web import responses

NEUTRAL = "#6b7280"
TOSS_UP, LEANS = 0.04, 0.14  # edge over a coin flip below which nobody is favoured, and only slightly
LEAST_POINTS, LEAST_COUNT = 0.05, 0.005  # reasons below this round to nothing


@dataclass(frozen=True)
class Side:
    """One club in a game, as a page shows it."""

    letters: str
    name: str
    color: str
    percent: float
    runs: float | None  # expected; None where a stored forecast lacks them
    starter: responses.Starter | None


@dataclass(frozen=True)
class GameView:
    """A game as a page shows it."""

    answer: responses.GameAnswer
    away: Side
    home: Side
    when: str
    verdict: str
    edge: str
    range: str
    bar: Markup
    warnings: list[str]


@dataclass(frozen=True)
class ReasonView:
    """A reason with its bar and its size in words."""

    words: str
    size: str
    bar: Markup


def game_view(forecaster: Forecaster, answer: responses.GameAnswer) -> GameView:
    """Return a game's view."""
    home, away = _sides(forecaster, answer)
    told = f"{away.letters} {away.percent:.0f} percent, {home.letters} {home.percent:.0f} percent to win"
    return GameView(
        answer=answer,
        away=away,
        home=home,
        when=_when(forecaster, answer),
        verdict=_verdict(answer, home, away),
        edge=f"Edge over a coin flip: {100 * answer.confidence:.0f} %",
        range=_range(answer),
        bar=charts.share(away.percent, away.color, home.color, told),
        warnings=warnings(answer.flags),
    )


def warnings(flags: Sequence[str]) -> list[str]:
    """Return what to be careful with, in sentences."""
    return [FLAG_WORDS.get(flag, flag) for flag in flags]


def run_charts(game: GameView) -> dict[str, Markup]:
    """Return the charts of runs; empty where the forecast was stored without them."""
    runs = game.answer.runs
    if runs is UNSET:
        return {}
    home, away = game.home.letters, game.away.letters
    return {
        "away": charts.columns(runs.away, about=_spread(f"Runs of {away}", runs.interval_80.away)),
        "home": charts.columns(runs.home, about=_spread(f"Runs of {home}", runs.interval_80.home)),
        "total": charts.columns(runs.total, about=_spread("Runs of both", runs.interval_80.total)),
        "margin": charts.columns(
            runs.margin.chances,
            lowest=runs.margin.lowest,
            about=_spread(f"{home} minus {away}", runs.interval_80.margin),
            kind="margin",
        ),
    }


def game_reasons(game: GameView) -> list[ReasonView]:
    """Return why the home club should win or not, from a game of averages on, in percentage points."""
    told = game.answer.feature_importance
    if told is UNSET:
        return []
    rows = [(_for_clubs(one.meaning, game), 100 * one.effect) for one in told]
    return _leaning([(words, size, _points(size, game)) for words, size in rows], LEAST_POINTS)


def game_base(game: GameView) -> float | None:
    """Return the home club's percent in a game of averages; None where a stored forecast lacks it."""
    base = game.answer.base
    return None if base is UNSET else 100 * base.value


def statistic_reasons(told: responses.Statistic, unit: str) -> list[ReasonView]:
    """Return why a statistic is forecast as it is, from a match-up of averages on, in its own unit."""
    if told.feature_importance is UNSET:
        return []
    rows = [(one.meaning, one.effect, f"{one.effect:+.2f} {unit}") for one in told.feature_importance]
    return _leaning(rows, LEAST_COUNT)


def _leaning(rows: Sequence[tuple[str, float, str]], least: float) -> list[ReasonView]:
    """Return reasons with their bars; those that round to nothing are left out."""
    largest = max((abs(size) for _, size, _ in rows), default=0.0)
    shown = [row for row in rows if abs(row[1]) >= least]
    return [ReasonView(words, told, charts.leaning(size, largest, told)) for words, size, told in shown]


def lineups(forecaster: Forecaster, card: Card) -> dict[str, list[dict[str, Any]]]:
    """Return each side's batters in order, with what is forecast of them."""
    sides: dict[str, list[dict[str, Any]]] = {"home": [], "away": []}
    for player_id, forecasts in card.players.items():
        row = next(iter(forecasts.values())).row
        if row["role"] == "batter":
            side = "home" if row["team_id"] == card.game["home_team_id"] else "away"
            sides[side].append(_batter(forecaster, player_id, forecasts, row))
    return {side: sorted(batters, key=lambda batter: batter["slot"]) for side, batters in sides.items()}


def form(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return rates per plate appearance: the season's, the last month's, and tonight's match-up's."""
    names = (
        ("Hits per plate appearance, this season", "season_hit_rate"),
        ("… the last month", "recent_hit_rate"),
        ("… against tonight's starter", "hit_rate_vs_starter"),
        ("… against tonight's relievers", "hit_rate_vs_pen"),
        ("Strikeouts per batter, this season", "season_strikeout_rate"),
        ("… by everything known of them", "starter_strikeout_rate"),
        ("… against tonight's line-up", "strikeout_rate_vs_lineup"),
    )
    return [(words, float(row[name])) for words, name in names if row.get(name) is not None]


def _batter(
    forecaster: Forecaster, player_id: int, forecasts: Mapping[str, Any], row: Mapping[str, Any]
) -> dict[str, Any]:
    hits, home_runs = forecasts.get("batter_hits"), forecasts.get("batter_home_runs")
    return {
        "player_id": player_id,
        "name": forecaster.directory.name(player_id) or str(player_id),
        "slot": row["batting_slot"],
        "hit": f"{100 * (1 - hits.chances[0]):.0f} %" if hits else "–",
        "hits": f"{hits.mean:.2f}" if hits else "–",
        "home_run": f"{100 * (1 - home_runs.chances[0]):.0f} %" if home_runs else "–",
    }


def _sides(forecaster: Forecaster, answer: responses.GameAnswer) -> tuple[Side, Side]:
    chances, starters = answer.predictions, answer.starting_pitchers
    score = chances.predicted_score
    home, away = (
        Side(
            letters=letters,
            name=forecaster.directory.club(letters)["name"],
            color=color(letters),
            percent=100 * chance,
            runs=getattr(score, side) if score is not UNSET else None,
            starter=getattr(starters, side) if starters is not UNSET else None,
        )
        for side, letters, chance in (
            ("home", answer.home_team, chances.home_win_probability),
            ("away", answer.away_team, chances.away_win_probability),
        )
    )
    return home, away


def color(letters: str) -> str:
    """Return a club's colour; grey for one that is not known."""
    return _colors().get(letters, NEUTRAL)


@cache
def _colors() -> dict[str, str]:
    told: dict[str, str] = json.loads(Path(__file__).with_name("club_colors.json").read_text())
    return told


def _verdict(answer: responses.GameAnswer, home: Side, away: Side) -> str:
    favourite = home if home.percent >= away.percent else away
    if answer.confidence < TOSS_UP:
        return "A coin flip"
    return f"Leans {favourite.letters}" if answer.confidence < LEANS else f"{favourite.letters} favoured"


def _range(answer: responses.GameAnswer) -> str:
    if answer.runs is UNSET:
        return ""
    (low, high), (behind, ahead) = answer.runs.interval_80.total, answer.runs.interval_80.margin
    home, away = answer.home_team, answer.away_team
    return f"{low}–{high} runs in all; from {away} by {-behind} to {home} by {ahead}"


def _when(forecaster: Forecaster, answer: responses.GameAnswer) -> str:
    start = answer.scheduled_start
    if not isinstance(start, datetime):
        return ""
    zone = forecaster.directory.time_zone(answer.game_pk)
    return f"{start.astimezone(ZoneInfo(zone)):%H:%M %Z}"


def _spread(what: str, interval: tuple[int, int]) -> str:
    return f"{what}: four times in five from {interval[0]} to {interval[1]}"


def _for_clubs(meaning: str, game: GameView) -> str:
    words = meaning.replace("the home club's", f"{game.home.letters}'s")
    return words.replace("the visitors'", f"{game.away.letters}'s")


def _points(size: float, game: GameView) -> str:
    side = game.home if size >= 0 else game.away
    return f"{abs(size):.1f} points for {side.letters}"


def day_words(day: date) -> str:
    """Return a day as people say it."""
    return f"{day:%A, %B} {day.day}, {day.year}"


def unit(stat: str) -> str:
    """Return the unit of a statistic in words."""
    return UNITS.get(stat, stat.replace("_", " "))
