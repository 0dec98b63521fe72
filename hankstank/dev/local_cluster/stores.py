"""Creates on the emulators what Terraform creates: buckets, datasets, tables, topics."""

import httpx

from hankstank.dev.emulators.bigquery import create_datasets
from hankstank.dev.emulators.topics import create_topology
from hankstank.dev.local_cluster.cluster import BIGQUERY, STORAGE, LocalCluster
from hankstank.dev.local_cluster.process_specs import push_endpoints
from hankstank.local.subprocesses import environment
from shared.runtime.data_world import DataWorld, read_world, write_world
from shared.runtime.ports_factory import create_ports
from shared.storage import tables
from shared.storage.buckets import list_buckets


def create_stores(cluster: LocalCluster) -> None:
    """Create buckets, datasets and tables unless they exist."""
    _create_buckets(cluster)
    create_datasets(cluster.address_of(BIGQUERY), cluster.project)
    with environment(cluster.env):
        ports = create_ports(cluster.settings)
        for name in tables.list_tables():
            ports.warehouse.ensure_table(tables.get_table(name))
        write_world(ports.objects, DataWorld(cluster.label, read_world(ports.objects).now))


def create_topics(cluster: LocalCluster) -> None:
    """Create topics and subscriptions: the emulator does not keep them when it ends."""
    create_topology(cluster.project, push_endpoints(cluster), cluster.pubsub_host)


def _create_buckets(cluster: LocalCluster) -> None:
    with httpx.Client(base_url=f"{cluster.address_of(STORAGE)}/storage/v1/", trust_env=False) as storage:
        for bucket in list_buckets():
            config = {"name": f"{cluster.settings.buckets}-{bucket}"}
            response = storage.post("b", params={"project": cluster.project}, json=config)
            if response.status_code != httpx.codes.CONFLICT:
                response.raise_for_status()
