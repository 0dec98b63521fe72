"""Schedules as the wire writes them: games by date, listed twice when they were moved or suspended."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

from simulator.game_record import Game
from simulator.wire import codes
from simulator.wire.clubs import club
from simulator.wire.feed import OVER, feed_link, weather, wire_time
from simulator.wire.game_summaries import PROBABLES_BEFORE, Card, Listing, Records
from simulator.wire.numbers import average
from simulator.wire.reference_data import Almanac, Body
from simulator.wire.timeline import first_scheduled, last_out, moment, resumed_at

_BEGUN = OVER | {"In Progress", "Suspended"}
Entry = tuple[date, Body]


def schedule(entries: Iterable[Entry]) -> Body:
    """Return the body of `/api/v1/schedule` (and of `/api/v1/game/changes`, which has the same shape)."""
    in_order = sorted(entries, key=lambda entry: (entry[0], entry[1]["gameDate"], entry[1]["gamePk"]))
    days = [(day, [game for _, game in on]) for day, on in groupby(in_order, key=lambda entry: entry[0])]
    games = [game for _, on in days for game in on]
    dates = [{"date": day.isoformat(), **_totals(on), "games": on, "events": []} for day, on in days]
    return {"copyright": codes.COPYRIGHT, **_totals(games), "dates": dates}


def _totals(games: list[Body]) -> Body:
    under_way = sum(game["status"]["codedGameState"] == "I" for game in games)
    return {
        "totalItems": len(games),
        "totalEvents": 0,
        "totalGames": len(games),
        "totalGamesInProgress": under_way,
    }


class Lister:
    """Writes games as a schedule lists them at an instant, hydrated with what was asked for."""

    def __init__(self, almanac: Almanac, records: Records, now: datetime, hydrate: frozenset[str]) -> None:
        self._almanac, self._records, self._now, self._hydrate = almanac, records, now, hydrate

    def entry(self, card: Card, listing: Listing, runs: tuple[int, int] | None) -> Entry:
        """Return a game under one of its dates; `runs` (visitors first) once it has begun."""
        game = card.game
        state = "Postponed" if listing.role == "postponed" else moment(game, self._now).state
        begins = first_scheduled(game) if listing.role == "postponed" else game.start
        begins = resumed_at(game) if listing.role == "resumed" else begins
        tied = runs is not None and runs[0] == runs[1]
        body = {
            **self._heading(game, listing),
            "gameDate": wire_time(begins),
            "officialDate": self._official_date(game, listing).isoformat(),
            **_moved(game, listing),
            "status": codes.status(state, game.reason or "Rain", tied=tied),
            "teams": self._teams(game, runs if state in _BEGUN else None, state),
            **self._rest(game, listing.on),
        }
        if state in OVER:
            body["isTie"] = tied
        return listing.on, body | self._hydrated(game, state)

    def _official_date(self, game: Game, listing: Listing) -> date:
        return game.official_date if listing.role else moment(game, self._now).official_date

    def _heading(self, game: Game, listing: Listing) -> Body:
        return {
            "gamePk": game.game_pk,
            "gameGuid": f"{game.game_pk:08x}-0000-4000-8000-{listing.on.toordinal():012x}",
            "link": feed_link(game.game_pk),
            "gameType": game.game_type,
            "season": str(game.season),
        }

    def _teams(self, game: Game, runs: tuple[int, int] | None, state: str) -> Body:
        pairs = {"away": (game.away, game.probable_away), "home": (game.home, game.probable_home)}
        sides = {side: self._side(game, club_id, who) for side, (club_id, who) in pairs.items()}
        for side, ours, theirs in (("away", 0, 1), ("home", 1, 0)):
            if runs is not None:
                sides[side]["score"] = runs[ours]
            if runs is not None and state in OVER:
                sides[side]["isWinner"] = runs[ours] > runs[theirs]
        return sides

    def _side(self, game: Game, club_id: int, probable: int | None) -> Body:
        wins, losses = self._records.at(club_id, min(self._now, last_out(game)))
        full = "team" in self._hydrate
        body: Body = {
            "team": club(self._almanac.clubs[club_id], self._almanac)
            if full
            else self._almanac.club(club_id),
            "leagueRecord": {"wins": wins, "losses": losses, "pct": average(wins, wins + losses)},
            "splitSquad": False,
            "seriesNumber": 1,
        }
        if probable and self._now >= game.start - PROBABLES_BEFORE:
            body["probablePitcher"] = self._almanac.person(probable)
        return body

    def _rest(self, game: Game, on: date) -> Body:
        return {
            "venue": self._almanac.venue(game.venue),
            "content": {"link": f"/api/v1/game/{game.game_pk}/content"},
            "gameNumber": game.game_number,
            "publicFacing": True,
            "doubleHeader": game.double_header,
            "gamedayType": "P",
            "tiebreaker": "N",
            "calendarEventID": f"14-{game.game_pk}-{on}",
            "seasonDisplay": str(game.season),
            "dayNight": game.day_night,
            "scheduledInnings": game.scheduled_innings,
            "reverseHomeAwayStatus": False,
            "inningBreakLength": 120,
            "gamesInSeries": 1,
            "seriesGameNumber": 1,
            "seriesDescription": codes.GAME_TYPES[game.game_type],
            "recordSource": "S",
            "ifNecessary": "N",
            "ifNecessaryDescription": "Normal Game",
        }

    def _hydrated(self, game: Game, state: str) -> Body:
        body: Body = {}
        if "weather" in self._hydrate and state != "Scheduled":
            body["weather"] = weather(game)
        if "decisions" in self._hydrate and state in OVER:
            named = {"winner": game.winner, "loser": game.loser, "save": game.save}
            body["decisions"] = {what: self._almanac.person(who) for what, who in named.items() if who}
        return body


def _moved(game: Game, listing: Listing) -> Mapping[str, str]:
    """Where a game listed twice went, or came from."""
    first, then = wire_time(first_scheduled(game)), wire_time(game.start)
    resumed, completed = wire_time(resumed_at(game)), (game.completed_date or game.official_date).isoformat()
    original = (game.original_date or game.official_date).isoformat()
    return {
        "": {},
        "postponed": {"rescheduleDate": then, "rescheduleGameDate": game.official_date.isoformat()},
        "made up": {"rescheduledFrom": first, "rescheduledFromDate": original},
        "suspended": {"resumeDate": resumed, "resumeGameDate": completed},
        "resumed": {"resumedFrom": then, "resumedFromDate": game.official_date.isoformat()},
    }[listing.role]
