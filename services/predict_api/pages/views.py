"""Prepares answers for pages: text, numbers and colours."""

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

from services.predict_api.mlb.labels import STAT_UNITS
from services.predict_api.pages import charts
from services.predict_api.pages.result_views import OutcomeView, outcome_view
from services.predict_api.schemas import responses
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.game_forecasts import GameForecast

NEUTRAL = "#6b7280"
TOSS_UP, SLIGHT_FAVOURITE = (
    0.04,
    0.14,
)  # edges over a coin flip below which no club, or one only slightly, is favoured
MIN_POINTS, MIN_COUNT = 0.05, 0.005  # reasons below this round to nothing


@dataclass(frozen=True)
class ClubView:
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
    away: ClubView
    home: ClubView
    when: str
    verdict: str
    edge: str
    range: str
    bar: Markup
    outcome: OutcomeView | None


@dataclass(frozen=True)
class ReasonView:
    """A reason with its bar and its size as text."""

    words: str
    size: str
    bar: Markup


def game_view(forecaster: Forecaster, answer: responses.GameAnswer) -> GameView:
    """Return a game's view."""
    home, away = _club_views(forecaster, answer)
    label = f"{away.letters} {away.percent:.0f} percent, {home.letters} {home.percent:.0f} percent to win"
    return GameView(
        answer=answer,
        away=away,
        home=home,
        when=_format_start(forecaster, answer),
        verdict=_describe_favourite(answer, home, away),
        edge=f"Edge over a coin flip: {100 * answer.confidence:.0f} %",
        range=_format_run_range(answer),
        bar=charts.share_bar(away.percent, away.color, home.color, label),
        outcome=None if answer.result is UNSET else outcome_view(answer.result),
    )


def run_charts(game: GameView) -> dict[str, Markup]:
    """Return the charts of runs; empty where the forecast was stored without them."""
    runs = game.answer.runs
    if runs is UNSET:
        return {}
    home, away = game.home.letters, game.away.letters
    return {
        "away": charts.column_chart(
            runs.away, about=_chart_caption(f"Runs of {away}", runs.interval_80.away)
        ),
        "home": charts.column_chart(
            runs.home, about=_chart_caption(f"Runs of {home}", runs.interval_80.home)
        ),
        "total": charts.column_chart(
            runs.total, about=_chart_caption("Runs of both", runs.interval_80.total)
        ),
        "margin": charts.column_chart(
            runs.margin.chances,
            lowest=runs.margin.lowest,
            about=_chart_caption(f"{home} minus {away}", runs.interval_80.margin),
            kind="margin",
        ),
    }


def close_game_chances(game: GameView) -> list[tuple[str, float]]:
    """Return who leads after five innings, extra innings and close games, in percent; empty if not stored."""
    runs = game.answer.runs
    if runs is UNSET or runs.first_five is UNSET:
        return []
    five, home, away = runs.first_five, game.home.letters, game.away.letters
    chances = [
        (f"{away} leads after five innings", five.away_leads),
        (f"{home} leads after five innings", five.home_leads),
        ("Level after five innings", five.tied),
        ("Extra innings", runs.extra_innings),
        ("Won by one run", runs.one_run_game),
        ("A shutout", runs.shutout),
    ]
    return [(words, 100 * chance) for words, chance in chances if chance is not UNSET]


def game_reasons(game: GameView) -> list[ReasonView]:
    """Return why the home club should win or not, from a game of averages on, in percentage points."""
    contributions = game.answer.feature_importance
    if contributions is UNSET:
        return []
    rows = [(_name_clubs(one.meaning, game), 100 * one.effect) for one in contributions]
    return _reason_views([(words, size, _format_points(size, game)) for words, size in rows], MIN_POINTS)


def baseline_percent(game: GameView) -> float | None:
    """Return the home club's percent in a game of averages; None where a stored forecast lacks it."""
    baseline = game.answer.baseline
    return None if baseline is UNSET else 100 * baseline.value


def statistic_reasons(statistic: responses.Statistic, unit: str) -> list[ReasonView]:
    """Return the reasons of a statistic's forecast, from a match-up of averages on, in its own unit."""
    if statistic.feature_importance is UNSET:
        return []
    rows = [(one.meaning, one.effect, f"{one.effect:+.2f} {unit}") for one in statistic.feature_importance]
    return _reason_views(rows, MIN_COUNT)


def _reason_views(rows: Sequence[tuple[str, float, str]], least: float) -> list[ReasonView]:
    """Return reasons with their bars; those that round to nothing are left out."""
    largest = max((abs(size) for _, size, _ in rows), default=0.0)
    shown = [row for row in rows if abs(row[1]) >= least]
    return [
        ReasonView(words, size_label, charts.diverging_bar(size, largest, size_label))
        for words, size, size_label in shown
    ]


