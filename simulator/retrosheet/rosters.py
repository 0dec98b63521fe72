"""Infers the active roster on a day: the 25 or 26 of a club's players with games closest to it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from heapq import nsmallest

from simulator.retrosheet.game_info import parse_official_date
from simulator.retrosheet.records import lineup_entries, parse_info

ACTIVE, ACTIVE_SINCE_2020 = 25, 26  # roster limits, except in September
_NEVER = 1000


def _days_played(games: Iterable[str]) -> Mapping[str, Mapping[str, list[int]]]:
    """Return the days (ordinals, ascending) on which each player entered a game, by club code."""
    days: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for text in games:
        info = parse_info(text)
        day, clubs = parse_official_date(info).toordinal(), (info["visteam"], info["hometeam"])
        for player, side in {(line.code, line.side) for line in lineup_entries(text)}:
            days[clubs[side]][player].append(day)
    return days


def _days_from_nearest(days: Sequence[int], day: int) -> int:
    index = bisect_left(days, day)
    return min((abs(other - day) for other in days[max(index - 1, 0) : index + 1]), default=_NEVER)


class InferredRosters:
    """Active rosters by club and day, inferred from a season's rosters and line-ups."""

    def __init__(self, rosters: Mapping[str, str], games: Iterable[str]) -> None:
        self._days = _days_played(games)
        self._players = {club: set(days) for club, days in self._days.items()}
        for club, text in rosters.items():
            listed = {line.partition(",")[0].strip() for line in text.splitlines() if line.strip()}
            self._players[club] = self._players.get(club, set()) | listed

    def active_players(self, club: str, on: date) -> Sequence[str]:
        """Return the codes of a club's active players that day, those with the closest games first."""
        days, day = self._days.get(club, {}), on.toordinal()
        players = self._players.get(club, set())
        limit = ACTIVE if on.year < 2020 else ACTIVE_SINCE_2020
        return nsmallest(
            limit, players, key=lambda player: (_days_from_nearest(days.get(player, ()), day), player)
        )
