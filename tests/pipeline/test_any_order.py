"""Events delivered twice, shuffled and late leave the tables and states that they leave in order and once."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from hankstank.local.machine import STEPS
from services.features.publish import last_status
from shared.messaging import envelope
from shared.messaging.delivery import handle_delivery
from shared.messaging.events import DataCollected, DataLoaded, DataValidated, Event
from shared.messaging.topology import subscribers_of
from shared.ports import Ports
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from shared.sports.mlb.states import LAYOUTS
from shared.storage import snapshot
from tests import fakes
from tests.pipeline.machine import Machine, assert_equal_tables, machine, outside
from tests.pipeline.worlds import day, postpone_game, remove_strikeout, small_world

DAYS = 3
HEARD = (DataCollected, DataValidated, DataLoaded)
RESTING = ("raw", "staging", "reports")  # what the rooms read; what they leave is to be left anew
DATASETS = ("mlb_historical_data", "mlb_features")


@pytest.fixture(scope="module")
def in_order(tmp_path_factory):
    """A machine that lived three days: of the second's games one moved to the third, one lost a play on it."""
    folder, world = tmp_path_factory.mktemp("in-order"), small_world(DAYS + 1, 2)
    moved = world.with_game("moved", postpone_game(world.games_on_date(day(2))[0], days=1))
    corrected = moved.with_game("moved and corrected", remove_strikeout(world.games_on_date(day(2))[1]))
    with outside(folder / "outside", moved, corrected) as around, machine(folder / "home", around) as held:
        for number in range(1, DAYS + 1):
            around.bodies.edition = int(number == DAYS)
            held.live(number, lane="backfill")
        yield held


def result(world) -> list[Event]:
    runs = (f"daily-{number}" for number in range(1, DAYS + 1))
    return [event for run in runs for event in world.rooms.list_events(run) if isinstance(event, HEARD)]


def elsewhere(home: Path, world: Machine) -> Ports:
    """Return a new world that holds what was collected, and nothing that came of it."""
    for name in RESTING:
        shutil.copytree(world.rooms.settings.home / "objects" / name, home / "objects" / name)
    return create_ports(Settings(home=home, **world.around.urls()), world.around.clock)


def deliver(event: Event, world: Ports, clock: Callable) -> list[Event]:
    """Deliver an event to its room and return what the room announced."""
    bus = fakes.RecordingBus()
    (service,) = subscribers_of(event.topic)
    message = envelope.Message(
        event.model_dump_json().encode(), envelope.event_attributes(event), "1", clock()
    )
    heard = Ports(world.objects, world.warehouse, bus, world.notifier, world.settings)
    assert (
        handle_delivery(envelope.push_body(message, service, 1), STEPS[service], heard, clock).text == "done"
    )
    return [fact for fact in bus.published if isinstance(fact, HEARD)]


def assert_equal_worlds(ours: Ports, theirs: Ports) -> None:
    assert_equal_tables(ours.warehouse, theirs.warehouse, *DATASETS)
    expected = states(theirs)
    assert [name for name, rows in states(ours).items() if not rows.equals(expected[name])] == []
    ours.warehouse.close()


def states(world: Ports) -> dict:
    published = last_status(world.objects).published  # not released: days of a backfill
    tables = snapshot.load_snapshot(published.snapshot, world.objects).tables
    return {layout.table: tables[layout.table].sort(layout.key) for layout in LAYOUTS}


def test_order_and_repetition_do_not_matter(in_order, tmp_path_factory):
    dice, events = Random(5), result(in_order)  # notices of a day come when its games have long been loaded
    again = dice.choices(events, k=3)
    waiting = [event for event in events if isinstance(event, DataCollected)] + again
    world = elsewhere(tmp_path_factory.mktemp("any-order"), in_order)
    while waiting:
        waiting += deliver(waiting.pop(dice.randrange(len(waiting))), world, in_order.around.clock)
    assert_equal_worlds(world, in_order.rooms.ports)


def test_news_before_any_row_does_no_harm(in_order, tmp_path):
    waiting = [event for event in result(in_order) if isinstance(event, DataLoaded)][-1:]
    waiting += [event for event in result(in_order) if isinstance(event, DataCollected)]
    world = elsewhere(tmp_path, in_order)
    while waiting:
        waiting += deliver(waiting.pop(0), world, in_order.around.clock)
    assert_equal_worlds(world, in_order.rooms.ports)


def test_moved_game_stands_once_on_its_new_day(in_order):
    moved = small_world(DAYS + 1, 2).games_on_date(day(2))[0].game_pk
    games = in_order.rows("games_historical").filter(game_pk=moved)
    assert games.select("game_date", "original_date", "status").rows() == [(day(3), day(2), "Final")]


def test_correction_took_the_play_away(in_order):
    before = small_world(DAYS + 1, 2).games_on_date(day(2))[1]
    plays = in_order.rows("plate_appearances").filter(game_pk=before.game_pk)
    assert plays.height == sum(play.event_type != "runner" for play in before.plays) - 1
