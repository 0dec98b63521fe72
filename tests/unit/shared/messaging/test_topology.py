"""Who hears what."""

from pathlib import Path

import pytest

from shared.messaging import topology
from shared.messaging.events import EVENTS

SERVICES = {path.name for path in (Path(__file__).parents[4] / "services").iterdir() if path.is_dir()}


def test_topology_and_events_agree():
    assert set(topology.list_topics()) == set(EVENTS)


@pytest.mark.parametrize("topic", topology.list_topics())
def test_every_fact_is_heard_by_a_room(topic):
    heard = topology.subscribers_of(topic)
    assert heard
    assert set(heard) <= SERVICES


def test_backfills_end_at_the_features():
    heard = {
        service for topic in topology.list_topics() for service in topology.subscribers_of(topic, "backfill")
    }
    assert heard == {"collector", "validator", "loader", "features"}


def test_subscription_names_topic_and_service():
    assert topology.subscription_name("data.collected", "validator") == "data.collected--validator"
