"""The Stats API's schedule: games by date, listed twice if they were moved or suspended."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

from simulator.game_record import GameRecord
from simulator.wire import codes
from simulator.wire.clubs import render_club
from simulator.wire.feed import FINAL_STATES, feed_link, render_game_weather, wire_time
from simulator.wire.game_summaries import PROBABLES_BEFORE, GameSummary, Listing, WinLossRecords
from simulator.wire.numbers import format_average
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.timeline import first_scheduled, last_out, resumed_at, state_at

_STARTED_STATES = FINAL_STATES | {"In Progress", "Suspended"}
Entry = tuple[date, Body]


def render_schedule(entries: Iterable[Entry]) -> Body:
    """Return the body of `/api/v1/schedule` (and of `/api/v1/game/changes`, which has the same shape)."""
    in_order = sorted(entries, key=lambda entry: (entry[0], entry[1]["gameDate"], entry[1]["gamePk"]))
    by_day = groupby(in_order, key=lambda entry: entry[0])
    days = [(day, [game for _, game in listed]) for day, listed in by_day]
    games = [game for _, listed in days for game in listed]
    dates = [
        {"date": day.isoformat(), **_count_games(listed), "games": listed, "events": []}
        for day, listed in days
    ]
    return {"copyright": codes.COPYRIGHT, **_count_games(games), "dates": dates}


def _count_games(games: list[Body]) -> Body:
    in_progress = sum(game["status"]["codedGameState"] == "I" for game in games)
    return {
        "totalItems": len(games),
        "totalEvents": 0,
        "totalGames": len(games),
        "totalGamesInProgress": in_progress,
    }


class ScheduleWriter:
    """Renders schedule entries as of an instant, with the hydrations requested."""

    def __init__(
        self, reference: ReferenceData, records: WinLossRecords, now: datetime, hydrate: frozenset[str]
    ) -> None:
        self._reference, self._records, self._now, self._hydrate = reference, records, now, hydrate

    def write_entry(self, summary: GameSummary, listing: Listing, runs: tuple[int, int] | None) -> Entry:
        """Return a game under one of its dates; `runs` (visitors first) are None before it starts."""
        game = summary.game
        state = "Postponed" if listing.role == "postponed" else state_at(game, self._now).state
        start = first_scheduled(game) if listing.role == "postponed" else game.start
        start = resumed_at(game) if listing.role == "resumed" else start
        is_tie = runs is not None and runs[0] == runs[1]
        body = {
            **self._game_heading(game, listing),
            "gameDate": wire_time(start),
            "officialDate": self._official_date(game, listing).isoformat(),
            **_reschedule_fields(game, listing),
            "status": codes.render_status(state, game.reason or "Rain", tied=is_tie),
            "teams": self._render_teams(game, runs if state in _STARTED_STATES else None, state),
            **self._game_details(game, listing.on),
        }
        if state in FINAL_STATES:
            body["isTie"] = is_tie
        return listing.on, body | self._hydrated_fields(game, state)

    def _official_date(self, game: GameRecord, listing: Listing) -> date:
        return game.official_date if listing.role else state_at(game, self._now).official_date

    def _game_heading(self, game: GameRecord, listing: Listing) -> Body:
        return {
            "gamePk": game.game_pk,
            "gameGuid": f"{game.game_pk:08x}-0000-4000-8000-{listing.on.toordinal():012x}",
            "link": feed_link(game.game_pk),
            "gameType": game.game_type,
            "season": str(game.season),
        }

    def _render_teams(self, game: GameRecord, runs: tuple[int, int] | None, state: str) -> Body:
        pairs = {"away": (game.away, game.probable_away), "home": (game.home, game.probable_home)}
        sides = {side: self._render_side(game, club, starter) for side, (club, starter) in pairs.items()}
        for side, ours, theirs in (("away", 0, 1), ("home", 1, 0)):
            if runs is not None:
                sides[side]["score"] = runs[ours]
            if runs is not None and state in FINAL_STATES:
                sides[side]["isWinner"] = runs[ours] > runs[theirs]
        return sides

    def _render_side(self, game: GameRecord, club_id: int, probable: int | None) -> Body:
        wins, losses = self._records.record_at(club_id, min(self._now, last_out(game)))
        in_full = "team" in self._hydrate
        body: Body = {
            "team": render_club(self._reference.clubs[club_id], self._reference)
            if in_full
            else self._reference.club_ref(club_id),
            "leagueRecord": {"wins": wins, "losses": losses, "pct": format_average(wins, wins + losses)},
            "splitSquad": False,
            "seriesNumber": 1,
        }
        if probable and self._now >= game.start - PROBABLES_BEFORE:
            body["probablePitcher"] = self._reference.person_ref(probable)
        return body

    def _game_details(self, game: GameRecord, on: date) -> Body:
        return {
            "venue": self._reference.venue_ref(game.venue),
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

    def _hydrated_fields(self, game: GameRecord, state: str) -> Body:
        body: Body = {}
        if "weather" in self._hydrate and state != "Scheduled":
            body["weather"] = render_game_weather(game)
        if "decisions" in self._hydrate and state in FINAL_STATES:
            named = {"winner": game.winner, "loser": game.loser, "save": game.save}
            body["decisions"] = {
                decision: self._reference.person_ref(pitcher)
                for decision, pitcher in named.items()
                if pitcher
            }
        return body


def _reschedule_fields(game: GameRecord, listing: Listing) -> Mapping[str, str]:
    """Return where a game that is listed twice was moved to, or from."""
    first, start = wire_time(first_scheduled(game)), wire_time(game.start)
    resumed, completed = wire_time(resumed_at(game)), (game.completed_date or game.official_date).isoformat()
    original = (game.original_date or game.official_date).isoformat()
    return {
        "": {},
        "postponed": {"rescheduleDate": start, "rescheduleGameDate": game.official_date.isoformat()},
        "made up": {"rescheduledFrom": first, "rescheduledFromDate": original},
        "suspended": {"resumeDate": resumed, "resumeGameDate": completed},
        "resumed": {"resumedFrom": start, "resumedFromDate": game.official_date.isoformat()},
    }[listing.role]
