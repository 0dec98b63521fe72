"""The loader: what was accepted stands, whole games at a time, however often and late it comes."""

import json
from dataclasses import replace

import pytest

from services.loader.batches import is_loaded
from services.loader.step import STATUS_OBJECT, step
from shared.errors import ObjectCorrupted, ObjectMissing, Rejected, StoreUnavailable, TableMismatch
from shared.messaging.delivery import handle_delivery
from shared.messaging.envelope import Message, event_attributes, push_body
from shared.messaging.events import Grade
from shared.storage.staging import Report, read_struct
from tests.unit.services.loader.batches import (
    FRIDAY,
    MONDAY,
    NOW,
    TUESDAY,
    Batch,
    game,
    line,
    plays,
    row,
    whole_game,
)


@pytest.fixture
def load(ports):
    """Load a batch and return the one event announced."""

    def load(batch: Batch):
        (event,) = step(batch.validated(ports.objects), ports, NOW)
        return event

    return load


@pytest.fixture
def requested(warehouse):
    return lambda sql: warehouse.query_rows(sql).rows()


def parked(ports) -> list[dict]:
    return [json.loads(ports.objects.read_bytes(name)) for name in ports.objects.list_names("parked/")]


PLAYS = "select game_pk, at_bat_index, game_date from mlb_historical_data.plate_appearances order by 1, 2"


def test_announces_rows_and_dates(load):
    event = load(whole_game(1))
    assert event.rows == {"games_historical": 1, "plate_appearances": 3, "player_stats_historical": 1}
    assert event.partitions["plate_appearances"] == (MONDAY,)


def test_carries_run_attempt_and_trigger_on(ports):
    given = replace(whole_game(1), run_id="run-7", attempt=2).validated(ports.objects)
    (event,) = step(given.model_copy(update={"trigger": "weekly"}), ports, NOW)
    assert (event.run_id, event.attempt, event.trigger) == ("run-7", 2, "weekly")
    assert (event.report, event.dates, event.occurred_at) == (given.report, given.dates, NOW)


def test_batch_is_loaded_once_its_games_are_stored_as_they_are_or_newer(load, ports):
    first, second = whole_game(1), whole_game(1, version=2)
    report = read_struct(ports.objects, first.validated(ports.objects).report, Report)
    newer = read_struct(ports.objects, second.validated(ports.objects).report, Report)
    assert not is_loaded(report, ports.objects, ports.warehouse)
    load(first)
    assert is_loaded(report, ports.objects, ports.warehouse)
    assert not is_loaded(newer, ports.objects, ports.warehouse)
    load(second)
    assert is_loaded(report, ports.objects, ports.warehouse)


def test_redelivery_announces_the_same(load):
    assert load(whole_game(1)) == load(whole_game(1))


def test_tables_without_partition_are_loaded(load, requested):
    batch = Batch({"people": [row("people", person_id=7, full_name="Ohtani")], "games_historical": [game(1)]})
    assert load(batch).partitions == {"games_historical": (MONDAY,)}
    assert requested("select full_name from mlb_historical_data.people") == [("Ohtani",)]


def test_correction_removes_a_play(load, requested):
    load(whole_game(1, plays_made=3))
    load(whole_game(1, plays_made=2, version=2))
    assert requested(PLAYS) == [(1, 0, MONDAY), (1, 1, MONDAY)]


def test_postponed_game_moves_and_both_dates_are_announced(load, requested):
    load(whole_game(1, on=MONDAY))
    event = load(whole_game(1, on=FRIDAY, version=2, plays_made=1, original_date=MONDAY))
    assert requested(PLAYS) == [(1, 0, FRIDAY)]
    assert event.partitions["plate_appearances"] == (MONDAY, FRIDAY)


def test_redelivered_move_announces_both_dates_again(load):
    load(whole_game(1, on=MONDAY))
    moved = whole_game(1, on=FRIDAY, version=2, original_date=MONDAY)
    assert load(moved) == load(moved)


def test_older_game_is_left_out_of_every_table(load, requested, ports):
    load(replace(whole_game(1, version=2), tables={"games_historical": [game(1, version=2)]}))
    event = load(whole_game(1, version=1))
    assert event.rows == {"games_historical": 0, "plate_appearances": 0, "player_stats_historical": 0}
    assert requested(PLAYS) == []
    assert json.loads(ports.objects.read_bytes(STATUS_OBJECT))["games_outdated"] == [1]


def test_newer_game_beside_an_older_one_is_loaded(load, requested):
    load(whole_game(1, version=2))
    both = {
        "games_historical": [game(1, version=1), game(2, version=1)],
        "plate_appearances": [*plays(1, 5), *plays(2, 1)],
    }
    load(Batch(both))
    assert requested(PLAYS) == [(1, 0, MONDAY), (1, 1, MONDAY), (1, 2, MONDAY), (2, 0, MONDAY)]


def test_game_without_rows_in_a_table_is_emptied_there(load, requested):
    load(whole_game(1))
    load(Batch({"games_historical": [game(1, version=2)], "plate_appearances": []}))
    assert requested(PLAYS) == []


def test_table_that_a_batch_does_not_state_is_kept(load, requested):
    load(whole_game(1))
    load(Batch({"games_historical": [game(1, version=2)]}))
    assert len(requested(PLAYS)) == 3


