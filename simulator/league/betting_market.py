"""What bookmakers would quote on a simulated game: its true chances, seen through an error that shrinks.

A line opens with an error on the logit scale that is drawn for the game, moves evenly from there, and closes
with a smaller one; every book adds a little of its own, and its margin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray

from simulator.game_record import BookmakerQuote
from simulator.league.rng import seeded_random

Ints = NDArray[np.int64]

LINE_OPENS_BEFORE, LINE_MOVES_EVERY = timedelta(hours=24), timedelta(minutes=30)
_RUN_LINE = 1.5
_MIN_PROBABILITY = 0.02


@dataclass(frozen=True, slots=True)
class Bookmaker:
    """One bookmaker: its key, its name, what its prices add up to beyond 1, its own error in logits."""

    key: str
    title: str
    margin: float
    error: float


@dataclass(frozen=True, slots=True)
class BettingMarket:
    """How sharp a market is: the standard deviations in logits of its opening and closing errors."""

    opening: float = 0.16
    closing: float = 0.06
    bookmakers: tuple[Bookmaker, ...] = (
        Bookmaker("fanduel", "FanDuel", 0.019, 0.015),
        Bookmaker("draftkings", "DraftKings", 0.017, 0.015),
        Bookmaker("betmgm", "BetMGM", 0.049, 0.03),
    )

    def generate_quotes(
        self, seed: int, game_pk: int, start: datetime, scores: tuple[Ints, Ints], at: datetime
    ) -> Iterator[BookmakerQuote]:
        """Yield every book's quotes on a game as they stood at an instant; none before the line opens.

        Args:
            seed: the league's.
            game_pk: the game's number.
            start: first pitch, after which the line stands still.
            scores: away and home runs of many replays, the truth that the market guesses at.
            at: when somebody looks.
        """
        if at < start - LINE_OPENS_BEFORE:
            return
        moved = (
            start
            - LINE_OPENS_BEFORE
            + (min(at, start) - (start - LINE_OPENS_BEFORE)) // LINE_MOVES_EVERY * LINE_MOVES_EVERY
        )
        share = (moved - (start - LINE_OPENS_BEFORE)) / LINE_OPENS_BEFORE
        for bookmaker in self.bookmakers:
            side, total = (
                self._line_error(seeded_random(seed, "line", what, game_pk), share)
                + seeded_random(seed, "book", bookmaker.key, what, game_pk).gauss(0, bookmaker.error)
                for what in ("side", "total")
            )
            yield from _bookmaker_quotes(bookmaker, moved, scores, side, total)

    def _line_error(self, rng: Random, share: float) -> float:
        """Return the line's error when a share of its time has passed: from opening to closing."""
        opening, closing = rng.gauss(0, self.opening), rng.gauss(0, self.closing)
        return opening + share * (closing - opening)


def _bookmaker_quotes(
    bookmaker: Bookmaker, at: datetime, scores: tuple[Ints, Ints], side: float, total_error: float
) -> Iterator[BookmakerQuote]:
    away, home = scores
    total = float(np.median(away + home).round()) + 0.5
    favoured = 1 if (home > away).mean() >= 0.5 else -1
    cover = _market_probability((home - away) * favoured > _RUN_LINE, side * favoured)
    spread = (cover, 1 - cover) if favoured == 1 else (1 - cover, cover)
    won, over = _market_probability(home > away, side), _market_probability(away + home > total, total_error)
    yield BookmakerQuote(
        bookmaker.key, bookmaker.title, at, "h2h", _decimal_prices(won, 1 - won, bookmaker.margin), None
    )
    yield BookmakerQuote(
        bookmaker.key,
        bookmaker.title,
        at,
        "spreads",
        _decimal_prices(*spread, bookmaker.margin),
        -_RUN_LINE * favoured,
    )
    yield BookmakerQuote(
        bookmaker.key, bookmaker.title, at, "totals", _decimal_prices(over, 1 - over, bookmaker.margin), total
    )


def _market_probability(happened: NDArray[np.bool_], shift: float) -> float:
    """Return a chance as the market sees it: the truth's logit moved by its error."""
    chance = min(max(float(happened.mean()), _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return float(1 / (1 + (1 - chance) / chance * np.exp(-shift)))


def _decimal_prices(first: float, second: float, margin: float) -> tuple[float, float]:
    """Return decimal prices whose inverses add up to 1 and the margin, shared in proportion."""
    return 1 / (first * (1 + margin)), 1 / (second * (1 + margin))
