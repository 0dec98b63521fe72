"""What Terraform makes before the first push, made on the stand-ins: buckets, datasets, tables, topics."""

import httpx

from hankstank.emulators.bigquery import make_datasets
from hankstank.emulators.topics import create_topology
from hankstank.loopback.residents import push_endpoints
from hankstank.loopback.town import BIGQUERY, STORAGE, Town, surrounded
from hankstank.outcomes import CannotDo
from shared import tables
from shared.buckets import buckets
from shared.runtime import build
from shared.world import World, read_world, write_world


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
    for bucket in buckets():
        name = f"{town.settings.buckets}-{bucket}"
        _create(f"{town.address(STORAGE)}/storage/v1/b?project={town.project}", {"name": name})


def _create(address: str, about: dict[str, object]) -> None:
    answer = httpx.post(address, json=about, trust_env=False, timeout=30)
    if answer.status_code not in {httpx.codes.OK, httpx.codes.CREATED, httpx.codes.CONFLICT}:
        raise CannotDo(f"{address} refused {about}: {answer.status_code} {answer.text[:300]}")
