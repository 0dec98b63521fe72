"""An event bus on Pub/Sub: an event is published when Pub/Sub has given it an id."""

from collections.abc import Mapping
from functools import cached_property

from google.pubsub_v1 import PublisherClient, PubsubMessage

from shared.adapters.gcp.failures import GoogleRequest, grpc_retry, translated_errors
from shared.adapters.gcp.pubsub_clients import create_publisher
from shared.errors import Rejected, Unavailable
from shared.messaging import envelope
from shared.messaging.events import Event
from shared.messaging.topology import DEAD_LETTERS, Lane, lane_topic

REASON, SUBSCRIPTION = "reason", "subscription"  # attributes of a dead letter
_LONGEST_ATTRIBUTE = 1024  # bytes, as Pub/Sub has it
_MISSING = "apply Terraform, or correct HANKSTANK_PROJECT"
_FORBIDDEN = "grant roles/pubsub.publisher on it"


class PubSubBus:
    """The EventBus port on a project's topics; a lane is a set of topics of its own.

    Each call sends one message and waits for its id: no batch in memory is lost in a crash, and a step with
    many events is limited by Pub/Sub's pace. Messages are not ordered.
    """

    def __init__(
        self,
        project: str,
        lane: Lane = "live",
        client: PublisherClient | None = None,
        deadline: float = 30.0,
    ) -> None:
        """Make no connection yet; `deadline` in seconds bounds a call with all its retries."""
        self._project, self._lane, self._given, self._deadline = project, lane, client, deadline

    def publish(self, event: Event) -> None:
        """Publish durably; an event without a subscriber in this lane is dropped.

        Raises Unavailable, or Rejected where the topic is missing or may not be published to.
        """
        topic = lane_topic(event.topic, self._lane)
        if topic:
            self.send_message(topic, event.model_dump_json().encode(), envelope.event_attributes(event))

    def dead_letter(self, body: bytes, reason: str, subscription: str) -> None:
        """Put a delivery among the dead letters.

        Raises Unavailable, also if the topic is missing: the delivery must be retried then.
        """
        attributes = {REASON: _truncate_attribute(reason), SUBSCRIPTION: _truncate_attribute(subscription)}
        try:
            self.send_message(
                DEAD_LETTERS, body, {name: value for name, value in attributes.items() if value}
            )
        except Rejected as refused:
            raise Unavailable(str(refused)) from None

    def send_message(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """Publish one message to a topic by its full name, and return the id that Pub/Sub gave it."""
        path = f"projects/{self._project}/topics/{topic}"
        message = PubsubMessage(data=data, attributes=attributes)
        with translated_errors(GoogleRequest(path, _MISSING, _FORBIDDEN)):
            answer = self._client.publish(
                topic=path, messages=[message], retry=grpc_retry(self._deadline), timeout=self._deadline
            )
        return str(answer.message_ids[0])

    @cached_property
    def _client(self) -> PublisherClient:
        return self._given or create_publisher()


def _truncate_attribute(text: str) -> str:
    return text.encode(errors="replace")[:_LONGEST_ATTRIBUTE].decode(errors="ignore")
