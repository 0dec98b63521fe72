"""Console screens of results and of the record of forecasts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from hankstank.cli.views import display_name
from hankstank.terminal import draw_rows, print_text, stdout_console
from shared.modeling.forecast_record import (
    WINDOW_TITLES,
    LossRecord,
    RecordWindow,
    TargetRecord,
    describe_gain,
    describe_window,
)

_WIN = "home_win"


def draw_results(days: Sequence[Mapping[str, Any]]) -> None:
    """Draw the games of each day beside the forecasts, and how many counts were within their range."""
    for day in days:
        forecasts = {(one["game_pk"], one["target"]): one for one in day["forecasts"] if not one["player_id"]}
        rows = [_game_cells(game, forecasts.get((game["game_pk"], _WIN))) for game in day["games"]]
        title = f"Games of {day['game_date']} · {day['world']}"
        draw_rows(("Game", "Score", "State", "Forecast", "Favourite"), rows, title=title)
        counts = [one for one in day["forecasts"] if one["interval_80"]]
        if counts:
            hits = sum(one["hit"] for one in counts)
            share = f"{hits:,} of {len(counts):,} counts within their 80 % range ({hits / len(counts):.0%})"
            print_text(f"{share}: --json and --csv list them")


def _game_cells(game: Mapping[str, Any], forecast: Mapping[str, Any] | None) -> tuple[str, ...]:
    number = f" ({game['game_number']})" if game["game_number"] > 1 else ""
    score = "–" if game["home_score"] is None else f"{game['away_score']}–{game['home_score']}"
    state = game["state"].replace("_", " ")
    clubs = f"{game['away_team']} at {game['home_team']}{number}"
    if forecast is None:
        return clubs, score, state, "none", ""
    chance = forecast["mean"]
    favourite = game["home_team"] if chance >= 0.5 else game["away_team"]
    won = {None: "even", True: "won", False: "lost"}[forecast["hit"]]
    return clubs, score, state, f"{favourite} {max(chance, 1 - chance):.1%}", won


def draw_record(windows: Sequence[Mapping[str, Any]]) -> None:
    """Draw each window in sentences, and its numbers by target."""
    for window in msgspec.convert(windows, list[RecordWindow]):
        stdout_console().print(f"\n[bold]{WINDOW_TITLES[window.name]}[/]  ({window.first} to {window.last})")
        for sentence in describe_window(window):
            print_text(f"  {sentence}")
        if window.targets:
            draw_rows(
                ("Target", "Forecasts", "Mean miss", "Inside 80 %", "Log loss", "Guessing", "Gain"),
                [cells for one in window.targets for cells in _record_cells(one)],
            )


def _record_cells(one: TargetRecord) -> Iterator[tuple[str, ...]]:
    """Yield the cells of a target, and of its line-up variants where there are several."""
    inside = "–" if one.is_win or one.hit_share is None else f"{one.hit_share:.0%}"
    forecasts = f"{one.forecasts:,}"
    yield display_name(one.target), forecasts, f"{one.mean_miss:.2f}", inside, *_loss_cells(one)
    if len(one.variants) > 1:
        for variant in one.variants:
            yield f"  line-ups {variant.variant}", f"{variant.forecasts:,}", "", "", *_loss_cells(variant)


def _loss_cells(one: LossRecord) -> tuple[str, str, str]:
    loss = one.log_loss if one.compared_log_loss is None else one.compared_log_loss
    guess = "–" if one.guess_log_loss is None else f"{one.guess_log_loss:.4f}"
    return f"{loss:.4f}", guess, describe_gain(one)
