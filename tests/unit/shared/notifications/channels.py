"""Channels for tests: one that keeps what it gets, refuses, or hangs."""

from dataclasses import dataclass, field
from threading import Event

from shared.notifications.outbox import Message, TargetSender
from shared.notifications.targets import Target, parse_targets

SECRET = "TAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc"


@dataclass
class RecordingChannel:
    """Keeps every message; with a reason it refuses, with an error it breaks, and it waits for `released`."""

    target: Target
    reason: str | None = None
    error: Exception | None = None
    received: list[Message] = field(default_factory=list)
    begun: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.released.set()

    def deliver(self, message: Message) -> str | None:
        self.begun.set()
        self.released.wait()
        if self.error:
            raise self.error
        if self.reason is None:
            self.received.append(message)
        return self.reason

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.received]

    def hang(self) -> None:
        self.released.clear()

    def sender(self, answer_within_s: float = 30) -> TargetSender:
        return TargetSender(self, answer_within_s)


def channels(number: int) -> list[RecordingChannel]:
    targets = parse_targets(" ".join([f"slack://{SECRET}"] * number))
    return [RecordingChannel(target) for target in targets]
