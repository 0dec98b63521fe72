"""How stored forecasts did over windows of days, in plain numbers, beside a guess."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import fsum, log
from typing import Literal

import msgspec

from shared.ports import ObjectStore
from shared.storage.day_results import DayTotals, TargetTotals, list_result_days, load_day_totals

WindowName = Literal["day", "7_days", "30_days", "season"]
_DAYS: dict[WindowName, int] = {"day": 1, "7_days": 7, "30_days": 30}
WINDOW_TITLES: dict[WindowName, str] = {
    "day": "The last day",
    "7_days": "Last 7 days",
    "30_days": "Last 30 days",
    "season": "This season",
}
MIN_COMPARED = 100  # games from which a record of wins is called better or worse than a guess
MIN_KNOWN = 100  # outcomes before a day from which a guess of a count is made


class TargetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How the forecasts of one target did.

    `hits` of `decided`: favourites that won where `is_win`, else counts inside the 80 % range. `mean_miss` is
    the mean distance of the forecast from what happened; of a home win, from 1 or 0. `log_loss` is in nats,
    of all; `compared` forecasts have a guess too, and `compared_log_loss` and `guess_log_loss` are theirs.
    """

    target: str
    is_win: bool
    forecasts: int
    decided: int
    hits: int
    mean_miss: float
    log_loss: float
    compared: int
    compared_log_loss: float | None
    guess_log_loss: float | None

    @property
    def hit_share(self) -> float | None:
        """Return the share of hits; None where nothing was decided."""
        return self.hits / self.decided if self.decided else None


class RecordWindow(msgspec.Struct, frozen=True, kw_only=True):
    """The forecasts of some days: `first` to `last`, of which `days` have scored forecasts.

    `targets` is empty where nothing was scored. `in_range` of `ranged` counts lie inside the 80 % range of
    their forecast, over all targets but the home win.
    """

    name: WindowName
    first: date
    last: date
    days: int
    games_over: int
    favourites: int
    favourites_won: int
    ranged: int
    in_range: int
    targets: tuple[TargetRecord, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether no forecast was scored in the window."""
        return not self.targets


class ForecastRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record up to a day: that day, its last 7 and 30 days, and its season from January on."""

    through: date
    windows: tuple[RecordWindow, ...]

    def window(self, name: WindowName) -> RecordWindow:
        """Return a window by its name."""
        return next(one for one in self.windows if one.name == name)


def load_forecast_record(objects: ObjectStore, through: date) -> ForecastRecord:
    """Return the record up to a day."""
    return summarize_record(load_known_totals(objects, through), through)


def load_known_totals(objects: ObjectStore, through: date) -> list[DayTotals]:
    """Return the sums of a day's season up to it and of the season before, for the guesses, in order."""
    seasons = (through.year - 1, through.year)
    days = (day for season in seasons for day in list_result_days(objects, season) if day <= through)
    return load_day_totals(objects, days)


def summarize_record(days: Iterable[DayTotals], through: date) -> ForecastRecord:
    """Return the record of the windows that end with `through`.

    `days` are in order. A guess knows nothing of who plays: it gives each count the share that it had among
    all games or starters on the earlier of these days, smoothed by one outcome spread evenly. A home win it
    guesses from the first day on (then as a coin flip), a count once `MIN_KNOWN` outcomes are known.

    >>> summarize_record([], date(2026, 4, 6)).window("7_days").is_empty
    True
    """
    compared = list(_with_guesses(day for day in days if day.game_date <= through))
    firsts = {name: through - timedelta(days=length - 1) for name, length in _DAYS.items()}
    firsts["season"] = date(through.year, 1, 1)
    windows = (
        _summarize_window(name, first, through, [day for day in compared if day.totals.game_date >= first])
        for name, first in firsts.items()
    )
    return ForecastRecord(through=through, windows=tuple(windows))


def describe_window(window: RecordWindow) -> list[str]:
    """Return a window in sentences: favourites that won, counts inside their range, who wins beside a guess.

    >>> describe_window(summarize_record([], date(2026, 4, 6)).window("day"))
    ['No forecast was scored in these days.']
    """
    if window.is_empty:
        return ["No forecast was scored in these days."]
    sentences = []
    if window.favourites:
        share = _percent(window.favourites_won, window.favourites)
        sentences.append(f"{window.favourites_won:,} of {window.favourites:,} favourites won ({share}).")
    if window.ranged:
        counts = f"{window.in_range:,} of {window.ranged:,} counts were inside their 80\u00a0% range"
        sentences.append(f"{counts} ({_percent(window.in_range, window.ranged)}).")
    return sentences + [
        _compare_with_guess(one, one.compared_log_loss, one.guess_log_loss)
        for one in window.targets
        if one.is_win and one.compared_log_loss is not None and one.guess_log_loss is not None
    ]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}\u00a0%"


