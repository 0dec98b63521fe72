"""What Terraform makes before the first push, made on the stand-ins: buckets, datasets, tables, topics."""

import httpx

from hankstank.dev.emulators.bigquery import make_datasets
from hankstank.dev.emulators.topics import create_topology
from hankstank.dev.local_cluster.cluster import BIGQUERY, STORAGE, Town, surrounded
from hankstank.dev.local_cluster.process_specs import push_endpoints
from shared.runtime.data_world import World, read_world, write_world
from shared.runtime.ports_factory import build
from shared.storage import tables
from shared.storage.buckets import buckets


def furnish(town: Town) -> None:
    """Make what the rooms expect to stand; what stands already is left as it is."""
    _buckets(town)
    make_datasets(town.address(BIGQUERY), town.project)
    with surrounded(town.surroundings):
        ports = build(town.settings)
        for name in tables.names():
            ports.warehouse.ensure(tables.table(name))
        write_world(ports.objects, World(town.label, read_world(ports.objects).now))


def lay_topics(town: Town) -> None:
    """Make topics and subscriptions anew: the emulator forgets them when it ends."""
    create_topology(town.project, push_endpoints(town), town.pubsub)


def _buckets(town: Town) -> None:
    with httpx.Client(base_url=f"{town.address(STORAGE)}/storage/v1/", trust_env=False) as storage:
        for bucket in buckets():
            about = {"name": f"{town.settings.buckets}-{bucket}"}
            answer = storage.post("b", params={"project": town.project}, json=about)
            if answer.status_code != httpx.codes.CONFLICT:
                answer.raise_for_status()