def test_pitches_alone_replace_the_pitches_of_their_games(load, requested):
    def pitches(version, count):
        rows = [row("statcast_pitches", version, game_pk=1, pitch_number=number) for number in range(count)]
        return Batch({"statcast_pitches": rows}, games=())

    load(whole_game(1))
    load(pitches(1, 3))
    load(pitches(2, 2))
    assert requested("select count(*) from mlb_historical_data.statcast_pitches") == [(2,)]
    assert len(requested(PLAYS)) == 3


def test_crash_before_the_games_table_is_repaired_by_redelivery(load, requested, ports, monkeypatch):
    load(whole_game(1, on=MONDAY))
    merge = ports.warehouse.merge_rows

    def crash_on_games(definition, *rest):
        if definition.name == "games_historical":
            raise StoreUnavailable("power cut")
        return merge(definition, *rest)

    moved = whole_game(1, on=TUESDAY, version=2, plays_made=2)
    with monkeypatch.context() as broken:
        broken.setattr(ports.warehouse, "merge_rows", crash_on_games)
        with pytest.raises(StoreUnavailable):
            load(moved)
    load(whole_game(1, on=FRIDAY, version=3, plays_made=1))
    load(moved)
    assert requested(PLAYS) == [(1, 0, FRIDAY)]


def test_unknown_columns_do_not_break_a_load(load, requested):
    load(Batch({"games_historical": [game(1, broadcast="TBS")]}))
    assert requested("select extra from mlb_historical_data.games_historical") == [('{"broadcast":"TBS"}',)]


def test_status_says_what_was_loaded(load, ports):
    load(whole_game(1))
    status = json.loads(ports.objects.read_bytes(STATUS_OBJECT))
    assert status["rows"]["plate_appearances"] == 3
    assert status["forecasts"] == {"loaded": 0, "bad_lines": 0, "graded": 0}


def test_corrupted_staging_object_is_named_and_parked(ports, requested):
    event = whole_game(1).validated(ports.objects)
    spoiled = event.accepted[-1]
    ports.objects.corrupt(spoiled)
    with pytest.raises(ObjectCorrupted, match=spoiled):
        step(event, ports, NOW)
    assert spoiled in parked(ports)[0]["reason"]
    assert requested("select 1 from mlb_historical_data.games_historical") == []


def test_missing_staging_object_is_rejected(ports):
    event = whole_game(1).validated(ports.objects)
    ports.objects.delete(event.accepted[0])
    with pytest.raises(ObjectMissing, match=event.accepted[0]):
        step(event, ports, NOW)


def test_missing_report_is_rejected(ports):
    event = whole_game(1).validated(ports.objects)
    ports.objects.delete(event.report)
    with pytest.raises(ObjectMissing, match=event.report):
        step(event, ports, NOW)


def test_misfit_is_parked_once_and_nothing_is_merged(load, ports, requested):
    misfit = whole_game(1)
    misfit.tables["player_stats_historical"] = [line(1, 100, hits="two")]
    for _ in range(2):
        with pytest.raises(TableMismatch, match=r"player_stats_historical\.hits: expected nullable INTEGER"):
            load(misfit)
    assert [letter["reason"][:14] for letter in parked(ports)] == ["TableMismatch:"]
    assert requested(PLAYS) == []


def test_parked_load_names_report_and_objects(load, ports):
    misfit = Batch({"games_historical": [game(1, innings=8.5)]})
    with pytest.raises(TableMismatch):
        load(misfit)
    (letter,) = parked(ports)
    assert read_struct(ports.objects, letter["report"], Report).games == (1,)
    assert ports.objects.exists(letter["accepted"][0]["object"])


def test_unknown_table_is_refused(load, ports):
    event = whole_game(1).validated(ports.objects)
    report = read_struct(ports.objects, event.report, Report)
    renamed = [
        {"table": "nonsense", "object": d.object, "sha256": d.sha256, "rows": d.rows} for d in report.accepted
    ]
    ports.objects.overwrite(
        event.report,
        json.dumps(json.loads(ports.objects.read_bytes(event.report)) | {"accepted": renamed}).encode(),
    )
    with pytest.raises(TableMismatch, match="nonsense: expected a table among"):
        step(event, ports, NOW)


def test_grade_f_is_refused(load):
    with pytest.raises(Rejected, match="got grade F"):
        load(replace(whole_game(1), grade=Grade.F))


def test_batch_without_datasets_is_refused(load):
    with pytest.raises(Rejected, match="with 0 datasets"):
        load(Batch({}))


def test_row_count_that_differs_is_refused(ports):
    event = whole_game(1).validated(ports.objects)
    body = json.loads(ports.objects.read_bytes(event.report))
    body["accepted"][0]["rows"] += 1
    ports.objects.overwrite(event.report, json.dumps(body).encode())
    with pytest.raises(ObjectCorrupted, match="expected 2 rows, got 1"):
        step(event, ports, NOW)


def test_schema_error_is_parked_told_and_no_bug(ports):
    misfit = Batch({"games_historical": [game(1, innings=8.5)]}).validated(ports.objects)
    message = Message(misfit.model_dump_json().encode(), event_attributes(misfit), "1", NOW)
    answer = handle_delivery(push_body(message, "data.validated--loader", 1), step, ports, lambda: NOW)
    assert (answer.outcome, len(parked(ports))) == ("dead_letter", 1)
    assert [title for _, title, _ in ports.notifier.alerts] == ["delivery became a dead letter"]