def lineup_rows(forecaster: Forecaster, game_forecast: GameForecast) -> dict[str, list[dict[str, Any]]]:
    """Return each side's batters in order, with their forecasts."""
    sides: dict[str, list[dict[str, Any]]] = {"home": [], "away": []}
    for player_id, forecasts in game_forecast.by_player.items():
        row = next(iter(forecasts.values())).row
        if row["role"] == "batter":
            side = "home" if row["team_id"] == game_forecast.game["home_team_id"] else "away"
            sides[side].append(_batter_row(forecaster, player_id, forecasts, row))
    return {side: sorted(batters, key=lambda batter: batter["slot"]) for side, batters in sides.items()}


def plate_appearance_rates(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return rates per plate appearance: the season's, the last month's, and tonight's match-up's."""
    names = (
        ("Hits per plate appearance, this season", "season_hit_rate"),
        ("… the last month", "recent_hit_rate"),
        ("… against tonight's starter", "hit_rate_vs_starter"),
        ("… against tonight's relievers", "hit_rate_vs_bullpen"),
        ("Strikeouts per batter, this season", "season_strikeout_rate"),
        ("… by all their data", "starter_strikeout_rate"),
        ("… against tonight's line-up", "strikeout_rate_vs_lineup"),
    )
    return [(words, float(row[name])) for words, name in names if row.get(name) is not None]


def _batter_row(
    forecaster: Forecaster, player_id: int, forecasts: Mapping[str, Any], row: Mapping[str, Any]
) -> dict[str, Any]:
    hits, home_runs = forecasts.get("batter_hits"), forecasts.get("batter_home_runs")
    return {
        "player_id": player_id,
        "name": forecaster.directory.player_name(player_id) or str(player_id),
        "slot": row["batting_slot"],
        "hit": f"{100 * (1 - hits.chances[0]):.0f} %" if hits else "–",
        "hits": f"{hits.mean:.2f}" if hits else "–",
        "home_run": f"{100 * (1 - home_runs.chances[0]):.0f} %" if home_runs else "–",
    }


def _club_views(forecaster: Forecaster, answer: responses.GameAnswer) -> tuple[ClubView, ClubView]:
    chances, starters = answer.predictions, answer.starting_pitchers
    score = chances.predicted_score
    home, away = (
        ClubView(
            letters=abbreviation,
            name=forecaster.directory.find_club(abbreviation)["name"],
            color=club_color(abbreviation),
            percent=100 * chance,
            runs=getattr(score, side) if score is not UNSET else None,
            starter=getattr(starters, side) if starters is not UNSET else None,
        )
        for side, abbreviation, chance in (
            ("home", answer.home_team, chances.home_win_probability),
            ("away", answer.away_team, chances.away_win_probability),
        )
    )
    return home, away


def club_color(abbreviation: str) -> str:
    """Return a club's colour; grey for one that is not known."""
    return _load_club_colors().get(abbreviation, NEUTRAL)


@cache
def _load_club_colors() -> dict[str, str]:
    colors: dict[str, str] = json.loads(Path(__file__).with_name("club_colors.json").read_text())
    return colors


def _describe_favourite(answer: responses.GameAnswer, home: ClubView, away: ClubView) -> str:
    favourite = home if home.percent >= away.percent else away
    if answer.confidence < TOSS_UP:
        return "A coin flip"
    return (
        f"Leans {favourite.letters}"
        if answer.confidence < SLIGHT_FAVOURITE
        else f"{favourite.letters} favoured"
    )


def _format_run_range(answer: responses.GameAnswer) -> str:
    if answer.runs is UNSET:
        return ""
    (low, high), (behind, ahead) = answer.runs.interval_80.total, answer.runs.interval_80.margin
    home, away = answer.home_team, answer.away_team
    return f"{low}–{high} runs in all; from {away} by {-behind} to {home} by {ahead}"


def _format_start(forecaster: Forecaster, answer: responses.GameAnswer) -> str:
    start = answer.scheduled_start
    if not isinstance(start, datetime):
        return ""
    zone = forecaster.directory.time_zone(answer.game_pk)
    return f"{start.astimezone(ZoneInfo(zone)):%H:%M %Z}"


def _chart_caption(what: str, interval: tuple[int, int]) -> str:
    return f"{what}: four times in five from {interval[0]} to {interval[1]}"


def _name_clubs(meaning: str, game: GameView) -> str:
    words = meaning.replace("the home club's", f"{game.home.letters}'s")
    return words.replace("the visitors'", f"{game.away.letters}'s")


def _format_points(size: float, game: GameView) -> str:
    side = game.home if size >= 0 else game.away
    return f"{abs(size):.1f} points for {side.letters}"


def format_day(day: date) -> str:
    """Return a day such as Wednesday, April 15, 2026."""
    return f"{day:%A, %B} {day.day}, {day.year}"


def stat_unit(stat: str) -> str:
    """Return the unit of a statistic."""
    return STAT_UNITS.get(stat, stat.replace("_", " "))
