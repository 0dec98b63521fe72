"""The All-Star Game: a squad of each league's best players, hosted by the clubs in rotation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from simulator.game_record import Club, Venue
from simulator.league.calendar import all_star_day
from simulator.league.roster import Roster
from simulator.league.schedule import Fixture, first_game_pk
from simulator.league.squads import Squad
from simulator.league.talent import FORTY_MAN

GAME_TYPE = "A"
STARTER_PITCHES = 30
_GAME_NUMBER = 8_999  # within the season's ten thousand, just before the postseason's
_LEAGUES = {103: (159, "AL", "American League"), 104: (160, "NL", "National League")}


def _all_star_clubs(venue: int) -> Sequence[Club]:
    """Return the American and National League All-Stars, which have no division, with a home park."""
    return [
        Club(number, short, name, "All-Stars", league, 0, venue)
        for league, (number, short, name) in _LEAGUES.items()
    ]


def all_star_squads(squads: Mapping[int, Squad], game: Fixture) -> dict[int, Squad]:
    """Return both squads by club: for each roster slot the league's best player active that day."""
    active = {club: set(squad.roster.active_slots(game.official_date)) for club, squad in squads.items()}
    found = {}
    for stars in _all_star_clubs(game.venue):
        candidates = [squad for squad in squads.values() if squad.club.league_id == stars.league_id]
        best = [max(candidates, key=partial(_selection_key, active, slot)) for slot in range(FORTY_MAN)]
        players = tuple(squad.players[slot] for slot, squad in enumerate(best))
        value = tuple(squad.value[slot] for slot, squad in enumerate(best))
        found[stars.id] = Squad(stars, players, value, Roster(game.season, (0, 0), ()))
    return found


def _selection_key(active: Mapping[int, set[int]], slot: int, squad: Squad) -> tuple[bool, float]:
    return slot in active[squad.club.id], squad.value[slot]


def all_star_game(season: int, clubs: Sequence[Club], venues: Mapping[int, Venue]) -> Fixture:
    """Return the game: the leagues host in turn, and so do the clubs of each."""
    league = sorted(_LEAGUES)[season % 2]
    hosts = sorted(club.venue_id for club in clubs if club.league_id == league)
    park, on = venues[hosts[season // 2 % len(hosts)]], all_star_day(season)
    start = datetime.combine(on, time(20, 0), ZoneInfo("America/New_York")).astimezone(UTC)
    home, away = (_LEAGUES[side][0] for side in (league, *(_LEAGUES.keys() - {league})))
    number = first_game_pk(season) + _GAME_NUMBER
    return Fixture(number, season, on, home, away, park.id, start, "night", None, 1, "N", game_type=GAME_TYPE)
