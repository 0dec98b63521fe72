"""The rules that decide when a game ends, by season and type of game."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shared.sports.mlb.game_types import WITHOUT_PLAYS

USUAL_INNINGS = 9
_FIRST_PLACED_RUNNER = 2020  # extra innings of the regular season begin with a runner on second since then
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class GameRules:
    """The rules of some games, [games] each.

    A game of spring training or an exhibition may end level: no extra innings are played in it.
    """

    innings: NDArray[np.int64]  # scheduled: 9, or 7 in doubleheaders of 2020 and 2021
    has_placed_runner: Mask
    may_end_level: Mask

    @classmethod
    def of_games(
        cls, seasons: Iterable[int], game_types: Iterable[str], innings: Iterable[int | None]
    ) -> Self:
        """Return the rules of games by season, type and scheduled innings; nine where that is not known."""
        kinds = np.array(list(game_types), dtype=str)
        scheduled = np.array([one or USUAL_INNINGS for one in innings], dtype=np.int64)
        recent = np.array(list(seasons), dtype=np.int64) >= _FIRST_PLACED_RUNNER
        return cls(scheduled, recent & (kinds == "R"), np.isin(kinds, WITHOUT_PLAYS))

    def __len__(self) -> int:
        return len(self.innings)

    def __getitem__(self, games: slice) -> "GameRules":
        """Return the rules of some games."""
        return GameRules(self.innings[games], self.has_placed_runner[games], self.may_end_level[games])
