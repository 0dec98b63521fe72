"""Bodies of a world as they stood at the stand-in's own clock: what has not happened yet is not told."""

import gzip
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from shared.storage.files import write_whole
from simulator import queries
from simulator.clubs import venues_in
from simulator.game_record import Game, Quote
from simulator.http_response import CSV, Answer, BadRequest, NotFound, Query, told
from simulator.season_store import Archive
from simulator.wire import clubs, odds, people, savant, schedule, standings, stats, transactions, weather
from simulator.wire.codes import COPYRIGHT
from simulator.wire.feed import OVER, feed
from simulator.wire.game_summaries import Card, listings
from simulator.wire.reference_data import Almanac
from simulator.wire.schedule import Entry
from simulator.wire.tally import score
from simulator.wire.timeline import as_of, changed, last_out, moment

DAY = timedelta(days=1)


@runtime_checkable
class QuotesOdds(Protocol):
    """A world that has bookmakers."""

    def odds(self, game_pk: int, at: datetime) -> Sequence[Quote]:
        """Return what they quote on a game at an instant."""


_PARTS = {"boxscore": "boxscore", "linescore": "linescore", "playByPlay": "plays"}


class WorldBodies:
    """The `Bodies` of any world, kept in an archive; `now` is UTC and may be moved."""

    def __init__(self, archive: Archive, now: datetime) -> None:
        self._archive, self.now = archive, now

    def schedule(self, query: Query) -> Answer:
        """Answer with the games listed on a day, in a range, or of given numbers."""
        if "gamePk" in query:
            found = [self._card(game_pk) for game_pk in queries.numbers(query, "gamePk")]
            return self._listed(found, query, (date.min, date.max))
        first, last = queries.day_range(query, self.now.date())
        return self._listed(self._archive.cards(first, last), query, (first, last))

    def game_changes(self, query: Query) -> Answer:
        """Answer with the games whose state changed after `updatedSince`."""
        since = queries.instant(query, "updatedSince")
        cards = self._archive.cards(since.date() - 2 * DAY, self.now.date() + DAY)
        turned = [one for one in cards if changed(one.game, since, self.now)]
        return self._listed(turned, query, (date.min, date.max))

    def feed(self, game_pk: int, query: Query) -> Answer:
        """Answer with a game's feed; a final one as it lies in the archive."""
        card, at = self._card(game_pk), queries.time_code(query, self.now)
        if card.played and last_out(card.game) <= at:
            return Answer(self._archive.feed(card), gzipped=True)
        return told(self._feed(card, at))

    def game_part(self, game_pk: int, part: str) -> Answer:
        """Answer with one part of a game's feed."""
        return told(self._feed(self._card(game_pk), self.now)["liveData"][_PARTS[part]])

    def teams(self, query: Query) -> Answer:
        """Answer with the clubs of a season."""
        season = queries.number(query, "season", self.now.year)
        if season not in self._archive.world.seasons() or query.get("sportId", "1") != "1":
            return told({"copyright": COPYRIGHT, "teams": []})
        return told(clubs.teams(self._archive.almanac(season)))

    def roster(self, club: int, query: Query) -> Answer:
        """Answer with a club's active or 40-man roster on a day."""
        on, kind = queries.day(query, "date", self.now.date()), query.get("rosterType", "active")
        if kind not in ("active", "40Man"):
            raise BadRequest(f"rosterType must be active or 40Man, not {kind!r}")
        almanac = self._almanac(on.year)
        if club not in almanac.clubs:
            raise NotFound
        return told(people.roster(club, self._archive.world.roster(club, on, kind), kind, almanac))

    def team_stats(self, club: int, query: Query) -> Answer:
        """Answer with a club's sums over the season so far, or between `startDate` and `endDate`."""
        season = queries.number(query, "season", self.now.year)
        almanac = self._almanac(season)
        if club not in almanac.clubs:
            raise NotFound
        groups = queries.words(query, "group") or list(stats.GROUPS)
        games = self._over(query, season, club)
        return told(stats.team_stats(club, groups, games, almanac))

    def transactions(self, query: Query) -> Answer:
        """Answer with the moves of a day or a range, none after today."""
        first, last = queries.day_range(query)
        last = min(last, self.now.date())
        moves = self._archive.world.transactions(first, last) if first <= last else []
        return told(transactions.transactions(moves, self._almanac(first.year)))

    def standings(self, query: Query) -> Answer:
        """Answer with the standings after the games of a day."""
        season = queries.number(query, "season", self.now.year)
        through = queries.day(query, "date", min(self.now.date(), date(season, 12, 31)))
        leagues = queries.numbers(query, "leagueId") or [103, 104]
        cards = self._archive.season(season, through) if season in self._archive.world.seasons() else []
        return told(standings.standings(cards, through, self.now, leagues, self._almanac(season)))

    def people(self, query: Query) -> Answer:
        """Answer with the people of the given ids; ids nobody has are passed over."""
        known = self._archive.world.people()
        asked = queries.numbers(query, "personIds")
        return told(people.people([known[who] for who in asked if who in known], self.now.year))

    def person_stats(self, person: int, query: Query) -> Answer:
        """Answer with a player's game log between two dates, or of the season so far."""
        if query.get("stats", "gameLog") != "gameLog":
            raise BadRequest(f"stats must be gameLog, not {query['stats']!r}")
        if person not in self._archive.world.people():
            raise NotFound
        season = queries.number(query, "season", queries.day(query, "startDate", self.now.date()).year)
        group = query.get("group", "hitting")
        games = self._over(query, season)
        return told(stats.game_log(person, group, games, self._almanac(season)))

    def venues(self, query: Query) -> Answer:
        """Answer with the parks of the given ids, or all."""
        season = queries.number(query, "season", self.now.year)
        known = venues_in(season, self._archive.world.venues())
        asked = queries.numbers(query, "venueIds") or list(known)
        return told(clubs.venues([known[park] for park in asked if park in known], season, self.now))

    def sports(self, _query: Query) -> Answer:
        """Answer with the one sport there is."""
        return told(clubs.sports())

    def seasons(self, query: Query) -> Answer:
        """Answer with the calendar of a season, or of all."""
        world = self._archive.world
        asked = queries.numbers(query, "season") or world.seasons()
        known = [year for year in asked if year in world.seasons()]
        return told(clubs.seasons({year: world.season_dates(year) for year in known}))

    def savant(self, query: Query) -> Answer:
        """Answer with the pitches of games that were over, days `game_date_gt` to `game_date_lt` included."""
        first = queries.day(query, "game_date_gt")
        last = queries.day(query, "game_date_lt", first)
        cards = [
            card for card in self._archive.cards(first, last) if first <= card.game.official_date <= last
        ]
        over = [card for card in cards if self._is_over(card)]
        settled = first == last < self.now.date() and all(
            self._is_over(card) or not card.played for card in cards
        )
        kept = self._archive.shelf.folder / "savant" / f"{first}.csv.gz"
        if settled and kept.exists():
            return Answer(kept.read_bytes(), content_type=CSV, gzipped=True)
        return self._searched(over, kept if settled else None)

    def forecast(self, query: Query) -> Answer:
        """Answer with the weather of some days at a place; three days from now when not said."""
        first = queries.day(query, "start_date", self.now.date())
        ahead = queries.number(query, "forecast_days", 3)
        last = queries.day(query, "end_date", first + (ahead - 1) * DAY)
        place = queries.decimal(query, "latitude"), queries.decimal(query, "longitude")
        metric = query.get("temperature_unit") != "fahrenheit"
        try:
            return told(weather.forecast(place, queries.words(query, "hourly"), (first, last), metric=metric))
        except KeyError as unknown:
            raise BadRequest(f"hourly variable {unknown} is not known") from None

    def odds(self, query: Query) -> Answer:
        """Answer with the prices of the games to come, as The Odds API has them."""
        return told(self._odds(query, self.now))

    def past_odds(self, query: Query) -> Answer:
        """Answer with the prices as they stood at `date`, in the envelope of the past."""
        at = queries.instant(query, "date")
        if at > self.now:
            raise BadRequest(f"date must not be after {self.now.isoformat()}")
        return told(odds.snapshot(self._odds(query, at), at))

    def odds_events(self, _query: Query) -> Answer:
        """Answer with the games to come that prices are or will be given for."""
        return told([odds.event(*one) for one in self._to_come(self.now)])

    def _odds(self, query: Query, at: datetime) -> list[dict[str, Any]]:
        world, asked = self._archive.world, odds.Asked.of(query)
        if not isinstance(world, QuotesOdds):
            return []
        return [
            odds.priced(game, almanac, quotes, asked)
            for game, almanac in self._to_come(at)
            if (quotes := world.odds(game.game_pk, at))
        ]

    def _to_come(self, at: datetime) -> Iterator[tuple[Game, Almanac]]:
        for card in self._archive.cards(at.date(), at.date() + odds.AHEAD):
            if card.played and card.game.start > at and card.game.game_type != "S":
                yield card.game, self._archive.almanac(card.game.season)

    def _card(self, game_pk: int) -> Card:
        card = self._archive.find(game_pk, self.now.date() + 7 * DAY)
        if card is None:
            raise NotFound
        return card

    def _almanac(self, season: int) -> Almanac:
        if season not in self._archive.world.seasons():
            raise NotFound
        return self._archive.almanac(season)

    def _is_over(self, card: Card) -> bool:
        return card.played and last_out(card.game) <= self.now

    def _feed(self, card: Card, at: datetime) -> dict[str, Any]:
        sheet = self._archive.sheet(card)
        return feed(sheet.game, self._archive.almanac(card.game.season), at, sheet.bench)

    def _listed(self, cards: Sequence[Card], query: Query, days: tuple[date, date]) -> Answer:
        """Write the listings of some games that fall between two dates and pass the query's filters."""
        kinds, club = queries.words(query, "gameType"), queries.number(query, "teamId", 0)
        shown = [
            card
            for card in cards
            if query.get("sportId", "1") == "1"
            and (not kinds or card.game.game_type in kinds)
            and club in (0, card.game.home, card.game.away)
        ]
        hydrate = frozenset(queries.words(query, "hydrate"))
        return told(
            schedule.schedule(entry for card in shown for entry in self._entries(card, hydrate, days))
        )

    def _entries(self, card: Card, hydrate: frozenset[str], days: tuple[date, date]) -> Iterator[Entry]:
        almanac, records = self._archive.almanac(card.game.season), self._archive.records(card.game.season)
        lister = schedule.Lister(almanac, records, self.now, hydrate)
        for listing in listings(card.game, self.now):
            if days[0] <= listing.on <= days[1]:
                yield lister.entry(card, listing, self._runs(card))

    def _runs(self, card: Card) -> tuple[int, int] | None:
        state = moment(card.game, self.now).state
        if state in OVER:
            return card.away_runs, card.home_runs
        if state in ("In Progress", "Suspended"):
            return score(as_of(self._archive.sheet(card).game, self.now).plays)
        return None

    def _over(self, query: Query, season: int, club: int | None = None) -> Iterator[Game]:
        opening = self._archive.opening_day(season)
        first = max(queries.day(query, "startDate", opening), opening)
        last = min(queries.day(query, "endDate", self.now.date()), self.now.date())
        for card in self._archive.cards(first, last):
            game = card.game
            ours = club is None or club in (game.home, game.away)
            counts = game.game_type != "S" and first <= game.official_date <= last
            if ours and counts and self._is_over(card):
                yield self._archive.sheet(card).game

    def _searched(self, over: Sequence[Card], keep_at: Path | None) -> Answer:
        games = ((self._archive.sheet(card).game, self._archive.almanac(card.game.season)) for card in over)
        text = gzip.compress(savant.search(games).encode(), 1, mtime=0)
        if keep_at:
            write_whole(keep_at, text)
        return Answer(text, content_type=CSV, gzipped=True)
