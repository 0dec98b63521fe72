"""One collection: takes games from the sources, then writes its rows and its manifest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from services.collector import existing_games
from services.collector.mlb.game_fetcher import Gatherer, in_parallel
from services.collector.mlb.listed_games import Listed
from services.collector.mlb.schedule import Listing
from services.collector.request import Assignment
from services.collector.rows import BY_GAME, GameRows, Row, as_json
from services.collector.run_context import Desk
from shared.errors import SourceUnavailable
from shared.storage.staging import Manifest, write_struct

OVERLAP = timedelta(hours=24)  # each correction is seen by two daily looks, should one of them fail


class Collection:
    """The games gathered for one event."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._gatherer = desk, Gatherer(desk)
        self._missing_players: dict[str, tuple[int, ...]] = {}
        self.had: set[int] = set()  # final games that a source gave
        self.dates: set[date] = set()
        self.games: list[int] = []
        self.final_games: list[int] = []
        self.without_plays: list[int] = []  # of the final ones
        self.new_days: set[date] = set()  # days of games that stand as final for the first time

    def changed_games(self, standing: existing_games.Standing) -> frozenset[int]:
        """Return the final games of which the source says that something changed since the last look."""
        final = [game for game in standing.values() if game.is_final]
        if not final:
            return frozenset()
        since = max(game.collected_at for game in final) - OVERLAP
        try:
            answer = self._desk.sources.mlb.changes(since)
        except SourceUnavailable as error:
            self._desk.failed("mlb_stats_api", "/api/v1/game/changes", error)
            return frozenset()
        changed = {game.game_pk for day in answer.value.dates for game in day.games}
        return frozenset(game.game_pk for game in final if game.game_pk in changed)

    def take_games(
        self, asked: Assignment, listed: Listed, standing: existing_games.Standing, changed: frozenset[int]
    ) -> None:
        """Take the listed games that are wanted.

        Raises SourceUnavailable when the feed of every final game cannot be had.
        """
        last = asked.every_day[-1]
        wanted = [one for one in listed.games if _wanted(one, asked, standing, changed, last)]
        self._take_final([one for one in wanted if one.is_final], listed, standing, asked)
        for one in wanted:
            if not one.is_final:
                self._add(self._gatherer.listed(one, listed.lineage(one)), standing)

    def _take_final(
        self, final: list[Listing], listed: Listed, standing: existing_games.Standing, asked: Assignment
    ) -> None:
        failed = 0
        with ThreadPoolExecutor(self._desk.ports.settings.collector_workers) as pool:
            gathered = in_parallel(pool, self._gatherer.game, final)
            for listing, rows in zip(final, gathered, strict=True):
                failed += rows is None
                if rows is not None:
                    self.had.add(rows.game_pk)
                    self._add(rows, standing)
                elif listing.game.game_pk not in standing and not asked.again:
                    self._add(self._gatherer.listed(listing, listed.lineage(listing)), standing)
        if final and failed == len(final):
            raise SourceUnavailable(f"none of {failed} games could be had: {self._desk.failures[0].error}")

    def _add(self, rows: GameRows, standing: existing_games.Standing) -> None:
        """Stage a game unless it stands with the same rows."""
        stands = standing.get(rows.game_pk)
        if stands is not None and stands.holds(rows):
            return
        self.games.append(rows.game_pk)
        self.dates.add(rows.head["game_date"])
        if rows.tables.get("plate_appearances"):
            self.final_games.append(rows.game_pk)
        if rows.plays != "told":
            self.without_plays.append(rows.game_pk)
        if rows.is_final and not (stands and stands.is_final):
            self.new_days.add(rows.head["game_date"])
        if rows.missing:
            self._missing_players[str(rows.game_pk)] = tuple(row["player_id"] for row in rows.missing)
        self._stage(rows)

    def _stage(self, rows: GameRows) -> None:
        staging, head = self._desk.staging, rows.head | rows.lineage
        for name in BY_GAME:
            own: Row = {}
            if name == "games_historical":
                unexpected = {"plays_expected": False} if rows.plays == "unexpected" else {}
                own = {"extra": as_json({"rows_sha256": rows.digest(), **unexpected})}
            if name == "statcast_pitches" and rows.pitch_lineage:
                own = rows.pitch_lineage
            staging.add(name, head | own, rows.tables.get(name, []))
        staging.add("people", rows.lineage, rows.people)
        staging.add("venues", rows.lineage, rows.venues)
        staging.add("teams_historical", rows.lineage, rows.clubs)

    def write(self, season_phase: str, idle_rostered: tuple[int, ...]) -> tuple[Manifest, str]:
        """Write everything staged and the manifest; return it and its name."""
        desk = self._desk
        prefix = f"staging/{desk.run_id}/{desk.attempt}"
        manifest = Manifest(
            run_id=desk.run_id,
            attempt=desk.attempt,
            dates=tuple(sorted(self.dates)),
            season_phase=season_phase,
            games=tuple(self.games),
            datasets=desk.staging.write(desk.ports.objects, prefix),
            raw=tuple(sorted(desk.raw, key=lambda body: (body.source, body.url, body.sha256))),
            failures=tuple(sorted(desk.failures, key=lambda one: (one.source, one.request))),
            final_games=tuple(self.final_games),
            without_plays=tuple(self.without_plays),
            missing_players=self._missing_players,
            idle_rostered=idle_rostered,
            unknown_columns=desk.unknown_columns,
            fallbacks=tuple(sorted(desk.fallbacks, key=lambda one: one.game_pk)),
        )
        return manifest, write_struct(desk.ports.objects, prefix, "manifest", manifest)


def _wanted(
    listing: Listing,
    asked: Assignment,
    standing: existing_games.Standing,
    changed: frozenset[int],
    last: date,
) -> bool:
    if asked.games:
        return listing.game.game_pk in asked.games
    if asked.again:
        return listing.game.official_date in asked.days
    return existing_games.wanted(listing, standing, changed, last)
