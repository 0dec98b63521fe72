"""Whatever happened on whatever day — corrected, moved, suspended, played twice a day — a build from scratch agrees."""

import random
from datetime import timedelta

import pytest

from services.features.step import step
from tests.unit.services.features.league import NOON, Book, load, loaded, ports, season, standing
from tests.unit.services.features.test_step import assert_equal

DAYS = 7
TURNS = 6


class Life:
    """A season told day by day, whose past changes now and then; remembers how every game stands now."""

    def __init__(self, seed: int, world) -> None:
        self.dice = random.Random(seed)
        self.world = world
        self.book = season(DAYS, seed)
        self.known: list[int] = []
        self.told = 0

    def live(self) -> None:
        for _ in range(TURNS):
            self.dice.choice(
                [self.day, self.day, self.corrected, self.postponed, self.suspended, self.doubleheader]
            )()
            step(loaded(f"turn-{self.told}"), self.world, NOON)

    def day(self) -> None:
        """The next two games come in."""
        first = 1000 + len(self.known)
        self.tell(*[pk for pk in (first, first + 1) if pk < 1000 + 2 * DAYS])

    def corrected(self) -> None:
        """A hit of an earlier game becomes an out."""
        for game in self.some():
            plays = [play for play in self.book.rows["plate_appearances"] if play["game_pk"] == game]
            self.dice.choice(plays).update(outcome="out", rbi=0)
            self.tell(game)

    def postponed(self) -> None:
        """A game was not played on its day but two days later."""
        for game in self.some():
            self.move(game, played=2, completed=2)

    def suspended(self) -> None:
        """A game was begun on its day and finished two days later."""
        for game in self.some():
            self.move(game, played=0, completed=2)

    def doubleheader(self) -> None:
        """A game moves to the day of the next one, as the second of two."""
        for game in self.some():
            self.move(game, played=1, completed=1)
            self.row(game)["game_number"] = 2
            self.tell(game)

    def move(self, game: int, played: int, completed: int) -> None:
        own = self.row(game)
        day = own["game_date"]
        for rows in self.book.rows.values():
            for row in rows:
                if row["game_pk"] == game:
                    row["game_date"] = day + timedelta(days=played)
        own["completed_date"] = day + timedelta(days=completed)
        self.tell(game)

    def tell(self, *games: int) -> None:
        self.told += 1
        load(self.world, self.book.only(*games), self.version)
        self.known = sorted({*self.known, *games})

    @property
    def version(self):
        return NOON + timedelta(minutes=self.told)

    def row(self, game: int) -> dict:
        return next(row for row in self.book.rows["games_historical"] if row["game_pk"] == game)

    def some(self) -> list[int]:
        return [self.dice.choice(self.known)] if self.known else []

    def as_it_stands(self) -> Book:
        return self.book.only(*self.known)


@pytest.mark.parametrize("seed", range(2))
def test_any_history_equals_a_build_from_scratch(tmp_path, seed):
    life = Life(seed, ports(tmp_path / "lived", samples=3))
    life.live()
    anew = ports(tmp_path / "anew", samples=3)
    load(anew, life.as_it_stands(), life.version)
    step(loaded(), anew, NOON)
    lived, expected = (
        {name: rows.drop("inputs_sha256", strict=False) for name, rows in standing(world).items()}
        for world in (life.world, anew)
    )
    assert_equal(lived, expected)
