"""The undisturbed week: lived once, kept day by day, so that a disturbed run may begin on any of them."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from hankstank.dev.fault_injection.compare import Likeness, likeness
from hankstank.dev.fault_injection.forecasts import forecast_games
from hankstank.dev.fault_injection.injector import Fate
from hankstank.dev.fault_injection.machine import Life
from hankstank.dev.fault_injection.scenario import PROLOGUE, Outside, Week
from shared.modeling.registry import current_release

_BOOK = "days.json"


class Day(msgspec.Struct, frozen=True):
    """How the world stood in the end of a day, and what the day took: calls by place, and deliveries."""

    likeness: Likeness
    calls: dict[str, int]
    deliveries: int
    objects: int
    release: int  # the current one's number
    forecast: tuple[int, ...]  # games that are over and of which a forecast was made before


class Book(msgspec.Struct, frozen=True):
    """Each day of a week, and the hash of the code that lived it."""

    code: str
    days: dict[int, Day]


@dataclass(frozen=True)
class Baseline:
    """The homes and books of an undisturbed week, in a folder."""

    folder: Path
    week: Week

    def home(self, number: int) -> Path:
        """Return the home as it stood in the end of a day; 0 is before the week."""
        return self.folder / f"home-{number}"

    @property
    def bodies(self) -> Path:
        """Return where the stand-in keeps what it rendered."""
        return self.folder / "outside"

    @cached_property
    def days(self) -> Mapping[int, Day]:
        """Return the book of each day."""
        return self._book().days

    def counts(self) -> dict[tuple[int, str], int]:
        """Return how often each place is called on each day."""
        return {
            (number, place): calls for number, one in self.days.items() for place, calls in one.calls.items()
        }

    def _book(self) -> Book:
        return msgspec.json.decode((self.folder / _BOOK).read_bytes(), type=Book)

    def live(self, code: str = "") -> None:
        """Live the prologue and the week, unless the same code did that in this folder before."""
        if (self.folder / _BOOK).exists() and self._book().code == code:
            return
        shutil.rmtree(self.folder, ignore_errors=True)  # of other code, or of one that was stopped
        self.folder.mkdir(parents=True)
        home, outside = self.folder / "living", Outside(self.week, self.bodies)
        days = {}
        for number in range(1 - PROLOGUE, self.week.days + 1):
            days[number] = self._lived(home, outside, number)
            shutil.copytree(home, self.home(number))
        shutil.rmtree(home)
        (self.folder / _BOOK).write_bytes(msgspec.json.encode(Book(code, days)))

    def _lived(self, home: Path, outside: Outside, number: int) -> Day:
        life = Life(home, outside, fate := Fate(home), learns=number < 1)
        try:
            life.live(number)
            if life.letters() or life.bugs:
                told = [*(letter.reason for letter in life.letters()), *life.bugs]
                raise AssertionError(f"an undisturbed day {number} went wrong: {told}")
            calls = Counter({place: count for (_, place), count in fate.counts.items()})
            forecast = tuple(sorted(forecast_games(life.ports.warehouse)))
            counted = dict(calls), life.deliveries, objects(home)
            return Day(likeness(life.ports), *counted, _release(life), forecast)
        finally:
            life.close()


def _release(life: Life) -> int:
    release = current_release(life.ports.objects)
    return release.number if release else 0


def objects(home: Path) -> int:
    """Return how many objects a home holds."""
    return sum(path.is_file() for path in (home / "objects").rglob("*"))
