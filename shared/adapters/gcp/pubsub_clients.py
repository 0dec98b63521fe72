"""Pub/Sub's clients: with this machine's credentials, or plain where PUBSUB_EMULATOR_HOST names an emulator.

These are the calls as Pub/Sub defines them. The hand-written publisher around them takes a message's
attributes as keyword arguments, among which ours, named `topic`, has no place.
"""

import os

import grpc
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

EMULATOR = "PUBSUB_EMULATOR_HOST"


def create_publisher(emulator: str | None = None) -> PublisherClient:
    """Return a publisher; `emulator` ("host:port") defaults to what the environment names."""
    host = emulator or os.environ.get(EMULATOR)
    if not host:
        return PublisherClient()
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(host)))


def create_subscriber(emulator: str | None = None) -> SubscriberClient:
    """Return a subscriber; `emulator` ("host:port") defaults to what the environment names."""
    host = emulator or os.environ.get(EMULATOR)
    if not host:
        return SubscriberClient()
    return SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(host)))
