"""Results and the record as rows of tables, for CSV."""

from collections.abc import Iterable, Iterator

from services.predict_api.schemas.result_responses import ResultForecast, ResultsAnswer
from shared.modeling.forecast_record import LossRecord, RecordWindow

RESULT_COLUMNS = (
    *("game_date", "game_pk", "game_number", "away_team", "home_team", "state", "away_score", "home_score"),
    *("target", "player_id", "name", "variant", "made_at", "mean", "low_80", "high_80"),
    *("actual", "p_actual", "hit", "log_loss"),
)
RECORD_COLUMNS = (
    *("window", "first", "last", "target", "forecasts", "decided", "hits", "mean_miss", "log_loss"),
    *("compared", "compared_log_loss", "guess_log_loss"),
    *("compared_days", "gain", "gain_se", "market_log_loss", "variant"),
)


def result_rows(answer: ResultsAnswer) -> Iterator[dict[str, object]]:
    """Yield a row for each forecast that counts, and one for each game without any."""
    by_game: dict[int, list[ResultForecast]] = {}
    for one in answer.forecasts:
        by_game.setdefault(one.game_pk, []).append(one)
    for game in answer.games:
        row = {
            "game_date": answer.game_date,
            "game_pk": game.game_pk,
            "game_number": game.game_number,
            "away_team": game.away_team,
            "home_team": game.home_team,
            "state": game.state,
            "away_score": game.away_score,
            "home_score": game.home_score,
        }
        forecasts = by_game.get(game.game_pk, [])
        if not forecasts:
            yield row
        for one in forecasts:
            yield row | _forecast_columns(one)


def _forecast_columns(one: ResultForecast) -> dict[str, object]:
    low, high = one.interval_80 or (None, None)
    return {
        "target": one.target,
        "player_id": one.player_id,
        "name": one.name,
        "variant": one.variant,
        "made_at": one.made_at.isoformat(),
        "mean": one.mean,
        "low_80": low,
        "high_80": high,
        "actual": one.actual,
        "p_actual": one.p_actual,
        "hit": None if one.hit is None else str(one.hit).lower(),
        "log_loss": one.log_loss,
    }


def record_rows(windows: Iterable[RecordWindow]) -> Iterator[dict[str, object]]:
    """Yield a row for each window and target, and after it one for each of its line-up variants."""
    for window in windows:
        for one in window.targets:
            row = {
                "window": window.name,
                "first": window.first,
                "last": window.last,
                "target": one.target,
            }
            counts = {"decided": one.decided, "hits": one.hits, "mean_miss": one.mean_miss}
            yield row | counts | _loss_columns(one)
            for of_variant in one.variants:
                yield row | _loss_columns(of_variant) | {"variant": of_variant.variant}


def _loss_columns(one: LossRecord) -> dict[str, object]:
    return {name: getattr(one, name) for name in LossRecord.__struct_fields__}
