"""The part of the morning report about forecasts: days against their results, and the record of windows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from services.loader.daily.report_inputs import TITLES
from shared.modeling.forecast_record import (
    ForecastRecord,
    TargetRecord,
    WindowName,
    load_known_totals,
    summarize_record,
)
from shared.ports import ObjectStore
from shared.storage.coverage import days_between
from shared.storage.daily_reports import DayScore, RecordLine, ReportedGame, ReportedStarter
from shared.storage.day_results import DayResults, GameResult, ScoredForecast, load_day_results

WIN, STRIKEOUTS = "home_win", "pitcher_strikeouts"
_MOST_DAYS = timedelta(days=60)  # whose results are read after a long absence
_OVER = ("final", "tie")
_WINDOWS: Mapping[WindowName, str] = {"7_days": "7 days", "30_days": "30 days", "season": "season"}


def describe_forecasts(objects: ObjectStore, first: date, last: date) -> dict[str, Any]:
    """Return the report's fields about forecasts of these days; games and starters are of the last played."""
    days = days_between(max(first, last - _MOST_DAYS), last)
    played = [results for day in days if (results := load_day_results(objects, day)) and _is_played(results)]
    totals = load_known_totals(objects, last)
    return {
        "day_scores": tuple(score_day(one, summarize_record(totals, one.game_date)) for one in played),
        "games": list_games(played[-1]) if played else (),
        "starters": list_starters(played[-1]) if played else (),
        "surprise": largest_surprise(played),
        "record": list_record(summarize_record(totals, last)),
    }


def score_day(results: DayResults, record: ForecastRecord) -> DayScore:
    """Return how a day's forecasts of winners did; `record` ends with that day."""
    over = [game for game in results.games if _counts_here(game, results.game_date)]
    wins = _target_record(record, "day", WIN)
    if wins is None:
        return DayScore(results.game_date, len(over), 0, 0)
    return DayScore(results.game_date, len(over), wins.decided, wins.hits, wins.log_loss, _guess_of_all(wins))


def list_games(results: DayResults) -> tuple[ReportedGame, ...]:
    """Return the finished games of a day beside their forecasts, in the order in which they began."""
    forecasts = {one.game_pk: one for one in results.forecasts if one.target == WIN}
    over = (game for game in results.games if _counts_here(game, results.game_date))
    ordered = sorted(over, key=lambda game: (game.scheduled_start, game.game_pk))
    return tuple(_reported_game(game, forecasts.get(game.game_pk)) for game in ordered)


def list_starters(results: DayResults) -> tuple[ReportedStarter, ...]:
    """Return the starters' strikeouts of a day beside their forecasts, the widest misses first."""
    players = {(line.game_pk, line.player_id): line for line in results.lines}
    clubs = {game.game_pk: _club_names(game) for game in results.games}
    found = []
    for one in results.forecasts:
        line = players.get((one.game_pk, one.player_id or 0))
        if one.target != STRIKEOUTS or one.interval_80 is None or line is None:
            continue
        club = clubs[one.game_pk].get(line.team_id, "")
        found.append(
            ReportedStarter(
                results.game_date, line.player_id, line.name, club, one.mean, *one.interval_80, one.actual
            )
        )
    return tuple(sorted(found, key=lambda one: (-abs(one.strikeouts - one.expected), one.player_id)))


def largest_surprise(days: Sequence[DayResults]) -> str | None:
    """Return the game whose outcome had the least chance, as half a sentence; None if favourites won all."""
    upsets = [
        (one.p_actual, game)
        for day in days
        for one in day.forecasts
        if one.target == WIN and one.hit is False
        for game in day.games
        if game.game_pk == one.game_pk and _counts_here(game, day.game_date)
    ]
    if not upsets:
        return None
    chance, game = min(upsets, key=lambda pair: (pair[0], pair[1].game_pk))
    home, away = _letters(game)
    scores = (game.home_score or 0, game.away_score or 0)
    winner, loser = (home, away) if scores[0] > scores[1] else (away, home)
    return f"{winner} beat {loser} {max(scores)}–{min(scores)}, at {100 * chance:.0f} %"


def list_record(record: ForecastRecord) -> tuple[RecordLine, ...]:
    """Return the record of winners and of starters' strikeouts over each window."""
    return tuple(_record_lines(record))


def _record_lines(record: ForecastRecord) -> Iterator[RecordLine]:
    for target in (WIN, STRIKEOUTS):
        for name, label in _WINDOWS.items():
            window = record.window(name)
            found = _target_record(record, name, target)
            if found:
                yield _record_line(found, label, window.first, window.last)


def _record_line(record: TargetRecord, label: str, first: date, last: date) -> RecordLine:
    return RecordLine(
        label,
        first,
        last,
        TITLES.get(record.target, record.target),
        record.forecasts,
        hit_share=record.hit_share if record.is_win else None,
        mean_miss=None if record.is_win else record.mean_miss,
        inside_share=None if record.is_win else record.hit_share,
        log_loss=record.log_loss,
        naive_log_loss=_guess_of_all(record),
    )


def _guess_of_all(record: TargetRecord) -> float | None:
    """Return the log loss of guessing, where every forecast has a guess: else the two do not compare."""
    return record.guess_log_loss if record.compared == record.forecasts else None


def _target_record(record: ForecastRecord, name: WindowName, target: str) -> TargetRecord | None:
    return next((one for one in record.window(name).targets if one.target == target), None)


def _is_played(results: DayResults) -> bool:
    return any(_counts_here(game, results.game_date) for game in results.games)


def _counts_here(game: GameResult, day: date) -> bool:
    """Return whether a game is over and counts for this day; one that moved is listed on both."""
    return game.state in _OVER and game.game_date == day


def _reported_game(game: GameResult, forecast: ScoredForecast | None) -> ReportedGame:
    home, away = _letters(game)
    scores = game.away_score or 0, game.home_score or 0
    if forecast is None:
        return ReportedGame(game.game_date, game.game_pk, away, home, *scores)
    favourite, chance = (home, forecast.mean) if forecast.mean >= 0.5 else (away, 1 - forecast.mean)
    return ReportedGame(game.game_date, game.game_pk, away, home, *scores, favourite, chance, forecast.hit)


def _letters(game: GameResult) -> tuple[str, str]:
    return game.home_team or str(game.home_team_id), game.away_team or str(game.away_team_id)


def _club_names(game: GameResult) -> dict[int, str]:
    home, away = _letters(game)
    return {game.home_team_id: home, game.away_team_id: away}
