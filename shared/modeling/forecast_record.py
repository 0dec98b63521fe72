"""How stored forecasts did over windows of days, in plain numbers, beside a guess."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import fsum, log, sqrt
from typing import Any, Literal

import msgspec

from shared.ports import ObjectStore
from shared.storage.day_results import (
    DayTotals,
    ForecastSums,
    TargetTotals,
    list_result_days,
    load_day_totals,
)

WindowName = Literal["day", "7_days", "14_days", "30_days", "season"]
_DAYS: dict[WindowName, int] = {"day": 1, "7_days": 7, "14_days": 14, "30_days": 30}
WINDOW_TITLES: dict[WindowName, str] = {
    "day": "The last day",
    "7_days": "Last 7 days",
    "14_days": "Last 14 days",
    "30_days": "Last 30 days",
    "season": "This season",
}
MIN_COMPARED = 100  # games from which a record of wins is called better or worse than a guess
MIN_KNOWN = 100  # outcomes before a day from which a guess of a count is made


class LossRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Log losses of forecasts over some days, in nats, beside those of a guess.

    `log_loss` is of all; `compared` forecasts of `compared_days` have a guess too, and `compared_log_loss`
    and `guess_log_loss` are theirs. `gain` is the guess minus ours, above 0 we are better, and `gain_se` its
    standard error clustered by day: None for fewer than two days. `market_log_loss` is the betting market's,
    None where it is not known of all.
    """

    forecasts: int
    log_loss: float
    compared: int
    compared_log_loss: float | None
    guess_log_loss: float | None
    compared_days: int = 0
    gain: float | None = None
    gain_se: float | None = None
    market_log_loss: float | None = None


class VariantRecord(LossRecord, frozen=True, kw_only=True):
    """How the forecasts made from one kind of line-ups did."""

    variant: str


class TargetRecord(LossRecord, frozen=True, kw_only=True):
    """How the forecasts of one target did, all and by line-up variant.

    `hits` of `decided`: favourites that won where `is_win`, else counts inside the 80 % range. `mean_miss` is
    the mean distance of the forecast from what happened; of a home win, from 1 or 0. `variants` lack days
    that were scored before the sums were kept by variant.
    """

    target: str
    is_win: bool
    decided: int
    hits: int
    mean_miss: float
    variants: tuple[VariantRecord, ...] = ()

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


class RecentRecord(LossRecord, frozen=True, kw_only=True):
    """How one target's forecasts did on the newest days that have a guess, from `first` to `last`."""

    first: date
    last: date


class ForecastRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record up to a day: that day, its last 7, 14 and 30 days, and its season from January on."""

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


def summarize_recent_days(days: Iterable[DayTotals], through: date, number: int) -> dict[str, RecentRecord]:
    """Return each target's record over its newest `number` days with a guess, of the season up to `through`.

    A day without forecasts does not count, so after a break the days reach further back; `compared_days` are
    fewer early in a season. `days` are in order.
    """
    first = date(through.year, 1, 1)
    known = _with_guesses(day for day in days if day.game_date <= through)
    found: dict[str, list[tuple[date, _Compared]]] = {}
    for day in known:
        for target, one in day.targets.items():
            if day.totals.game_date >= first and one.guess is not None:
                found.setdefault(target, []).append((day.totals.game_date, one))
    return {
        target: RecentRecord(
            first=newest[0][0], last=newest[-1][0], **_summarize_losses([one for _, one in newest])
        )
        for target, every in found.items()
        if (newest := every[-number:])
    }


def measure_gain(days: Sequence[tuple[int, float]]) -> tuple[float | None, float | None]:
    """Return the mean gain of days' forecasts and its standard error, of (forecasts, sum of gains) by day.

    The error is clustered by day, as the games of a day share its weather, rosters and release: with n
    forecasts and gains D a day, mean = ΣD / Σn and error = √Σ(D − n·mean)² / Σn, the sandwich estimator of a
    ratio (Liang and Zeger 1986). None without a day, and no error of a single one.

    >>> measure_gain([(2, 1.0), (2, 0.0)])
    (0.25, 0.17677669529663687)
    """
    forecasts = sum(number for number, _ in days)
    if not forecasts:
        return None, None
    mean = fsum(gain for _, gain in days) / forecasts
    squares = fsum((gain - number * mean) ** 2 for number, gain in days)
    return mean, sqrt(squares) / forecasts if len(days) > 1 else None


def describe_gain(one: LossRecord) -> str:
    """Return a gain and its standard error as text; a dash for one that is not known."""
    if one.gain is None:
        return "–"
    return f"{one.gain:+.4f}" if one.gain_se is None else f"{one.gain:+.4f} ± {one.gain_se:.4f}"


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


class _Compared(msgspec.Struct, frozen=True):
    """Sums of a day, and the sum of the log losses of guessing the same; None where no guess was made."""

    sums: ForecastSums
    guess: float | None


class _ComparedDay(msgspec.Struct, frozen=True):
    """A day's sums beside guesses: by target, and by target and line-up variant; without those of nothing."""

    totals: DayTotals
    targets: dict[str, _Compared]
    variants: dict[tuple[str, str], _Compared]


