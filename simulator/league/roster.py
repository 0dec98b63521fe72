"""Active rosters by day: spots that rotate among players, injuries and their replacements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from simulator.league.calendar import last_day, opening_day
from simulator.league.rng import seeded_random
from simulator.league.talent import (
    ACTIVE_ROSTER,
    BENCH,
    FORTY_MAN,
    POSITIONS,
    RELIEVERS,
    RESERVE_OUTFIELDERS,
    RESERVE_RELIEVERS,
)

# Injuries per player and day, by position, and mean days lost beyond the list's minimum
_INJURY_RATES = {"P": 0.0030, "C": 0.0022}
_DEFAULT_INJURY_RATE, _MEAN_EXTRA_DAYS = 0.0019, 26.0
_SEPTEMBER, _TWO_MORE_SINCE = 9, 2020
_LIST_CHANGED, _LIST_RENAMED, _PITCHERS_LIST = 2017, 2019, 2022
_SUBSTITUTE_SLOTS = {
    "P": (26, 27, 28, 32), "C": (36,), "1B": (39,), "DH": (39, 35), "2B": (37, 38), "3B": (37, 38),
    "SS": (37, 38), "IF": (37, 38), "LF": (35,), "CF": (35,), "RF": (35,), "OF": (35,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RotatingSpot:
    """A roster spot whose holder, by slot, changes every `stay` days."""

    slot: int
    holders: tuple[int, ...]
    stay: int


ROTATING_SPOTS = (
    RotatingSpot(RELIEVERS.stop - 1, (RELIEVERS.stop - 1, *range(*RESERVE_RELIEVERS.indices(40))), 9),
    RotatingSpot(BENCH.start + 2, (BENCH.start + 2, *range(*RESERVE_OUTFIELDERS.indices(40))), 17),
)


@dataclass(frozen=True, slots=True)
class InjuryStint:
    """An injury: the injured player's slot, the replacement's slot, the days out and the injured list."""

    slot: int
    replacement: int
    first: date
    return_date: date
    injured_list: str

    def is_out_on(self, on: date) -> bool:
        """Return whether the player is out that day."""
        return self.first <= on < self.return_date

    def overlaps(self, first: date, back: date) -> bool:
        """Return whether the player is out on any day from `first` to the one before `back`."""
        return self.first < back and first < self.return_date


@dataclass(frozen=True, slots=True)
class RosterChange:
    """A player, by slot, joins or leaves; `injured_list` names the list they come from or go to."""

    slot: int
    joins: bool
    injured_list: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """One club's roster changes in a season."""

    season: int
    offsets: tuple[int, ...]  # of the rotating spots, in days
    stints: tuple[InjuryStint, ...]

    @classmethod
    def for_season(cls, seed: int, season: int, club: int) -> "Roster":
        """Return the roster that a club has in a season."""
        offsets = tuple(
            seeded_random(seed, "chair", season, club, spot.slot).randrange(spot.stay)
            for spot in ROTATING_SPOTS
        )
        return cls(
            season, offsets, tuple(_draw_stints(season, seeded_random(seed, "injuries", season, club)))
        )

    def slot_occupant(self, slot: int, on: date) -> int:
        """Return who, by slot, fills a roster spot that day."""
        for spot, offset in zip(ROTATING_SPOTS, self.offsets, strict=True):
            if spot.slot == slot:
                return self._spot_holder(spot, offset, on)
        stints = (stint for stint in self.stints if stint.slot == slot and stint.is_out_on(on))
        return next((stint.replacement for stint in stints), slot)

    def called_up_slots(self, on: date) -> list[int]:
        """Return who, by slot, joins in September: every healthy player, since 2020 two."""
        if not date(self.season, _SEPTEMBER, 1) <= on <= last_day(self.season):
            return []
        taken = {stint.slot for stint in self.stints if stint.is_out_on(on)}
        taken |= {self.slot_occupant(slot, on) for slot in range(ACTIVE_ROSTER)}
        free = [slot for slot in range(FORTY_MAN) if slot not in taken]
        if self.season < _TWO_MORE_SINCE:
            return free
        return [next(s for s in free if (POSITIONS[s] == "P") is pitches) for pitches in (True, False)]

    def active_slots(self, on: date) -> list[int]:
        """Return the active roster of a day by slot: 26 players, and September's call-ups."""
        return [*(self.slot_occupant(slot, on) for slot in range(ACTIVE_ROSTER)), *self.called_up_slots(on)]

    def changes_on(self, on: date) -> Iterator[RosterChange]:
        """Yield the changes of a day; none on opening day or out of season."""
        if not opening_day(self.season) < on <= last_day(self.season):
            return
        before, after = (set(self.active_slots(day)) for day in (on - timedelta(days=1), on))
        lists = {
            stint.slot: stint.injured_list for stint in self.stints if on in {stint.first, stint.return_date}
        }
        for slot in sorted(before ^ after):
            yield RosterChange(slot, slot in after, lists.get(slot))

    def _spot_holder(self, spot: RotatingSpot, offset: int, on: date) -> int:
        first, last = opening_day(self.season), last_day(self.season)
        turns = ((min(max(on, first), last) - first).days + offset) // spot.stay
        return spot.holders[turns % len(spot.holders)]


def _draw_stints(season: int, rng: Random) -> Sequence[InjuryStint]:
    """Draw a club's injuries; a player without an available replacement plays on."""
    stints: list[InjuryStint] = []
    rotating = {spot.slot for spot in ROTATING_SPOTS}
    for slot in (slot for slot in range(ACTIVE_ROSTER) if slot not in rotating):
        position, day = POSITIONS[slot], opening_day(season)
        while True:
            day += timedelta(days=1 + int(rng.expovariate(_INJURY_RATES.get(position, _DEFAULT_INJURY_RATE))))
            if day > last_day(season):
                break
            least, name = _injured_list(season, position)
            back = day + timedelta(days=least + int(rng.expovariate(1 / _MEAN_EXTRA_DAYS)))
            replacement = _find_available_reserve(stints, _SUBSTITUTE_SLOTS[position], day, back)
            if replacement is not None:
                stints.append(InjuryStint(slot, replacement, day, back, f"{least}-day {name}"))
                day = back
    return sorted(stints, key=lambda stint: (stint.first, stint.slot))


def _find_available_reserve(
    stints: Sequence[InjuryStint], reserves: Sequence[int], first: date, back: date
) -> int | None:
    busy = {stint.replacement for stint in stints if stint.overlaps(first, back)}
    return next((slot for slot in reserves if slot not in busy), None)


def _injured_list(season: int, position: str) -> tuple[int, str]:
    """Return the injured list's minimum days and its name under the season's rules."""
    is_long = season < _LIST_CHANGED or (season >= _PITCHERS_LIST and position == "P")
    return 15 if is_long else 10, "injured list" if season >= _LIST_RENAMED else "disabled list"
