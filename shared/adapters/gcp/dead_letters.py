"""Dead letters on Pub/Sub: listed without removing them, and replayed one by one.

There are two kinds. A service's dead letter is the push body, with the reason as an attribute. A dead
letter of Pub/Sub is the event itself, with attributes for the subscription and the number of attempts.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from google.api_core.exceptions import DeadlineExceeded
from google.pubsub_v1 import PublisherClient, PubsubMessage, ReceivedMessage, SubscriberClient

from shared.adapters.gcp.failures import GoogleRequest, grpc_retry, translated_errors
from shared.adapters.gcp.pubsub_bus import REASON, SUBSCRIPTION, PubSubBus
from shared.adapters.gcp.pubsub_clients import create_subscriber
from shared.errors import UnknownEvent
from shared.messaging import envelope
from shared.messaging.dead_letters import CannotReplay, DeadLetter
from shared.messaging.events import EVENTS
from shared.messaging.topology import DEAD_LETTER_REVIEW, lane_of, lane_topic

_PUBSUBS_OWN = "CloudPubSubDeadLetterSource"
_GIVEN_UP_BY, _TRIED = f"{_PUBSUBS_OWN}Subscription", f"{_PUBSUBS_OWN}DeliveryCount"
_PULL_SIZE = 100  # messages of one pull
_DEADLINE = 30.0  # seconds


class PubSubDeadLetters:
    """What waits in `dead-letters--review`; a letter's id is the id of its message.

    Pub/Sub cannot list without leasing: messages are leased while they are read and released at once.
    Only one reader at a time sees all of them.
    """

    def __init__(
        self,
        project: str,
        client: SubscriberClient | None = None,
        publisher: PublisherClient | None = None,
        patience: float = 3.0,
    ) -> None:
        """Make no connection yet; `patience` is how many seconds a pull waits before none are left."""
        self._project, self._given, self._publisher = project, client, publisher
        self._patience = patience
        self._review = f"projects/{project}/subscriptions/{DEAD_LETTER_REVIEW}"

    def list_dead_letters(self) -> list[DeadLetter]:
        """Return every letter, oldest first. Raises Unavailable, or Rejected without the subscription."""
        with self._leased_messages() as leased:
            return sorted(
                (parse_dead_letter(one.message) for one in leased),
                key=lambda dead_letter: dead_letter.parked_at,
            )

    def find_dead_letter(self, message_id: str) -> DeadLetter:
        """Return one letter; raises KeyError with the known ids."""
        with self._leased_messages() as leased:
            return parse_dead_letter(_find_message(leased, message_id).message)

    def replay_dead_letter(self, message_id: str) -> DeadLetter:
        """Publish a dead letter's event again on its topic, then acknowledge the dead letter.

        Every subscriber of the topic receives it again; handlers are idempotent.
        Raises KeyError with the known ids, CannotReplay if it holds no event, Unavailable.
        """
        with self._leased_messages() as leased:
            taken = _find_message(leased, message_id)
            dead_letter = parse_dead_letter(taken.message)
            topic, data, attributes = _original_message(dead_letter)
            PubSubBus(self._project, client=self._publisher).send_message(topic, data, attributes)
            with self._translated_errors():
                self._client.acknowledge(
                    subscription=self._review, ack_ids=[taken.ack_id], retry=grpc_retry(_DEADLINE)
                )
        return dead_letter

    @contextmanager
    def _leased_messages(self) -> Iterator[Sequence[ReceivedMessage]]:
        leased: dict[str, ReceivedMessage] = {}
        try:
            while pulled := self._pull_batch():
                leased.update((one.message.message_id, one) for one in pulled)
            yield list(leased.values())
        finally:
            self._release_messages([one.ack_id for one in leased.values()])

    def _pull_batch(self) -> Sequence[ReceivedMessage]:
        with self._translated_errors():
            try:
                answer = self._client.pull(
                    subscription=self._review, max_messages=_PULL_SIZE, timeout=self._patience, retry=None
                )
            except DeadlineExceeded:
                return ()
        return answer.received_messages

    def _release_messages(self, ack_ids: Sequence[str]) -> None:
        for first in range(0, len(ack_ids), _PULL_SIZE):
            some = list(ack_ids[first : first + _PULL_SIZE])
            with self._translated_errors():
                self._client.modify_ack_deadline(
                    subscription=self._review,
                    ack_ids=some,
                    ack_deadline_seconds=0,
                    retry=grpc_retry(_DEADLINE),
                )

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        missing = "apply Terraform, or correct HANKSTANK_PROJECT"
        with translated_errors(GoogleRequest(self._review, missing, "grant roles/pubsub.subscriber on it")):
            yield

    @cached_property
    def _client(self) -> SubscriberClient:
        return self._given or create_subscriber()


def parse_dead_letter(message: PubsubMessage) -> DeadLetter:
    """Return the dead letter in a message of either kind."""
    attributes = dict(message.attributes)
    given_up_by = attributes.get(_GIVEN_UP_BY)
    body = message.data if given_up_by is None else _push_body(message, given_up_by)
    mark = envelope.parse_metadata(body)
    subscription = attributes.get(SUBSCRIPTION, "") if given_up_by is None else given_up_by
    return DeadLetter(
        parked_at=message.publish_time,
        replayed_at=None,
        id=message.message_id,
        subscription=subscription,
        topic=mark.topic,
        run_id=mark.run_id,
        lane=lane_of(subscription),
        attempt=mark.attempt,
        reason=attributes.get(REASON) or f"Pub/Sub gave up after {attributes.get(_TRIED, 'many')} deliveries",
        body=body,
    )


def _push_body(message: PubsubMessage, subscription: str) -> bytes:
    """Return the body of the last refused push."""
    own_attributes = {
        name: value for name, value in message.attributes.items() if not name.startswith(_PUBSUBS_OWN)
    }
    event = envelope.Message(message.data, own_attributes, message.message_id, message.publish_time)
    return envelope.push_body(event, subscription, int(message.attributes.get(_TRIED, "1")))


def _original_message(dead_letter: DeadLetter) -> tuple[str, bytes, dict[str, str]]:
    """Return the topic, data and attributes of a dead letter's event."""
    try:
        data, attributes = envelope.parse_published(dead_letter.body)
    except UnknownEvent as error:
        raise CannotReplay(f"dead letter {dead_letter.id} holds no event: {error}") from None
    topic = lane_topic(dead_letter.topic, dead_letter.lane) if dead_letter.topic in EVENTS else None
    if topic is None:
        reason = f"no subscriber of the topic {dead_letter.topic!r} in the {dead_letter.lane} lane"
        raise CannotReplay(f"dead letter {dead_letter.id} cannot be published again: {reason}")
    return topic, data, attributes


def _find_message(leased: Sequence[ReceivedMessage], message_id: str) -> ReceivedMessage:
    found = {one.message.message_id: one for one in leased}
    if message_id not in found:
        raise KeyError(f"expected a dead letter among {sorted(found)}, got {message_id}")
    return found[message_id]
