"""How a backfill follows its chunks on a project, on stores in memory and a clock that sleeping moves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from hankstank.ops.project_lane import ChunkFailed, NoProgress, Patience, ProjectLane
from services.collector import backfill_ledger, steering
from services.collector.backfill_ledger import Chunk, ChunkCollection
from services.collector.steering import CollectionStopped, Control, Steering
from shared.errors import UserError
from shared.messaging.dead_letters import DeadLetter
from shared.storage.staging import Report, stage_frame, write_struct
from tests.fakes import InMemoryObjectStore, RecordingBus, ports

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIRST, LAST = date(2026, 4, 1), date(2026, 4, 10)
GAMES = (11, 12)
MINUTE = 60.0


def chunk(job: int = 1, first: date = FIRST) -> Chunk:
    last = first + (LAST - FIRST)
    return Chunk(f"backfill-{job:04d}-{first}-{last}", "mlb", first, last)


@dataclass
class LoadedGames:
    """A warehouse with games by their time of collection, and days whose features are not built."""

    games: dict[int, datetime] = field(default_factory=dict)
    unbuilt: list[date] = field(default_factory=list)

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        if "league_states" in sql:
            days = {"day": self.unbuilt, "collected_at": [NOW] * len(self.unbuilt)}
            at = pl.Datetime("us", "UTC")
            schema = {"day": pl.Date, "collected_at": at, "built_at": at}
            return pl.DataFrame(days | {"built_at": [None] * len(self.unbuilt)}, schema=schema)
        found = {game: at for game, at in self.games.items() if game in parameters["games"]}
        columns = {"game_pk": list(found), "collected_at": list(found.values())}
        return pl.DataFrame(columns, schema={"game_pk": pl.Int64, "collected_at": pl.Datetime("us", "UTC")})


@dataclass
class Project:
    """A project whose services do the `work` of each wait, one after the other, while the lane sleeps."""

    objects: InMemoryObjectStore = field(default_factory=InMemoryObjectStore)
    warehouse: LoadedGames = field(default_factory=LoadedGames)
    bus: RecordingBus = field(default_factory=RecordingBus)
    letters: list[DeadLetter] = field(default_factory=list)
    work: list[Callable[[], object]] = field(default_factory=list)
    seconds: float = 0.0
    looks: int = 0  # at the dead letters

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.work:
            self.work.pop(0)()

    def list_dead_letters(self) -> list[DeadLetter]:
        self.looks += 1
        return self.letters

    def lane(self, job: int = 1) -> ProjectLane:
        control = Control(f"backfill-{job:04d}")
        steering.save_control(self.objects, "mlb", control)
        steer = Steering(self.objects, "mlb", control, clock=lambda: self.seconds, sleep=self.sleep)
        lane = ProjectLane(
            ports(self.warehouse, self.objects, self.bus),  # type: ignore[arg-type]
            steer,
            "mlb",
            now=lambda: NOW,
            list_dead_letters=self.list_dead_letters,
            patience=Patience(clock=lambda: self.seconds, sleep=self.sleep),
        )
        self.steer = steer
        return lane

    def begin(self, begun: Chunk) -> Chunk:
        backfill_ledger.begin_chunk(self.objects, begun)
        return begun

    def collect(self, of: Chunk, *, is_staged: bool = True) -> None:
        done = ChunkCollection(of.run_id, NOW, is_staged, GAMES, (13,), 1, 500, 40)
        backfill_ledger.record_collection(self.objects, of, done)

    def validate(self, of: Chunk, grade: str = "A", attempt: int = 0) -> None:
        rows = {"game_pk": GAMES, "collected_at": [NOW + timedelta(minutes=attempt)] * 2}
        prefix = f"{of.run_id}/{attempt}"
        games = stage_frame(self.objects, f"staging/{prefix}", "games_historical", pl.DataFrame(rows))
        accepted, complete = ((games,), GAMES) if grade != "F" else ((), ())
        report = Report(
            of.run_id, attempt, "manifest", (FIRST,), "regular", grade, {}, (), accepted, (), complete
        )
        write_struct(self.objects, f"reports/{prefix}", "report", report)

    def load(self, attempt: int = 0) -> None:
        self.warehouse.games |= dict.fromkeys(GAMES, NOW + timedelta(minutes=attempt))

    def order(self, order: steering.Order) -> None:
        steering.save_control(self.objects, "mlb", Control(self.steer.control.job, order=order))


def letter(of: Chunk, topic: str = "data.validated") -> DeadLetter:
    subscription = f"backfill.{topic}--loader"
    return DeadLetter(NOW, None, 7, subscription, topic, of.run_id, "backfill", 1, "TableMismatch: no", b"")


@pytest.fixture
def project() -> Project:
    return Project()


def test_chunk_is_published_once_and_followed_to_the_load(project: Project):
    lane, under_way = project.lane(), project.begin(chunk())
    project.work = [
        lambda: project.collect(under_way),
        lambda: project.validate(under_way),
        project.load,
    ]
    lane.collect_chunk(under_way)
    assert [(one.topic, one.run_id) for one in project.bus.published] == [
        ("data-collection-trigger", under_way.run_id)
    ]
    steer = project.steer
    assert (steer.fetched, steer.failed, steer.from_archive, steer.feed_bytes) == ({11, 12}, {13}, 1, 500)
    assert (steer.limiter.requests, project.looks, project.seconds) == (40, 0, 15.0)


def test_published_chunk_of_an_ended_command_is_followed_and_not_published_again(project: Project):
    under_way = project.begin(chunk())
    backfill_ledger.record_publication(project.objects, under_way, NOW)
    project.work = [lambda: (project.collect(under_way), project.validate(under_way), project.load())]
    project.lane(2).collect_chunk(under_way)
    assert project.bus.published == []


def test_chunk_without_anything_new_is_over(project: Project):
    under_way = project.begin(chunk())
    project.work = [lambda: project.collect(under_way, is_staged=False)]
    project.lane().collect_chunk(under_way)
    assert project.seconds == 5.0


def test_batch_graded_f_is_followed_to_its_collection_again(project: Project):
    lane, under_way = project.lane(), project.begin(chunk())
    project.work = [
        lambda: project.collect(under_way),
        lambda: project.validate(under_way, "F"),
        lambda: project.validate(under_way, "B", attempt=1),
        project.load,  # an older version of the games: not this batch
        lambda: project.load(attempt=1),
    ]
    lane.collect_chunk(under_way)
    assert project.seconds == 25.0


def test_dead_letter_ends_the_wait_with_what_to_do(project: Project):
    lane, under_way = project.lane(), project.begin(chunk())
    project.work = [lambda: project.collect(under_way), lambda: project.validate(under_way)]
    project.letters = [letter(chunk(9)), letter(under_way)]
    message = (
        r"backfill-0001-2026-04-01-2026-04-10 \(2026-04-01 to 2026-04-10\): expected it to be loaded, got a "
        r"dead letter of backfill.data.validated--loader: TableMismatch: no.* replay 7"
    )
    with pytest.raises(ChunkFailed, match=message):
        lane.collect_chunk(under_way)
    assert project.seconds == 10 + MINUTE  # since its last progress


def test_replayed_dead_letter_is_followed_by_the_next_command(project: Project):
    under_way = project.begin(chunk())
    project.collect(under_way)
    project.validate(under_way)
    project.letters = [letter(under_way)]
    with pytest.raises(ChunkFailed):
        project.lane().collect_chunk(under_way)
    project.letters, project.work = [], [project.load]
    project.lane(2).collect_chunk(under_way)
    assert len(project.bus.published) == 1


def test_games_that_cannot_be_collected_again_do_not_end_the_wait(project: Project):
    under_way = project.begin(chunk())
    project.collect(under_way)
    project.validate(under_way)
    project.letters = [letter(under_way, "data.retry")]
    project.work = [*[lambda: None] * 20, project.load]
    project.lane().collect_chunk(under_way)
    assert project.looks == 1


def test_no_progress_ends_the_wait_with_what_was_reached(project: Project):
    lane, under_way = project.lane(), project.begin(chunk())
    project.work = [*[lambda: None] * 24, lambda: project.collect(under_way)]
    message = (
        "expected it to be loaded, got no progress for 30 minutes: 2 games are collected.*hankstank status"
    )
    with pytest.raises(NoProgress, match=message):
        lane.collect_chunk(under_way)
    assert project.seconds == 32 * MINUTE + 5
    assert project.looks == 30 + 2


def test_next_tick_waits_for_the_features_of_the_chunk_before(project: Project):
    first, second = chunk(), chunk(first=LAST + timedelta(days=1))
    lane = project.lane()
    project.work = [lambda: (project.collect(first), project.validate(first), project.load())]
    lane.collect_chunk(project.begin(first))
    project.warehouse.unbuilt = [FIRST, LAST]
    seen = list[int]()
    project.work = [
        lambda: seen.append(len(project.bus.published)),
        project.warehouse.unbuilt.clear,
        lambda: project.collect(second, is_staged=False),
    ]
    lane.collect_chunk(project.begin(second))
    assert (seen, len(project.bus.published)) == ([1], 2)


def test_features_are_those_of_the_chunk_that_began_last_also_for_the_next_command(project: Project):
    project.begin(chunk())
    project.warehouse.unbuilt = [FIRST, LAST]
    message = "expected it to be built, got no progress for 75 minutes: 2 days from 2026-04-01 to 2026-04-10"
    with pytest.raises(NoProgress, match=message):
        project.lane(2).build_features()
    project.work = [project.warehouse.unbuilt.clear]
    project.lane(2).build_features()


def test_project_without_a_chunk_has_no_features_to_wait_for(project: Project):
    project.lane().build_features()
    assert project.seconds == 0.0


def test_pause_holds_back_the_next_tick(project: Project):
    lane, under_way = project.lane(), project.begin(chunk())
    project.order("pause")
    seen = list[int]()
    project.work = [
        lambda: seen.append(len(project.bus.published)),
        lambda: project.order("run"),
        lambda: project.collect(under_way, is_staged=False),
    ]
    lane.collect_chunk(under_way)
    assert (seen, len(project.bus.published)) == ([0], 1)


def test_stop_ends_the_wait_and_leaves_the_chunk_to_the_next_command(project: Project):
    lane, under_way = project.lane(), project.begin(chunk())
    project.work = [lambda: project.order("stop")]
    with pytest.raises(CollectionStopped):
        lane.collect_chunk(under_way)
    assert backfill_ledger.unfinished_chunks(project.objects, "mlb") == [under_way]
    project.work = [lambda: project.collect(under_way, is_staged=False)]
    project.lane(2).collect_chunk(under_way)
    assert len(project.bus.published) == 1


def test_an_earlier_command_publishes_nothing_once_a_later_one_began(project: Project):
    earlier = project.lane()
    project.lane(2)
    with pytest.raises(UserError, match="got backfill-0002, which was started since"):
        earlier.collect_chunk(project.begin(chunk()))
    assert project.bus.published == []
