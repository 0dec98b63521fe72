"""Pub/Sub keeps an event bus's promises, delivers again what was refused, and keeps what could not succeed."""

import time
from collections import defaultdict
from contextlib import closing, contextmanager

import pytest
from google.pubsub_v1 import PublisherClient, PublishRequest, PublishResponse, PubsubMessage, PullRequest
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from grpc import StatusCode

from hankstank.dev.emulators.topics import create_topology
from shared.adapters.gcp.dead_letters import PubSubDeadLetters, parse_dead_letter
from shared.adapters.gcp.pubsub_bus import PubSubBus
from shared.adapters.gcp.pubsub_clients import create_publisher, create_subscriber
from shared.errors import Rejected, Unavailable
from shared.messaging import envelope
from shared.messaging.dead_letters import CannotReplay
from shared.messaging.events import Ticked
from tests.contracts import refusing_grpc
from tests.contracts.event_bus import COLLECTED, CREATED, NOON, EventBusContract
from tests.contracts.refusing_grpc import Refused
from tests.contracts.refusing_server import Reply, serving
from tests.emulators import free_port
from tests.patience import PATIENCE, wait_until

pytestmark = pytest.mark.filterwarnings("ignore:The return_immediately flag:DeprecationWarning")

SERVICES = ("collector", "validator", "loader", "features", "trainer", "predict_api")
VALIDATOR = "data.collected--validator"
LATE = 1.0  # seconds in which the emulator would have pushed once more


