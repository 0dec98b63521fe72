"""The validator's story from event to events, with its stores and alerts."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import polars as pl
import pytest

from services.collector.step import step as collect
from services.validator.status import load_last_status
from services.validator.step import step
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import ObjectCorrupted, ObjectMissing, Rejected
from shared.messaging.delivery import handle_delivery
from shared.messaging.events import DataCollected, DataRetry, DataValidated, Grade, RetryReason
from shared.storage.batch_log import load_batches
from shared.storage.staging import Failure, Report, read_staged, read_struct, stage_frame, write_struct
from tests import fakes
from tests.unit.services.validator.batches import DAY, NO_HISTORY, change, frames, manifest

NOW = datetime(2026, 4, 2, 7, tzinfo=UTC)


class History:
    """A warehouse that only answers what was recent, and remembers which days it was asked for."""

    def __init__(self):
        self.asked = []

    def query_rows(self, _sql, **parameters):
        self.asked.append(parameters)
        return NO_HISTORY


@pytest.fixture
def ports():
    return fakes.ports(History())


def collected(ports, staged, *games, attempt=0, **changed):
    """Stage frames and a manifest as the collector does and return its event."""
    place = f"staging/run-1/{attempt}"
    datasets = tuple(stage_frame(ports.objects, place, name, rows) for name, rows in staged.items())
    listed = manifest(*games, attempt=attempt, **({"datasets": datasets} | changed))
    return DataCollected(
        run_id="run-1",
        attempt=attempt,
        occurred_at=NOW,
        dates=(DAY,),
        season_phase=listed.season_phase,
        manifest=write_struct(ports.objects, place, "manifest", listed),
        counts={dataset.table: dataset.rows for dataset in datasets},
        trigger="weekly",
    )


def report(ports, event):
    return read_struct(ports.objects, event.report, Report)


def bad_pitch():
    return change(frames(1), "statcast_pitches", "release_speed", 12.0, pl.col("at_bat_index") == 0)


def without_pitches():
    staged = frames(1)
    del staged["statcast_pitches"]
    return staged


def titles(ports):
    return [(severity, title) for severity, title, _ in ports.notifier.alerts]


def test_clean_batch_goes_on(ports):
    event = collected(ports, frames(1), 1)
    (fact,) = step(event, ports, NOW)
    assert isinstance(fact, DataValidated)
    assert (fact.grade, fact.dates, fact.trigger, fact.attempt) == (Grade.A, (DAY,), "weekly", 0)
    assert titles(ports) == []


def test_clean_rows_are_accepted_where_they_lie(ports):
    event = collected(ports, frames(1), 1)
    (fact,) = step(event, ports, NOW)
    assert set(fact.accepted) == {
        name for name in ports.objects.list_names("staging/") if name.endswith(".parquet")
    }
    assert report(ports, fact).games == (1,)


def test_bad_rows_are_set_aside_with_their_reason(ports):
    (fact,) = step(collected(ports, bad_pitch(), 1), ports, NOW)
    (aside,) = report(ports, fact).quarantined
    rows = read_staged(ports.objects, aside)
    assert aside.object.startswith("quarantine/run-1/0/statcast_pitches-")
    assert rows["reason"].unique().to_list() == ["release_speed: expected 30 to 110, got 12.0"]


def test_good_rows_of_the_same_table_go_on(ports):
    (fact,) = step(collected(ports, bad_pitch(), 1), ports, NOW)
    (kept,) = [dataset for dataset in report(ports, fact).accepted if dataset.table == "statcast_pitches"]
    assert read_staged(ports.objects, kept).height == kept.rows == 204


def test_same_event_gives_the_same_facts_and_objects(ports):
    event = collected(ports, bad_pitch(), 1)
    first = step(event, ports, NOW)
    names = ports.objects.list_names("")
    assert [fact.event_id for fact in step(event, ports, NOW)] == [fact.event_id for fact in first]
    assert ports.objects.list_names("") == names


def test_people_can_read_the_report(ports):
    (fact,) = step(collected(ports, bad_pitch(), 1), ports, NOW)
    page = ports.objects.read_bytes(fact.report.removesuffix(".json") + ".md").decode()
    assert page.startswith("# 2026-04-01: grade A\n")
    assert "| statcast_pitches | 204 | 12 |" in page
    assert "- **error** range statcast_pitches: release_speed: expected 30 to 110, got 12.0" in page


def test_clean_report_has_no_findings(ports):
    (fact,) = step(collected(ports, frames(1), 1), ports, NOW)
    assert ports.objects.read_bytes(fact.report.removesuffix(".json") + ".md").decode().endswith("None.\n")


def test_status_says_what_was_found(ports):
    step(collected(ports, bad_pitch(), 1), ports, NOW)
    status = load_last_status(ports.objects)
    assert (status.grade, status.games, status.quarantined) == ("A", 1, {"statcast_pitches": 12})


def test_status_is_stored_under_the_names_that_other_services_read(ports):
    step(collected(ports, bad_pitch(), 1), ports, NOW)
    stored = msgspec.json.decode(ports.objects.read_bytes("status/validator.json"))
    assert list(stored) == [
        "at", "run_id", "attempt", "dates", "grade", "scores",
        "games", "accepted", "quarantined", "errors", "warnings", "report",
    ]  # fmt: skip
    assert (stored["dates"], stored["errors"]) == (["2026-04-01"], 1)


def test_every_batch_is_logged_with_its_counts(ports):
    step(collected(ports, bad_pitch(), 1), ports, NOW)
    (record,) = load_batches(ports.objects, NOW - timedelta(days=1), NOW)
    assert (record.grade, record.games, record.quarantined, record.trigger) == ("A", (1,), 12, "weekly")
    assert (record.requests, record.failures, record.dates) == (0, 0, (DAY,))
    assert record.rows == sum(len(rows) for rows in bad_pitch().values()) - 12


def test_failed_batch_stops_alerts_and_is_asked_again(ports):
    (fact,) = step(collected(ports, without_pitches(), 1), ports, NOW)
    assert isinstance(fact, DataRetry)
    assert (fact.reason, fact.attempt, fact.dates, fact.trigger) == (
        RetryReason.STATCAST,
        1,
        (DAY,),
        "weekly",
    )
    assert titles(ports) == [("critical", "batch graded F: not loaded")]


def test_failed_batch_accepts_nothing(ports):
    step(collected(ports, without_pitches(), 1), ports, NOW)
    (name,) = [name for name in ports.objects.list_names("reports/") if name.endswith(".json")]
    result = read_struct(ports.objects, name, Report)
    assert (result.grade, result.accepted, result.games) == ("F", (), ())


def test_second_failure_asks_for_the_second_round(ports):
    (fact,) = step(collected(ports, without_pitches(), 1, attempt=1), ports, NOW)
    assert fact.attempt == 2


def test_failure_in_the_third_round_is_rejected(ports):
    with pytest.raises(Rejected, match=r"after 3 re-collections .*game 1: expected 200 pitches"):
        step(collected(ports, without_pitches(), 1, attempt=3), ports, NOW)
    assert titles(ports) == [("critical", "batch graded F: not loaded")]


def test_good_games_go_on_while_a_failed_one_is_asked_again(ports):
    failure = Failure("mlb_stats_api", "/api/v1.1/game/2/feed/live", "timed out", 2)
    validated, retry = step(collected(ports, frames(1), 1, failures=(failure,)), ports, NOW)
    assert report(ports, validated).games == (1,)
    assert (retry.reason, retry.games, retry.attempt) == (RetryReason.UNAVAILABLE, (2,), 1)


def test_fourth_round_for_a_game_ends_as_a_dead_letter(ports):
    failure = Failure("mlb_stats_api", "/api/v1.1/game/2/feed/live", "timed out", 2)
    _, retry = step(collected(ports, frames(1), 1, failures=(failure,), attempt=3), ports, NOW)
    with pytest.raises(Rejected, match="at most 3 rounds"):
        collect(retry, ports, NOW)


def test_c_goes_on_with_an_alert(ports):
    event = collected(ports, frames(1), 1, season_phase="spring", missing_players={"1": (1, 2)})
    (fact,) = step(event, ports, NOW)
    assert (fact.grade, titles(ports)) == (Grade.C, [("warning", "batch loaded with issues")])


def test_postseason_b_goes_on_and_asks_again(ports):
    games = range(1, 16)
    staged = change(frames(*games), "team_stats_historical", "hits", 8, pl.col("game_pk") == 1)
    facts = step(collected(ports, staged, *games, season_phase="postseason"), ports, NOW)
    assert [type(fact) for fact in facts] == [DataValidated, DataRetry]
    assert facts[0].grade is Grade.B


def test_postseason_alerts_at_any_issue(ports):
    staged = change(frames(1), "statcast_pitches", "pitch_type", "ZZ")
    step(collected(ports, staged, 1, season_phase="postseason"), ports, NOW)
    assert titles(ports) == [("warning", "batch loaded with issues")]


def test_alert_names_the_issues_and_how_many_more_there_are(ports):
    staged = frames(*range(1, 7))
    for game, total in enumerate(("hits", "at_bats", "home_runs", "walks", "strikeouts"), start=1):
        staged = change(staged, "team_stats_historical", total, 8, pl.col("game_pk") == game)
    step(collected(ports, staged, *range(1, 7), season_phase="postseason"), ports, NOW)
    detail = ports.notifier.alerts[0][2]
    assert "hits" in detail["issues"]
    assert detail["issues"].count("; ") == 3
    assert detail["issues"].endswith(" more")


def test_held_back_games_are_alerted(ports):
    staged = change(frames(*range(1, 16)), "plate_appearances", "rbi", 9, pl.col("game_pk") == 3)
    step(collected(ports, staged, *range(1, 16)), ports, NOW)
    assert ports.notifier.alerts[0][1] == "games quarantined"
    assert ports.notifier.alerts[0][2]["games"] == (3,)


def test_recent_history_ends_before_the_batch(ports):
    step(collected(ports, frames(1), 1), ports, NOW)
    assert ports.warehouse.asked == [{"first": date(2026, 3, 2), "last": date(2026, 3, 31)}]


@pytest.mark.parametrize("staged", [{}, {name: rows.clear() for name, rows in frames(1).items()}])
def test_empty_batch_is_refused(ports, staged):
    with pytest.raises(Rejected, match=r"manifest-.*got an empty batch"):
        step(collected(ports, staged), ports, NOW)


def test_corrupted_staging_is_refused_by_name(ports):
    event = collected(ports, frames(1), 1)
    (name,) = ports.objects.list_names("staging/run-1/0/plate_appearances")
    ports.objects.overwrite(name, b"spoiled")
    with pytest.raises(ObjectCorrupted, match="plate_appearances"):
        step(event, ports, NOW)


def test_missing_manifest_is_refused_by_name(ports):
    event = collected(ports, frames(1), 1).model_copy(update={"manifest": "staging/nowhere.json"})
    with pytest.raises(ObjectMissing, match="nowhere"):
        step(event, ports, NOW)


def test_rows_must_be_as_many_as_the_manifest_says(ports):
    dataset = stage_frame(ports.objects, "staging/run-1/0", "games_historical", frames(1)["games_historical"])
    event = collected(ports, {}, 1, datasets=(msgspec.structs.replace(dataset, rows=2),))
    with pytest.raises(Rejected, match="manifest's 2 rows, got 1"):
        step(event, ports, NOW)


def test_a_table_comes_once(ports):
    dataset = stage_frame(ports.objects, "staging/run-1/0", "games_historical", frames(1)["games_historical"])
    with pytest.raises(Rejected, match="games_historical has another"):
        step(collected(ports, {}, 1, datasets=(dataset, dataset)), ports, NOW)


def test_dates_must_be_known(ports):
    with pytest.raises(Rejected, match="expected the dates"):
        step(collected(ports, frames(1), 1, dates=()), ports, NOW)


def test_hopeless_batch_ends_as_a_dead_letter(ports, tmp_path):
    bus = LocalBus(tmp_path / "queue.sqlite")
    held = fakes.ports(History(), objects=ports.objects, bus=bus)
    bus.publish(collected(ports, without_pitches(), 1, attempt=3))
    bus.run_until_idle({"validator": lambda body: handle_delivery(body, step, held, lambda: NOW)})
    (letter,) = bus.list_dead_letters()
    assert letter.reason.startswith("Rejected: grade F after 3 re-collections")
