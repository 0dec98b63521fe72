"""Today's date by the clock of a running API, a local cluster or the stores."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import httpx

from hankstank.dev.local_cluster.cluster import LocalCluster, load_cluster
from hankstank.local.api_client import ApiClient
from hankstank.local.simulator_process import read_simulator_clock
from shared.errors import SourceUnavailable
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.sports.mlb.ballpark_time import ballpark_date


def world_today(home: Path | None = None, url: str | None = None, key: str | None = None) -> date:
    """Return today's date by the clock of the API at `url`, else of `home`, else the real clock.

    A simulated or past season has its own clock. Raises Unavailable or UserError when the API or the
    cluster does not answer.
    """
    if url:
        with closing(ApiClient(url, key)) as client:
            return client.fetch_today()
    return ballpark_date(_world_now(home))


def _world_now(home: Path | None) -> datetime:
    if home is None or not home.is_dir():
        return utc_now()
    if cluster := load_cluster(home):
        return _simulated_now(cluster)
    return read_world(create_object_store(Settings(home=home))).current_time(utc_now)


def _simulated_now(cluster: LocalCluster) -> datetime:
    try:
        return read_simulator_clock(cluster.simulator_url)
    except httpx.HTTPError as error:
        raise SourceUnavailable(
            f"{cluster.simulator_url}: no answer ({error}): start the cluster with `hankstank cluster start`"
        ) from None