class AtOnce:
    """A subscriber whose pulls tell at once when nothing is left, where others wait for more."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def pull(self, *, subscription, max_messages, timeout, retry):
        requested = PullRequest(subscription=subscription, max_messages=max_messages, return_immediately=True)
        return self._client.pull(requested, timeout=PATIENCE, retry=retry)


class Town:
    """A project on the emulator that pushes to loopback, where it is kept what every service hears."""

    def __init__(self, project, host):
        self.project = project
        self._publisher, self._subscriber = create_publisher(host), create_subscriber(host)
        self.bus = PubSubBus(project, client=self._publisher)
        self.backfill = PubSubBus(project, "backfill", client=self._publisher)
        self.patient_letters = PubSubDeadLetters(project, self._subscriber, self._publisher)
        self.letters = PubSubDeadLetters(project, AtOnce(self._subscriber), self._publisher)
        self.refusals = defaultdict(list)  # statuses for a service's next pushes, before all is well
        self._heard = defaultdict(list)

    def answer(self, requested):
        service = requested.path.strip("/")
        self._heard[service].append(requested.body)
        return Reply(self.refusals[service].pop() if self.refusals[service] else 200)

    def received(self, service, count=1):
        assert wait_until(lambda: len(self._heard[service]) >= count, PATIENCE)
        return self._heard.pop(service)

    def late(self, service):
        time.sleep(LATE)
        return self._heard.pop(service, [])

    def listed(self, count=1):
        """Wait for so many dead letters, which lie there a moment after they were parked."""
        assert wait_until(lambda: len(self.letters.list_dead_letters()) >= count, PATIENCE)
        return self.letters.list_dead_letters()

    def parked(self):
        return [(letter.body, letter.reason, letter.subscription) for letter in self.listed()]

    def unreachable(self):
        return PubSubBus(self.project, client=create_publisher(f"127.0.0.1:{free_port()}"), deadline=0.5)

    def refuse_forever(self, name):
        """Subscribe an endpoint that never listens to what the validator hears, with five attempts at once."""
        path = f"projects/{self.project}"
        letters = {"dead_letter_topic": f"{path}/topics/dead-letters", "max_delivery_attempts": 5}
        self._subscriber.create_subscription(
            request={
                "name": f"{path}/subscriptions/{name}",
                "topic": f"{path}/topics/data.collected",
                "push_config": {"push_endpoint": f"http://127.0.0.1:{free_port()}"},
                "dead_letter_policy": letters,
            }
        )

    def close(self):
        self._publisher.transport.close()
        self._subscriber.transport.close()


@pytest.fixture
def cluster(pubsub_host, project):
    with closing(Town(project, pubsub_host)) as cluster, serving(cluster.answer) as address:
        create_topology(project, {service: f"{address}/{service}" for service in SERVICES}, pubsub_host)
        yield cluster


class TestPubSubBus(EventBusContract):
    @pytest.fixture
    def world(self, cluster):
        return cluster


def test_carries_attributes_beside_the_event(cluster):
    cluster.bus.publish(COLLECTED)
    _, attributes = envelope.parse_published(cluster.received("validator")[0])
    assert attributes == envelope.event_attributes(COLLECTED)


def test_a_lane_is_told_by_the_subscription(cluster):
    cluster.backfill.publish(COLLECTED)
    mark = envelope.parse_metadata(cluster.received("validator")[0])
    assert mark.subscription == f"projects/{cluster.project}/subscriptions/backfill.{VALIDATOR}"


def test_drops_what_nobody_in_a_lane_hears(cluster):
    cluster.backfill.publish(CREATED)
    assert cluster.late("trainer") == []


def test_delivers_again_what_was_refused(cluster):
    cluster.refusals["validator"] = [503]
    cluster.bus.publish(COLLECTED)
    assert [envelope.parse_delivery(body).event for body in cluster.received("validator", 2)] == [
        COLLECTED
    ] * 2


def test_a_reason_too_long_for_pubsub_is_shortened(cluster):
    cluster.bus.dead_letter(b"{}", "é" * 1000, "")
    ((_, reason, _),) = cluster.parked()
    assert reason == "é" * 512


def test_names_the_missing_topic(pubsub_host, project):
    bus = PubSubBus(project, client=create_publisher(pubsub_host))
    with pytest.raises(Rejected, match=f"projects/{project}/topics/data.collected: not found"):
        bus.publish(COLLECTED)


@contextmanager
def refusing(code, deadline=60.0):
    """Give a bus whose every publish is refused with a status."""

    def refuse(_):
        raise Refused(code)

    kinds = (PublishRequest, PublishResponse)
    with refusing_grpc.serving("google.pubsub.v1.Publisher", "Publish", *kinds, refuse) as channel:
        client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        yield PubSubBus("baseball", client=client, deadline=deadline)


def test_a_forbidden_topic_names_the_role():
    role = r"topics/data\.collected.*grant roles/pubsub\.publisher"
    with refusing(StatusCode.PERMISSION_DENIED) as bus, pytest.raises(Rejected, match=role):
        bus.publish(COLLECTED)


@pytest.mark.parametrize("code", [StatusCode.RESOURCE_EXHAUSTED, StatusCode.UNAVAILABLE, StatusCode.INTERNAL])
def test_what_may_pass_is_unavailable(code):
    with refusing(code, 0.3) as bus, pytest.raises(Unavailable, match=r"topics/data\.collected"):
        bus.publish(COLLECTED)


def test_does_not_reject_what_it_cannot_park(pubsub_host, project):
    bus = PubSubBus(project, client=create_publisher(pubsub_host))
    with pytest.raises(Unavailable, match="topics/dead-letters"):
        bus.dead_letter(b"{}", "because", "")


def test_making_a_bus_asks_nobody(monkeypatch):
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    bus = PubSubBus("nobody")
    with pytest.raises(Rejected, match="credentials"):
        bus.publish(COLLECTED)


@pytest.fixture
def parked(cluster):
    """A town with one letter, parked by the validator."""
    cluster.bus.publish(COLLECTED)
    (body,) = cluster.received("validator")
    cluster.bus.dead_letter(body, "Rejected: because", envelope.parse_metadata(body).subscription)
    return cluster


def test_letters_are_listed_without_taking_them(parked):
    listed = parked.listed()
    assert len(listed) == 1
    assert listed == parked.patient_letters.list_dead_letters() == parked.letters.list_dead_letters()


def test_a_letter_says_what_it_was(parked):
    (letter,) = parked.listed()
    assert (letter.topic, letter.run_id, letter.lane, letter.reason) == (
        "data.collected",
        "run-1",
        "live",
        "Rejected: because",
    )
    assert parked.letters.find_dead_letter(letter.id) == letter


def test_a_letter_is_replayed_in_its_lane(cluster):
    cluster.backfill.publish(COLLECTED)
    (body,) = cluster.received("validator")
    cluster.bus.dead_letter(body, "because", envelope.parse_metadata(body).subscription)
    cluster.letters.replay_dead_letter(cluster.listed()[0].id)
    (again,) = cluster.received("validator")
    assert envelope.parse_metadata(again).subscription.endswith(f"/backfill.{VALIDATOR}")


def test_a_replayed_letter_is_delivered_and_put_away_and_the_others_are_left(parked):
    parked.bus.dead_letter(b"garbage", "no envelope", "")
    first, second = parked.listed(2)
    parked.letters.replay_dead_letter(first.id)
    (body,) = parked.received("validator")
    assert envelope.parse_delivery(body).event == COLLECTED
    assert parked.letters.list_dead_letters() == [second]


def test_a_replayed_tick_keeps_its_run(cluster):
    tick = Ticked(run_id="run-7", occurred_at=NOON)
    cluster.bus.publish(tick)
    (body,) = cluster.received("collector")
    cluster.bus.dead_letter(body, "because", "data-collection-trigger--collector")
    cluster.letters.replay_dead_letter(cluster.listed()[0].id)
    assert envelope.parse_delivery(cluster.received("collector")[0]).event == tick


@pytest.mark.parametrize(
    "body", [b"\xff garbage", b'{"message": {"data": "e30="}}'], ids=["garbage", "no topic"]
)
def test_what_is_no_event_cannot_be_replayed(cluster, body):
    cluster.bus.dead_letter(body, "no envelope", "")
    (letter,) = cluster.listed()
    with pytest.raises(CannotReplay, match=letter.id):
        cluster.letters.replay_dead_letter(letter.id)
    assert cluster.letters.list_dead_letters() == [letter]


def test_an_unknown_letter_is_told_from_those_there_are(parked):
    (letter,) = parked.listed()
    with pytest.raises(KeyError, match=rf"\['{letter.id}'\], got 4711"):
        parked.letters.replay_dead_letter("4711")


def test_letters_without_a_subscription_are_rejected(pubsub_host, project):
    letters = PubSubDeadLetters(project, create_subscriber(pubsub_host))
    with pytest.raises(Rejected, match="subscriptions/dead-letters--review: not found"):
        letters.list_dead_letters()


def test_what_pubsub_gave_up_on_becomes_a_letter_that_can_be_replayed(cluster):
    cluster.refuse_forever("data.collected--stubborn")
    cluster.bus.publish(COLLECTED)
    cluster.received("validator")
    (letter,) = cluster.listed()  # the fifth delivery comes after four seconds
    assert (letter.subscription, letter.attempt) == ("data.collected--stubborn", 5)
    cluster.letters.replay_dead_letter(letter.id)
    (again,) = cluster.received("validator")
    assert envelope.parse_delivery(again).event == COLLECTED


GIVEN_UP = PubsubMessage(
    data=COLLECTED.model_dump_json().encode(),
    attributes={
        **envelope.event_attributes(COLLECTED),
        "CloudPubSubDeadLetterSourceDeliveryCount": "20",
        "CloudPubSubDeadLetterSourceSubscription": f"backfill.{VALIDATOR}",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "baseball",
        "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-04-02T12:00:00.000+00:00",
    },
    message_id="12",
    publish_time=NOON,
)


def test_what_pubsub_gave_up_on_reads_like_a_parked_delivery():
    letter = parse_dead_letter(GIVEN_UP)
    assert envelope.parse_delivery(letter.body).event == COLLECTED
    assert envelope.parse_published(letter.body)[1] == envelope.event_attributes(
        COLLECTED
    )  # none of Pub/Sub's own
    assert (letter.lane, letter.attempt, letter.reason) == (
        "backfill",
        20,
        "Pub/Sub gave up after 20 deliveries",
    )