def _with_guesses(days: Iterable[DayTotals]) -> Iterator[_ComparedDay]:
    known: dict[str, Sequence[int]] = {}  # outcomes of the days before, by target
    for day in days:
        before = {target: _pad(known.get(target, ()), sums) for target, sums in day.targets.items()}
        yield _compare_day(day, before)
        for target, sums in day.targets.items():
            known[target] = [sum(pair) for pair in zip(before[target], sums.happened, strict=True)]


def _compare_day(day: DayTotals, before: Mapping[str, Sequence[int]]) -> _ComparedDay:
    def compare(target: str, sums: ForecastSums) -> _Compared:
        is_known = day.targets[target].is_win or sum(before[target]) >= MIN_KNOWN
        return _Compared(sums, _guess_log_loss(sums.scored, before[target]) if is_known else None)

    targets = {target: sums for target, sums in day.targets.items() if sums.forecasts}
    return _ComparedDay(
        day,
        {target: compare(target, sums) for target, sums in targets.items()},
        {
            (target, variant): compare(target, of_variant)
            for target, sums in targets.items()
            for variant, of_variant in sums.variants.items()
        },
    )


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
    forecast = {target for one in days for target in one.targets}
    targets = tuple(_summarize_target(target, days) for target in sorted(forecast))
    return RecordWindow(
        name=name,
        first=first,
        last=last,
        days=sum(bool(one.targets) for one in days),
        games_over=sum(one.totals.games_over for one in days),
        favourites=sum(one.decided for one in targets if one.is_win),
        favourites_won=sum(one.hits for one in targets if one.is_win),
        ranged=sum(one.decided for one in targets if not one.is_win),
        in_range=sum(one.hits for one in targets if not one.is_win),
        targets=targets,
    )


def _summarize_target(target: str, days: Sequence[_ComparedDay]) -> TargetRecord:
    compared = [one.targets[target] for one in days if target in one.targets]
    sums = [one.sums for one in compared]
    losses = _summarize_losses(compared)
    return TargetRecord(
        target=target,
        is_win=any(one.totals.targets[target].is_win for one in days if target in one.targets),
        decided=sum(one.decided for one in sums),
        hits=sum(one.hits for one in sums),
        mean_miss=fsum(one.absolute_error for one in sums) / losses["forecasts"],
        variants=tuple(_summarize_variants(target, days)),
        **losses,
    )


def _summarize_variants(target: str, days: Sequence[_ComparedDay]) -> Iterator[VariantRecord]:
    for key in sorted({key for one in days for key in one.variants if key[0] == target}):
        compared = [one.variants[key] for one in days if key in one.variants]
        yield VariantRecord(variant=key[1], **_summarize_losses(compared))


def _summarize_losses(days: Sequence[_Compared]) -> dict[str, Any]:
    """Return the fields of a LossRecord over days that have forecasts."""
    guessed = [(one.sums, one.guess) for one in days if one.guess is not None]
    forecasts = sum(one.sums.forecasts for one in days)
    compared = sum(sums.forecasts for sums, _ in guessed)
    market = [one.sums.market_log_loss for one in days]
    gain, gain_se = measure_gain([(sums.forecasts, guess - sums.log_loss) for sums, guess in guessed])
    return {
        "forecasts": forecasts,
        "log_loss": fsum(one.sums.log_loss for one in days) / forecasts,
        "compared": compared,
        "compared_log_loss": _mean((sums.log_loss for sums, _ in guessed), compared),
        "guess_log_loss": _mean((guess for _, guess in guessed), compared),
        "compared_days": len(guessed),
        "gain": gain,
        "gain_se": gain_se,
        "market_log_loss": None if None in market else fsum(one or 0.0 for one in market) / forecasts,
    }


def _mean(losses: Iterable[float], number: int) -> float | None:
    return fsum(losses) / number if number else None
