"""Render the final feeds of a range of days to disk in advance."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from simulator.feed_cache import FeedCache
from simulator.game_record import World
from simulator.season_store import SeasonStore, completed_games

Progress = Callable[[int, int], object]
_BATCH = 50


def _ignore_progress(_done: int, _total: int) -> None:
    """Drop the report."""


def render_season(
    world: World,
    folder: Path,
    first: date,
    last: date,
    *,
    progress: Progress = _ignore_progress,
    workers: int = 1,
) -> int:
    """Render the final feeds of the games listed between two dates; return how many were missing.

    Safe to interrupt and to repeat: each file is written atomically, existing files are kept. `progress`
    is called with the feeds done and their total. `workers` processes share the rendering.
    """
    store = SeasonStore(world, folder)
    games = [summary.game for summary in completed_games(store.list_summaries(first, last))]
    missing = [game for game in games if not store.feed_cache.has_feed(game.game_pk)]
    for season in {game.season for game in missing}:
        store.get_reference_data(season)  # stored here once: the workers read it from the folder
    batches = [
        (season, [game.game_pk for game in missing if game.season == season][at : at + _BATCH])
        for season in sorted({game.season for game in missing})
        for at in range(0, len(missing), _BATCH)
    ]
    _render_batches(folder, [batch for batch in batches if batch[1]], progress, workers)
    return len(missing)


def _render_batches(
    folder: Path, batches: Sequence[tuple[int, list[int]]], progress: Progress, workers: int
) -> None:
    done, total = 0, sum(len(games) for _, games in batches)
    if workers == 1:
        for season, games in batches:
            done += render_batch(folder, season, games)
            progress(done, total)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for batch in as_completed(pool.submit(render_batch, folder, *batch) for batch in batches):
            done += batch.result()
            progress(done, total)


def render_batch(folder: Path, season: int, games: Sequence[int]) -> int:
    """Render some games of a season from the folder alone; return how many."""
    feed_cache = FeedCache(folder)
    reference = feed_cache.load_reference_data(season)
    if reference is None:
        raise FileNotFoundError(f"{folder} has no reference data of {season}: open it in a SeasonStore first")
    for game_pk in games:
        feed_cache.load_or_render_feed(game_pk, reference)
    return len(games)