def _compare_with_guess(one: TargetRecord, log_loss: float, guess: float) -> str:
    losses = f"Who wins: log loss {log_loss:.4f}, guessing {guess:.4f}"
    if one.compared < MIN_COMPARED:
        return f"{losses}, over {one.compared} games: too few to compare."
    gain = guess - log_loss
    return f"{losses}: {abs(gain):.4f} {'better' if gain > 0 else 'worse'} than a guess."


class _ComparedDay(msgspec.Struct, frozen=True):
    """A day's sums, and the log loss of guessing its scored forecasts by target, where a guess was made."""

    totals: DayTotals
    guesses: dict[str, float]


def _with_guesses(days: Iterable[DayTotals]) -> Iterator[_ComparedDay]:
    known: dict[str, Sequence[int]] = {}  # outcomes of the days before, by target
    for day in days:
        before = {target: _pad(known.get(target, ()), sums) for target, sums in day.targets.items()}
        guesses = {
            target: _guess_log_loss(sums.scored, before[target])
            for target, sums in day.targets.items()
            if sums.is_win or sum(before[target]) >= MIN_KNOWN
        }
        yield _ComparedDay(day, guesses)
        for target, sums in day.targets.items():
            known[target] = [sum(pair) for pair in zip(before[target], sums.happened, strict=True)]


def _pad(before: Sequence[int], sums: TargetTotals) -> Sequence[int]:
    """Return the outcomes known before; none where they were counted up to another count than now."""
    return before if len(before) == len(sums.happened) else [0] * len(sums.happened)


def _guess_log_loss(scored: Sequence[int], before: Sequence[int]) -> float:
    """Return the sum of the log losses, in nats, of guessing `scored` outcomes by their shares `before`."""
    even, known = 1 / len(before), sum(before) + 1
    return -fsum(
        count * log((seen + even) / known) for count, seen in zip(scored, before, strict=True) if count
    )


def _summarize_window(
    name: WindowName, first: date, last: date, days: Sequence[_ComparedDay]
) -> RecordWindow:
    forecast = {name for one in days for name, sums in one.totals.targets.items() if sums.forecasts}
    targets = tuple(_summarize_target(target, days) for target in sorted(forecast))
    return RecordWindow(
        name=name,
        first=first,
        last=last,
        days=sum(any(sums.forecasts for sums in one.totals.targets.values()) for one in days),
        games_over=sum(one.totals.games_over for one in days),
        favourites=sum(one.decided for one in targets if one.is_win),
        favourites_won=sum(one.hits for one in targets if one.is_win),
        ranged=sum(one.decided for one in targets if not one.is_win),
        in_range=sum(one.hits for one in targets if not one.is_win),
        targets=targets,
    )


def _summarize_target(target: str, days: Sequence[_ComparedDay]) -> TargetRecord:
    sums = [found for one in days if (found := one.totals.targets.get(target)) and found.forecasts]
    guessed = [
        (found, one.guesses[target])
        for one in days
        if target in one.guesses and (found := one.totals.targets[target]).forecasts
    ]
    forecasts = sum(one.forecasts for one in sums)
    compared = sum(one.forecasts for one, _ in guessed)
    return TargetRecord(
        target=target,
        is_win=any(one.is_win for one in sums),
        forecasts=forecasts,
        decided=sum(one.decided for one in sums),
        hits=sum(one.hits for one in sums),
        mean_miss=fsum(one.absolute_error for one in sums) / forecasts,
        log_loss=fsum(one.log_loss for one in sums) / forecasts,
        compared=compared,
        compared_log_loss=_mean((one.log_loss for one, _ in guessed), compared),
        guess_log_loss=_mean((loss for _, loss in guessed), compared),
    )


def _mean(losses: Iterable[float], number: int) -> float | None:
    return fsum(losses) / number if number else None
