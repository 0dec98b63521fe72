"""The events between services: small, frozen, in the past tense.

Unknown fields are ignored so that a producer may deploy before its consumers; an unknown
`schema_version` is refused, because its meaning may have changed.
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Sport = Literal["mlb"]

SCHEMA_VERSION: Literal[1] = 1
MAX_RECOLLECTIONS = 3  # of one batch: after them it is rejected, with an alert


class RetryReason(StrEnum):
    """Why a date is collected again; re-collection does only that."""

    STATCAST = "statcast"
    MISSING_PLAYERS = "missing_players"
    SCHEMA_MISMATCH = "schema_mismatch"
    UNAVAILABLE = "unavailable"


class Grade(StrEnum):
    """How good a batch is: A and B go on, C goes on with an alert, F is collected again."""

    A = "A"
    B = "B"
    C = "C"
    F = "F"


Trigger = Literal["daily", "weekly", "monthly", "manual", "lineups", "weather", "repair"]
# Between two nights: starters, line-ups and weather of games that have not begun. Nothing is trained.
REFRESH_TRIGGERS: frozenset[Trigger] = frozenset({"lineups", "weather"})
# What was lost is made again: features, the snapshot, its release, stored forecasts. Of models only those are
# trained that cannot be read.
REPAIR: Trigger = "repair"

# What closes a day: scores of its forecasts, what is missing made again, the morning report.
Task = Literal["grade", "check", "report"]


class Event(BaseModel):
    """Fields of every event. `run_id` is created at the tick; `attempt` counts re-collections from 0."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
    topic: ClassVar[str]

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str = Field(min_length=1, max_length=100)
    attempt: int = Field(default=0, ge=0)
    occurred_at: AwareDatetime
    sport: Sport = "mlb"

    @property
    def input_object(self) -> str:
        """Return the name of the object that the event is about, if any."""
        return ""

    @property
    def event_id(self) -> str:
        """Return an id that is equal when the same event is published twice."""
        parts = (self.topic, self.sport, self.run_id, str(self.attempt), self.input_object)
        return str(uuid5(NAMESPACE_URL, "/".join(parts)))


class Ticked(Event):
    """A request to collect a range of dates; without one, the days due at `occurred_at`."""

    topic = "data-collection-trigger"
    first: date | None = None
    last: date | None = None
    trigger: Trigger = "daily"


class DailyTask(Event):
    """A request to close a day: to score its forecasts, to check what exists, or to report."""

    topic = "daily-task-trigger"
    task: Task

    @property
    def input_object(self) -> str:
        """Name the task."""
        return self.task


class DataCollected(Event):
    """The collector wrote a batch; `manifest` names the object that lists it."""

    topic = "data.collected"
    dates: tuple[date, ...]
    season_phase: str
    manifest: str
    counts: dict[str, int]
    players_seen: int = 0
    trigger: Trigger = "daily"

    @property
    def input_object(self) -> str:
        """Name the manifest."""
        return self.manifest


class DataValidated(Event):
    """The validator graded a batch; `report` lists what it accepted."""

    topic = "data.validated"
    dates: tuple[date, ...]
    report: str
    grade: Grade
    accepted: tuple[str, ...]
    trigger: Trigger = "daily"

    @property
    def input_object(self) -> str:
        """Name the report."""
        return self.report


class DataRetry(Event):
    """The validator requests that a batch is collected again; `attempt` is the requested round, 1 to 3."""

    topic = "data.retry"
    dates: tuple[date, ...]
    games: tuple[int, ...] = ()
    reason: RetryReason
    manifest: str
    trigger: Trigger = "daily"

    @property
    def input_object(self) -> str:
        """Name the batch that is collected again, and why."""
        return f"{self.manifest}#{self.reason}"


class DataLoaded(Event):
    """The loader merged a batch and counted the stored rows of its keys.

    `rebuild_from`: features of this day and later are lost and computed again, whatever their inputs.
    """

    topic = "data.loaded"
    dates: tuple[date, ...]
    report: str
    rows: dict[str, int]
    partitions: dict[str, tuple[date, ...]]
    trigger: Trigger = "daily"
    rebuild_from: date | None = None

    @property
    def input_object(self) -> str:
        """Name the report that was loaded."""
        return self.report


class FeaturesCreated(Event):
    """States and rows were recomputed for `dates`; `snapshot` names what the API may serve."""

    topic = "features.created"
    dates: tuple[date, ...]
    snapshot: str
    as_of: date
    rows_sampled: int
    mismatches: int
    trigger: Trigger = "daily"

    @property
    def input_object(self) -> str:
        """Name the snapshot."""
        return self.snapshot


class ModelDeployment(BaseModel):
    """One target's new production model and the version it replaced (None: the first)."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
    target: str
    version: str
    object: str
    metrics: dict[str, float]
    replaced: str | None = None


class ModelDeployed(Event):
    """A release with at least one new model is current."""

    topic = "model.deployed"
    release: str
    models: tuple[ModelDeployment, ...]

    @property
    def input_object(self) -> str:
        """Name the release."""
        return self.release


EVENTS: dict[str, type[Event]] = {
    kind.topic: kind
    for kind in (
        *(Ticked, DailyTask, DataCollected, DataValidated, DataRetry),
        *(DataLoaded, FeaturesCreated, ModelDeployed),
    )
}
# What a scheduler publishes: its constant body names no run and no time.
SCHEDULED_TOPICS = frozenset({Ticked.topic, DailyTask.topic})
