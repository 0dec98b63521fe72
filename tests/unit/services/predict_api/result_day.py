"""Results of a day in the release store's world, as the loader writes them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.ports import ObjectStore
from shared.storage.day_results import (
    DayResults,
    DayTotals,
    ForecastSums,
    GameResult,
    PlayerLine,
    ScoredForecast,
    TargetTotals,
    store_day_results,
)
from tests.unit.services.predict_api.release_store import BOS, BOS_BATTERS, BOS_STARTER, NOW, NYY


def result(day: date, game_pk: int = 1, **more: Any) -> GameResult:
    """Return a game that New York won at home, 5 to 3."""
    values: dict[str, Any] = {
        "game_number": 1, "game_date": day, "state": "final", "detailed_state": "Final",
        "scheduled_start": datetime(day.year, day.month, day.day, 16, tzinfo=UTC), "home_team_id": NYY,
        "away_team_id": BOS, "home_team": "NYY", "away_team": "BOS", "home_score": 5, "away_score": 3, "innings": 9,
    }  # fmt: skip
    return GameResult(game_pk=game_pk, **values | more)


def lines(game_pk: int = 1) -> tuple[PlayerLine, ...]:
    """Return the lines of a Boston batter, two hits, and of Boston's starter, six strikeouts."""
    common = {"game_pk": game_pk, "team_id": BOS, "is_starter": True}
    return (
        PlayerLine(
            player_id=BOS_BATTERS[0], name="Player 1101", is_starting_pitcher=False, batting_order=100,
            plate_appearances=4, batting={"hits": 2, "home_runs": 0}, **common,
        ),
        PlayerLine(
            player_id=BOS_STARTER, name="Player 1001", is_starting_pitcher=True, batters_faced=24,
            pitching={"strikeouts": 6}, **common,
        ),
    )  # fmt: skip


def scored(target: str, actual: int, player_id: int | None = None, **more: Any) -> ScoredForecast:
    """Return a scored forecast that hit."""
    values: dict[str, Any] = {
        "game_pk": 1, "variant": "projected", "release_id": "000001", "model_version": "1.0.0", "made_at": NOW,
        "mean": 0.6 if player_id is None else 1.1, "interval_80": None if player_id is None else (0, 2),
        "p_actual": 0.6, "hit": True, "log_loss": 0.5108,
    }  # fmt: skip
    return ScoredForecast(target=target, player_id=player_id, actual=actual, **values | more)


def store_results(objects: ObjectStore, day: date, **more: Any) -> DayResults:
    """Store a day's results and its sums."""
    values: dict[str, Any] = {
        "games": (result(day),),
        "lines": lines(),
        "forecasts": (scored("home_win", 1), scored("batter_hits", 2, BOS_BATTERS[0])),
    }
    results = DayResults(game_date=day, **values | more)
    win: dict[str, Any] = {
        "forecasts": 1, "decided": 1, "hits": 1, "absolute_error": 0.4, "log_loss": 0.5108, "scored": (0, 1)
    }  # fmt: skip
    wins = TargetTotals(**win, happened=(0, 1), variants={"projected": ForecastSums(**win)})
    hits = TargetTotals(
        forecasts=9, decided=9, hits=8, absolute_error=4.5, log_loss=9.0,
        scored=(4, 3, 2, 0, 0, 0, 0, 0, 0), happened=(8, 6, 4, 0, 0, 0, 0, 0, 0),
    )  # fmt: skip
    totals = DayTotals(
        game_date=day,
        games_over=1,
        games_not_over=0,
        targets={"home_win": wins, "batter_hits": hits},
        games=tuple(game.game_pk for game in results.games),
    )
    store_day_results(objects, results, totals)
    return results


def store_season(objects: ObjectStore, last: date, days: int) -> None:
    """Store the results of so many days up to `last`."""
    for back in range(days):
        store_results(objects, last - timedelta(days=back), games=(result(last, 500 + back),), lines=())
