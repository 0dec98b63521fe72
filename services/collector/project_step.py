"""The collector's step on a project: a backfill's chunk at the workers and pace of its control object.

On one machine the backfill runs the step in its own process. Here it waits elsewhere, so that the result of
the chunk is an object of the ledger. An order to pause or to stop does not hold up a chunk under way: a push
ends after nine minutes, and each redelivery counts.
"""

from datetime import datetime
from functools import partial

from services.collector import backfill_ledger, steering
from services.collector.backfill_ledger import Chunk, ChunkCollection
from services.collector.http_source import is_loopback
from services.collector.mlb.sources.registry import open_sources
from services.collector.steering import Control, Steering
from services.collector.step import find_chunk
from services.collector.step import step as collect
from shared.messaging.events import DataRetry, Event, Ticked
from shared.ports import Ports

_READ_INTERVAL = 2.0  # seconds between two reads of the control object: each is a request and is billed


def step(event: Ticked | DataRetry, ports: Ports, now: datetime) -> list[Event]:
    """Collect the games of a tick or a retry; of a backfill's chunk, record what was done in the ledger.

    Raises what the collector's step raises.
    """
    chunk = find_chunk(event, ports)
    if chunk is None:
        return collect(event, ports, now)
    steer = _open_steering(ports, chunk)
    events = collect(event, ports, now, partial(open_sources, rate_limiter=steer.limiter), steer)
    collection = ChunkCollection(
        run_id=chunk.run_id,
        collected_at=now,
        is_staged=bool(events),
        fetched=tuple(sorted(steer.fetched)),
        failed=tuple(sorted(steer.failed)),
        from_archive=steer.from_archive,
        feed_bytes=steer.feed_bytes,
        requests=steer.limiter.requests,
    )
    backfill_ledger.record_collection(ports.objects, chunk, collection)
    return events


def _open_steering(ports: Ports, chunk: Chunk) -> Steering:
    settings = ports.settings
    pace = None if is_loopback(settings.mlb_api_url) else settings.requests_per_second
    usual = Control(chunk.run_id, workers=settings.collector_workers, pace=pace)
    control = steering.load_control(ports.objects, chunk.sport) or usual
    return Steering(ports.objects, chunk.sport, control, read_interval=_READ_INTERVAL, is_stoppable=False)
