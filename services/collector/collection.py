"""One collection: fetches games from the sources, then writes their rows and a manifest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

from services.collector import existing_games
from services.collector.mlb.game_fetcher import GameFetcher, map_in_parallel
from services.collector.mlb.listed_games import ListedGames
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.schedule import Listing
from services.collector.request import CollectionRequest
from services.collector.rows import BY_GAME, GameRows, Row, as_json
from services.collector.steering import MAX_WORKERS, Steering
from shared.errors import SourceUnavailable
from shared.storage.staging import Manifest, write_struct

_NOT_BEGUN = ("Preview", "Other")
OVERLAP = timedelta(hours=24)  # two daily runs see each correction, in case one fails


class Collection:
    """The games fetched for one event."""

    def __init__(self, context: MlbRunContext) -> None:
        self._context, self._fetcher = context, GameFetcher(context)
        self._missing_players: dict[str, tuple[int, ...]] = {}
        self.fetched_games: set[int] = set()  # final games that a source gave
        self.dates: set[date] = set()
        self.games: list[int] = []
        self.final_games: list[int] = []
        self.without_plays: list[int] = []  # of the final ones
        self.new_days: set[date] = set()  # days of games that are stored as final for the first time

    def find_changed_games(self, stored_games: existing_games.StoredGames) -> frozenset[int]:
        """Return the final games that the source lists as changed since the last run."""
        final = [game for game in stored_games.values() if game.is_final]
        if not final:
            return frozenset()
        since = max(game.collected_at for game in final) - OVERLAP
        try:
            response = self._context.sources.mlb.fetch_changes(since)
        except SourceUnavailable as error:
            self._context.record_failure("mlb_stats_api", "/api/v1/game/changes", error)
            return frozenset()
        changed = {game.game_pk for day in response.value.dates for game in day.games}
        return frozenset(game.game_pk for game in final if game.game_pk in changed)

    def collect_games(
        self,
        request: CollectionRequest,
        listed: ListedGames,
        stored_games: existing_games.StoredGames,
        changed: frozenset[int],
    ) -> None:
        """Fetch and stage the listed games that the request needs.

        Raises SourceUnavailable when the feeds of all final games are unavailable.
        """
        last = request.all_days[-1]
        selected = [one for one in listed.games if _should_collect(one, request, stored_games, changed, last)]
        self._collect_final_games([one for one in selected if one.is_final], listed, stored_games, request)
        for one in selected:
            if not one.is_final:
                self._stage_if_changed(
                    self._fetcher.rows_from_schedule(one, listed.lineage_of(one)), stored_games
                )

    def _collect_final_games(
        self,
        final: list[Listing],
        listed: ListedGames,
        stored_games: existing_games.StoredGames,
        request: CollectionRequest,
    ) -> None:
        failed = 0
        steering = self._context.steering
        workers = MAX_WORKERS if steering else self._context.ports.settings.collector_workers
        fetch = partial(self._fetch_in_slot, steering) if steering else self._fetcher.fetch_game
        with ThreadPoolExecutor(workers) as pool:
            fetched = map_in_parallel(pool, fetch, final)
            for listing, rows in zip(final, fetched, strict=True):
                failed += rows is None
                if rows is not None:
                    self.fetched_games.add(rows.game_pk)
                    self._stage_if_changed(rows, stored_games)
                elif listing.game.game_pk not in stored_games and not request.is_recollection:
                    self._stage_if_changed(
                        self._fetcher.rows_from_schedule(listing, listed.lineage_of(listing)), stored_games
                    )
        if final and failed == len(final):
            reason = self._context.failures[0].error
            raise SourceUnavailable(f"expected at least one of {failed} games, fetched none: {reason}")

    def _fetch_in_slot(self, steering: Steering, listing: Listing) -> GameRows | None:
        """Fetch a game of a backfill once its steering admits it; raises CollectionStopped."""
        with steering.game_slot():
            rows = self._fetcher.fetch_game(listing)
        steering.record_game(listing.game.game_pk, is_fetched=rows is not None)
        return rows

    def _stage_if_changed(self, rows: GameRows, stored_games: existing_games.StoredGames) -> None:
        """Stage a game unless the same rows are stored."""
        stored = stored_games.get(rows.game_pk)
        if stored is not None and stored.has_same_rows(rows):
            return
        self.games.append(rows.game_pk)
        self.dates.add(rows.game_columns["game_date"])
        if rows.tables.get("plate_appearances"):
            self.final_games.append(rows.game_pk)
        if rows.plays != "present":
            self.without_plays.append(rows.game_pk)
        if rows.is_final and not (stored and stored.is_final):
            self.new_days.add(rows.game_columns["game_date"])
        if rows.players_without_line:
            self._missing_players[str(rows.game_pk)] = tuple(
                row["player_id"] for row in rows.players_without_line
            )
        self._stage_rows(rows)

    def _stage_rows(self, rows: GameRows) -> None:
        staging, head = self._context.staging, rows.game_columns | rows.lineage
        for name in BY_GAME:
            own: Row = {}
            if name == "games_historical":
                unexpected = {"plays_expected": False} if rows.plays == "unexpected" else {}
                own = {"extra": as_json({"rows_sha256": rows.digest(), **unexpected})}
            if name == "statcast_pitches" and rows.pitch_lineage:
                own = rows.pitch_lineage
            staging.add_rows(name, head | own, rows.tables.get(name, []))
        staging.add_rows("people", rows.lineage, rows.people)
        staging.add_rows("venues", rows.lineage, rows.venues)
        staging.add_rows("teams_historical", rows.lineage, rows.clubs)

    def write_batch(self, season_phase: str, idle_rostered: tuple[int, ...]) -> tuple[Manifest, str]:
        """Write everything staged and the manifest; return it and its name."""
        context = self._context
        prefix = f"staging/{context.run_id}/{context.attempt}"
        manifest = Manifest(
            run_id=context.run_id,
            attempt=context.attempt,
            dates=tuple(sorted(self.dates)),
            season_phase=season_phase,
            games=tuple(self.games),
            datasets=context.staging.write_tables(context.ports.objects, prefix),
            raw=tuple(sorted(context.raw, key=lambda body: (body.source, body.url, body.sha256))),
            failures=tuple(sorted(context.failures, key=lambda one: (one.source, one.request))),
            final_games=tuple(self.final_games),
            without_plays=tuple(self.without_plays),
            missing_players=self._missing_players,
            idle_rostered=idle_rostered,
            unknown_columns=context.unknown_columns,
            fallbacks=tuple(sorted(context.fallbacks, key=lambda one: one.game_pk)),
        )
        return manifest, write_struct(context.ports.objects, prefix, "manifest", manifest)


def _should_collect(
    listing: Listing,
    request: CollectionRequest,
    stored_games: existing_games.StoredGames,
    changed: frozenset[int],
    last: date,
) -> bool:
    if request.is_refresh and listing.state not in _NOT_BEGUN:
        return False  # a game that is over early would end the day for which forecasts are still made
    if request.games:
        return listing.game.game_pk in request.games
    if request.is_recollection:
        return listing.game.official_date in request.days
    if request.is_fresh and listing.is_final:
        return True
    return existing_games.should_collect(listing, stored_games, changed, last)
