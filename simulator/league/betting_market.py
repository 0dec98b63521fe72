"""Bookmakers' quotes on a simulated game: its true probabilities with an error that shrinks over time.

A line opens with a random error on the logit scale, moves linearly from there, and closes with a smaller
error. Each bookmaker adds a small error of its own, and its margin.
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
    """One bookmaker: key, name, margin (implied probabilities' sum beyond 1) and own error in logits."""

    key: str
    title: str
    margin: float
    error: float


@dataclass(frozen=True, slots=True)
class BettingMarket:
    """A market's sharpness: standard deviations, in logits, of its opening and closing errors."""

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
        """Yield every bookmaker's quotes on a game as of an instant; none before the line opens.

        Args:
            seed: the league's seed.
            game_pk: the game's number.
            start: first pitch, after which the line no longer moves.
            scores: away and home runs of many replays: the true distribution.
            at: the instant of the quotes.
        """
        opens = start - LINE_OPENS_BEFORE
        if at < opens:
            return
        last_move = opens + (min(at, start) - opens) // LINE_MOVES_EVERY * LINE_MOVES_EVERY
        share = (last_move - opens) / LINE_OPENS_BEFORE
        for bookmaker in self.bookmakers:
            side, total = (
                self._line_error(seeded_random(seed, "line", quantity, game_pk), share)
                + seeded_random(seed, "book", bookmaker.key, quantity, game_pk).gauss(0, bookmaker.error)
                for quantity in ("side", "total")
            )
            yield from _bookmaker_quotes(bookmaker, last_move, scores, side, total)

    def _line_error(self, rng: Random, share: float) -> float:
        """Return the line's error at a share of the time between opening (0) and closing (1)."""
        opening, closing = rng.gauss(0, self.opening), rng.gauss(0, self.closing)
        return opening + share * (closing - opening)


def _bookmaker_quotes(
    bookmaker: Bookmaker, at: datetime, scores: tuple[Ints, Ints], side: float, total_error: float
) -> Iterator[BookmakerQuote]:
    away, home = scores
    total = float(np.median(away + home).round()) + 0.5
    favorite = 1 if (home > away).mean() >= 0.5 else -1  # 1: the home club
    cover = _market_probability((home - away) * favorite > _RUN_LINE, side * favorite)
    spread = (cover, 1 - cover) if favorite == 1 else (1 - cover, cover)
    home_win, over = (
        _market_probability(home > away, side),
        _market_probability(away + home > total, total_error),
    )
    markets = (
        ("h2h", (home_win, 1 - home_win), None),
        ("spreads", spread, -_RUN_LINE * favorite),
        ("totals", (over, 1 - over), total),
    )
    for market, probabilities, point in markets:
        prices = _decimal_prices(*probabilities, bookmaker.margin)
        yield BookmakerQuote(bookmaker.key, bookmaker.title, at, market, prices, point)


def _market_probability(happened: NDArray[np.bool_], shift: float) -> float:
    """Return the market's probability of an event: the true one, shifted by an error in logits."""
    chance = min(max(float(happened.mean()), _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return float(1 / (1 + (1 - chance) / chance * np.exp(-shift)))


def _decimal_prices(first: float, second: float, margin: float) -> tuple[float, float]:
    """Return decimal prices whose inverses sum to 1 plus the margin, split in proportion."""
    return 1 / (first * (1 + margin)), 1 / (second * (1 + margin))
