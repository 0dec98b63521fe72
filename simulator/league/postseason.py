"""The postseason: the clubs that qualify by the year's rules, and where and when each series is played."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from simulator.clubs import ballparks_by_id
from simulator.game_record import Club, Venue
from simulator.league.calendar import last_day
from simulator.league.games import GameSimulator
from simulator.league.rng import seeded_random
from simulator.league.schedule import Fixture, first_game_pk
from simulator.league.season import LeagueSeason

_FIVE_SINCE, _SIX_SINCE = 2012, 2022  # clubs of each league that qualify; four before


@dataclass(frozen=True, slots=True)
class PlayoffRound:
    """The format of a round: where each game is played (True: at the higher seed) and on which day."""

    game_type: str
    at_home: tuple[bool, ...]
    days: tuple[int, ...]
    begins: int  # days after the regular season's last day

    @property
    def wins_needed(self) -> int:
        """Return the number of wins that decides a series."""
        return len(self.days) // 2 + 1


_H, _A = True, False
_ONE_GAME = PlayoffRound("F", (_H,), (0,), 2)
_WILD_CARD = PlayoffRound("F", (_H, _H, _H), (0, 1, 2), 2)
_DIVISION = PlayoffRound("D", (_H, _H, _A, _A, _H), (0, 1, 3, 4, 6), 6)
_LEAGUE = PlayoffRound("L", (_H, _H, _A, _A, _A, _H, _H), (0, 1, 3, 4, 5, 7, 8), 14)
_WORLD = PlayoffRound("W", (_H, _H, _A, _A, _A, _H, _H), (0, 1, 3, 4, 5, 7, 8), 25)


@dataclass(frozen=True, slots=True)
class PlayoffSeries:
    """One series: its round, the higher and the lower seed, and its number in the postseason."""

    round: PlayoffRound
    higher_seed: int
    lower_seed: int
    number: int


def play_postseason(seed: int, season: LeagueSeason, games: GameSimulator) -> list[Fixture]:
    """Return the games of a postseason by date and start; a series ends when it is decided."""
    wins = Counter(_winning_club(game, games) for game in season.fixtures)
    remaining = seed_clubs(season.clubs, wins, season.year, seeded_random(seed, "ties", season.year))
    played: list[Fixture] = []
    number, pairings = 0, first_round(remaining)
    while pairings:
        winners = {}
        for pairing in pairings:
            series = _play_series(pairing, season, games)
            played += series
            winners[pairing.higher_seed] = _winning_club(series[-1], games)
        remaining = remaining_clubs(remaining, pairings, winners)
        number += len(pairings)
        pairings = [] if pairings[0].round is _WORLD else next_round(remaining, number)
    return sorted(played, key=lambda game: (game.official_date, game.start, game.game_pk))


def postseason_dates(season: int) -> tuple[date, date]:
    """Return the first day of a season's postseason and the last possible one."""
    first = _DIVISION if season < _FIVE_SINCE else _WILD_CARD
    return _round_start(first, season), _round_start(_WORLD, season) + timedelta(days=_WORLD.days[-1])


def _play_series(pairing: PlayoffSeries, season: LeagueSeason, games: GameSimulator) -> list[Fixture]:
    venues = {club.id: ballparks_by_id()[club.venue_id] for club in season.clubs}
    series: list[Fixture] = []
    won: Counter[int] = Counter()
    while max(won.values(), default=0) < pairing.round.wins_needed:
        series.append(build_series_game(pairing, len(series), season.year, venues))
        games.add_fixtures(series[-1:])
        won[_winning_club(series[-1], games)] += 1
    return series


def _winning_club(game: Fixture, games: GameSimulator) -> int:
    return game.home if games.home_won(game) else game.away


def seed_clubs(
    clubs: Sequence[Club], wins: Mapping[int, int], season: int, rng: Random
) -> dict[int, list[int]]:
    """Return the qualified clubs by league: division winners, then others, ties broken at random."""
    qualifiers = 6 if season >= _SIX_SINCE else 5 if season >= _FIVE_SINCE else 4
    tie_breaks = {club.id: rng.random() for club in clubs}
    ranked = sorted(clubs, key=lambda club: (-wins[club.id], tie_breaks[club.id]))
    found = {}
    for league in sorted({club.league_id for club in clubs}):
        of_league = [club for club in ranked if club.league_id == league]
        best = {club.division_id: club.id for club in reversed(of_league)}
        winners = [club.id for club in of_league if club.id in best.values()]
        found[league] = [*winners, *(club.id for club in of_league if club.id not in winners)][:qualifiers]
    return found


def first_round(qualified: Mapping[int, Sequence[int]]) -> list[PlayoffSeries]:
    """Return the wild-card round: 3 against 6 and 4 against 5, or 4 against 5 alone, or no series."""
    pairs: list[tuple[PlayoffRound, int, int]] = []
    for order in qualified.values():
        if len(order) == 6:
            pairs += [(_WILD_CARD, order[2], order[5]), (_WILD_CARD, order[3], order[4])]
        elif len(order) == 5:
            pairs.append((_ONE_GAME, order[3], order[4]))
    return [PlayoffSeries(*pair, number) for number, pair in enumerate(pairs)]


def remaining_clubs(
    left: Mapping[int, Sequence[int]], pairings: Sequence[PlayoffSeries], winners: Mapping[int, int]
) -> dict[int, list[int]]:
    """Return the clubs still playing; a winner takes the higher seed's place, which keys `winners`."""
    dropped = {pairing.lower_seed for pairing in pairings}
    return {
        league: [winners.get(club, club) for club in order if club not in dropped]
        for league, order in left.items()
    }


def next_round(left: Mapping[int, Sequence[int]], number: int) -> list[PlayoffSeries]:
    """Return the next round of remaining clubs, by league, best first; the last two play the World Series."""
    sizes = {len(order) for order in left.values()}
    if sizes == {1}:
        better, other = (order[0] for order in left.values())
        return [PlayoffSeries(_WORLD, better, other, number)]
    kind = _DIVISION if sizes == {4} else _LEAGUE
    pairs = [(order[place], order[-1 - place]) for order in left.values() for place in range(len(order) // 2)]
    return [PlayoffSeries(kind, *pair, number + n) for n, pair in enumerate(pairs)]


def build_series_game(pairing: PlayoffSeries, n: int, season: int, venues: Mapping[int, Venue]) -> Fixture:
    """Return game number `n` of a series, from 0; `venues` are by club."""
    at_home, kind = pairing.round.at_home[n], pairing.round
    home, away = (
        (pairing.higher_seed, pairing.lower_seed) if at_home else (pairing.lower_seed, pairing.higher_seed)
    )
    on = _round_start(kind, season) + timedelta(days=kind.days[n])
    park = venues[home]
    start = datetime.combine(on, time(19, 8), ZoneInfo(park.time_zone)).astimezone(UTC)
    number = first_game_pk(season) + 9_000 + 10 * pairing.number + n
    return Fixture(
        number, season, on, home, away, park.id, start, "night", None, 1, "N", n, n, game_type=kind.game_type
    )


def _round_start(kind: PlayoffRound, season: int) -> date:
    return last_day(season) + timedelta(days=kind.begins)
