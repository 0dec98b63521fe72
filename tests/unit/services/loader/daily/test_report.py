"""The morning report from inputs written by hand: each section, its editions, and that it is sent once."""

from datetime import UTC, date, datetime, timedelta
from math import log
from pathlib import Path

import msgspec
import polars as pl
import pytest

from services.loader.daily.report import build_report, write_report
from services.loader.daily.task import run_daily_task
from shared.messaging.dead_letters import DeadLetterRecord, record_dead_letter
from shared.messaging.events import DailyTask
from shared.modeling import registry
from shared.modeling.forecast_quality import ForecastQuality, TargetQuality, save_quality
from shared.modeling.forecast_record import RecentRecord
from shared.ports import Ports
from shared.runtime.data_world import DataWorld, write_world
from shared.storage.batch_log import BatchRecord, record_batch
from shared.storage.daily_outputs import DailyOutputs, DayOutputs, OutputCount, save_daily_outputs
from shared.storage.daily_reports import NextJob, ReportedGame, StoreSize, load_report, report_name
from shared.storage.day_results import (
    DayResults,
    DayTotals,
    GameResult,
    PlayerLine,
    ScoredForecast,
    TargetTotals,
    store_day_results,
)
from shared.storage.healing_ledger import HealingLedger, Repair, save_ledger
from shared.storage.tables import get_table
from tests import fakes
from tests.unit.services.loader.batches import game, row
from tests.unit.shared.modeling.manifests import manifest

TODAY, YESTERDAY = date(2026, 4, 15), date(2026, 4, 14)
NOW = datetime(2026, 4, 15, 11, tzinfo=UTC)  # 07:00 in New York
DAY = timedelta(days=1)
NIGHT = datetime(2026, 4, 15, 6, 2, tzinfo=UTC)
STARTS = datetime(2026, 4, 14, 23, tzinfo=UTC)


@pytest.fixture
def ports(warehouse, tmp_path: Path) -> Ports:
    made = fakes.ports(warehouse, home=tmp_path)
    write_world(made.objects, DataWorld("a simulated league"))
    return made


def batch(run_id: str = "daily-1", at: datetime = NIGHT, attempt: int = 0, **changes: object) -> BatchRecord:
    known = {
        "trigger": "daily", "dates": (YESTERDAY,), "grade": "A", "games": (1, 2),
        "rows": 500, "quarantined": 0, "requests": 12, "failures": 0,
    }  # fmt: skip
    return BatchRecord(at=at, run_id=run_id, attempt=attempt, **known | changes)


def played(
    pk: int, away: str, home: str, scores: tuple[int, int], state: str = "final", day: date = YESTERDAY
) -> GameResult:
    return GameResult(
        game_pk=pk, game_number=1, game_date=day, state=state, detailed_state="Final",
        scheduled_start=STARTS + timedelta(minutes=pk) - (YESTERDAY - day), home_team_id=10 * pk, away_team_id=10 * pk + 1,
        home_team=home, away_team=away, away_score=scores[0], home_score=scores[1],
    )  # fmt: skip


def forecast(
    pk: int, mean: float, actual: int, p_actual: float, *, hit: bool, **more: object
) -> ScoredForecast:
    known = {"player_id": None, "target": "home_win", "interval_80": None} | more
    return ScoredForecast(
        game_pk=pk, variant="projected", release_id="000001", model_version="1.0.0", made_at=STARTS - DAY,
        mean=mean, actual=actual, p_actual=p_actual, hit=hit, log_loss=-log(p_actual), **known,
    )  # fmt: skip


def starter(pk: int, player: int, name: str, team: int) -> PlayerLine:
    return PlayerLine(
        game_pk=pk, player_id=player, name=name, team_id=team, is_starter=True, is_starting_pitcher=True
    )


def store_yesterday(ports: Ports, day: date = YESTERDAY) -> None:
    """Store a day: a favourite of 60 % that won, one of 70 % that lost, a tie, and a game that was called off."""
    games = (
        played(2, "OAK", "HOU", (2, 6), day=day),
        played(1, "BOS", "NYY", (3, 5), day=day),
        played(3, "SEA", "TEX", (4, 4), "tie", day),
        played(4, "TOR", "MIN", (0, 0), "postponed", day),
    )
    forecasts = (
        forecast(1, 0.6, 1, 0.6, hit=True),
        forecast(2, 0.3, 1, 0.3, hit=False),
        forecast(1, 5.5, 6, 0.2, hit=True, target="pitcher_strikeouts", player_id=7, interval_80=(3, 8)),
        forecast(2, 4.0, 9, 0.1, hit=False, target="pitcher_strikeouts", player_id=8, interval_80=(2, 6)),
    )
    lines = (starter(1, 7, "José Uno", 10), starter(2, 8, "Two", 21))
    wins = TargetTotals(
        forecasts=2, decided=2, hits=1, absolute_error=1.1, log_loss=-log(0.6) - log(0.3), scored=(0, 2), happened=(0, 2)
    )  # fmt: skip
    strikeouts = TargetTotals(
        forecasts=2, decided=2, hits=1, absolute_error=5.5, log_loss=-log(0.2) - log(0.1),
        scored=(0,) * 6 + (1, 0, 0, 1), happened=(0,) * 6 + (1, 0, 0, 1),
    )  # fmt: skip
    totals = DayTotals(
        game_date=day,
        games_over=3,
        games_not_over=1,
        targets={"home_win": wins, "pitcher_strikeouts": strikeouts},
    )
    store_day_results(
        ports.objects, DayResults(game_date=day, games=games, lines=lines, forecasts=forecasts), totals
    )


def merge(ports: Ports, name: str, *rows: dict[str, object]) -> None:
    ports.warehouse.merge_rows(get_table(name), pl.DataFrame(list(rows), infer_schema_length=None))


def scheduled(pk: int, status: str = "Preview", **more: object) -> dict[str, object]:
    unplayed = {"completed_date": None, "home_score": None, "away_score": None, "status": status}
    return game(pk, TODAY, **unplayed | more)


def test_collection_counts_batches_since_the_report_before(ports: Ports) -> None:
    for one in (
        batch(),
        batch("weekly-1", games=(2, 3), grade="B", quarantined=4, failures=1),
        batch("lineups-1", trigger="lineups", games=(), requests=3),
        batch("daily-0", at=NOW - DAY),
    ):
        record_batch(ports.objects, one)
    found = build_report(ports, None, TODAY, NOW).collection
    assert (found.batches, found.games, found.rows, found.requests) == (3, 3, 1500, 27)
    assert (found.grades, found.quarantined, found.failures) == ({"A": 2, "B": 1}, 4, 1)


def test_what_failed_for_good_needs_a_person(ports: Ports) -> None:
    record_batch(ports.objects, batch(grade="F", attempt=2))
    record_batch(ports.objects, batch("daily-2", grade="F"))
    record_batch(ports.objects, batch("daily-2", attempt=1))  # collected again, and good
    record_dead_letter(
        ports.objects, b"body", DeadLetterRecord(NIGHT, "data.collected--validator", "x", "Rejected: no")
    )
    ports.objects.write_once("parked/run-1/0/load-1.json", b"{}")
    report = build_report(ports, None, TODAY, NOW)
    assert report.attention == (
        "a delivery failed for good: Rejected: no",
        "1 load failed and waits: `hankstank failed-loads list`",
        "the batch of daily-1 was graded F and is not loaded",
    )
    assert report.headline == "3 things need you: a delivery failed for good: Rejected: no."


def test_forecasts_are_beside_their_results(ports: Ports) -> None:
    store_yesterday(ports)
    report = build_report(ports, None, TODAY, NOW)
    assert report.headline == "All well: 0 games collected, 1 of 2 favourites won."
    (score,) = report.day_scores
    assert (score.games, score.forecast, score.favourites_won, score.market_log_loss) == (3, 2, 1, None)
    assert score.log_loss == pytest.approx(-log(0.6 * 0.3) / 2)
    assert score.naive_log_loss == pytest.approx(log(2))
    assert report.games == (
        ReportedGame(YESTERDAY, 1, "BOS", "NYY", 3, 5, "NYY", 0.6, is_hit=True),
        ReportedGame(YESTERDAY, 2, "OAK", "HOU", 2, 6, "OAK", 0.7, is_hit=False),
        ReportedGame(YESTERDAY, 3, "SEA", "TEX", 4, 4),
    )
    assert report.surprise == "HOU beat OAK 6–2, at 30 %"
    widest, other = report.starters
    assert (widest.name, widest.club, widest.expected, widest.low, widest.high, widest.strikeouts) == (
        "Two",
        "OAK",
        4.0,
        2,
        6,
        9,
    )
    assert (other.name, other.club, other.is_inside, widest.is_inside) == ("José Uno", "NYY", True, False)


def test_forecasts_that_are_worse_than_a_guess_need_a_person(ports: Ports) -> None:
    recent = RecentRecord(
        forecasts=140, log_loss=0.73, compared=140, compared_log_loss=0.73, guess_log_loss=0.69, compared_days=14,
        gain=-0.04, gain_se=0.0027, first=YESTERDAY - 13 * DAY, last=YESTERDAY,
    )  # fmt: skip
    worse = TargetQuality(week=recent, fortnight=recent, highest_gain=-0.036, worse_since=YESTERDAY)
    fine = TargetQuality(week=recent, fortnight=recent)
    targets = {"home_win": worse, "pitcher_strikeouts": fine}
    save_quality(ports.objects, ForecastQuality(at=NIGHT, through=YESTERDAY, targets=targets))
    (words,) = build_report(ports, None, TODAY, NOW).attention
    assert words.startswith(
        f"forecasts worse than a guess since {YESTERDAY}: Home wins, gain -0.0400 ± 0.0027"
    )


def test_the_record_has_each_window(ports: Ports) -> None:
    store_yesterday(ports)
    store_yesterday(ports, YESTERDAY - 10 * DAY)
    record = build_report(ports, None, TODAY, NOW).record
    windows = [("7 days", 2), ("30 days", 4), ("season", 4)]
    assert [(one.window, one.forecasts) for one in record] == windows * 2
    assert [one.title for one in record] == ["Home wins"] * 3 + ["Strikeouts of a starter"] * 3
    week, strikeouts = record[0], record[3]
    assert (week.first, week.last) == (date(2026, 4, 8), YESTERDAY)
    assert (week.hit_share, week.mean_miss, week.log_loss) == (0.5, None, pytest.approx(-log(0.6 * 0.3) / 2))
    assert week.naive_log_loss == pytest.approx(-log(2.5 / 3))  # both home clubs won ten days before
    assert (strikeouts.hit_share, strikeouts.inside_share, strikeouts.mean_miss) == (None, 0.5, 2.75)
    assert strikeouts.naive_log_loss is None  # too few are known to guess from


def test_new_models_have_their_reason(ports: Ports) -> None:
    def release(target: str, version: str, at: datetime, decision: str) -> None:
        artifact = f"{target} {version}".encode()
        made = manifest(target, version, artifact, decision=decision, created_at=at)
        ref = registry.save_model(ports.objects, target, version, artifact, made)
        registry.publish_release(
            ports.objects, snapshot="snapshot/2026-04-13/a", models={target: ref}, run_id="run", now=at, reason="daily training"
        )  # fmt: skip

    release("home_win", "1.0.0", NOW - 3 * DAY, "first")
    release("batter_hits", "1.0.0", NOW - 2 * DAY, "first")
    release("home_win", "1.0.1", NIGHT, "no worse, newer")
    release("home_win", "1.1.0", NIGHT + timedelta(hours=1), "gain 0.004 over 1.0.1")
    (change,) = build_report(ports, None, TODAY, NOW).model_changes
    assert (change.target, change.old, change.new, change.reason) == (
        "home_win",
        "1.0.0",
        "1.1.0",
        "gain 0.004 over 1.0.1",
    )
    assert (
        len(build_report(ports, write_report(ports, TODAY, NOW), TODAY + DAY, NOW + DAY).model_changes) == 0
    )


def test_today_has_its_games_and_the_next_jobs(ports: Ports) -> None:
    merge(
        ports,
        "games_historical",
        scheduled(1, home_probable_pitcher_id=7, away_probable_pitcher_id=8),
        scheduled(2, home_probable_pitcher_id=9, away_probable_pitcher_id=None),
        scheduled(3, "Other", home_probable_pitcher_id=9, away_probable_pitcher_id=None),
    )
    known = {"game_pk": 1, "game_date": TODAY, "batting_slot": 1, "sequence": 0, "is_confirmed": True}
    merge(ports, "lineups_historical", row("lineups_historical", **known | {"team_id": 5, "player_id": 7}))
    outlook = build_report(ports, None, TODAY, NOW).outlook
    assert (outlook.games, outlook.starters_announced, outlook.lineups_posted) == (2, 3, 1)
    assert outlook.first_start == datetime(2026, 4, 15, 23, 5, tzinfo=UTC)
    assert outlook.next_jobs[:2] == (
        NextJob("weather", datetime(2026, 4, 15, 13, 30, tzinfo=UTC)),
        NextJob("lineups", datetime(2026, 4, 15, 15, tzinfo=UTC)),
    )


def test_stores_have_their_size_and_growth(ports: Ports, tmp_path: Path) -> None:
    for name, size in (
        ("objects/raw/a", 100),
        ("objects/reports/b", 30),
        ("warehouse.duckdb", 500),
        ("queue.sqlite-wal", 20),
        ("x.json", 1),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    before = build_report(ports, None, TODAY - DAY, NOW - DAY)
    assert before.stores == (
        StoreSize("warehouse", 500), StoreSize("objects: raw", 100), StoreSize("objects: reports", 30),
        StoreSize("queue", 20), StoreSize("other files", 1),
    )  # fmt: skip
    (tmp_path / "objects/raw/c").write_bytes(b"x" * 25)
    assert build_report(ports, before, TODAY, NOW).stores[1] == StoreSize("objects: raw", 125, 25)


def test_a_project_reports_no_disk(warehouse) -> None:
    assert build_report(fakes.ports(warehouse, project="tank"), None, TODAY, NOW).stores == ()


def test_an_absence_is_covered_by_one_report(ports: Ports) -> None:
    before = build_report(ports, None, TODAY - 4 * DAY, NOW - 4 * DAY)
    for days in (1, 2, 3, 4):
        store_yesterday(ports, TODAY - days * DAY)
    record_batch(ports.objects, batch(at=NOW - 3 * DAY))
    report = build_report(ports, before, TODAY, NOW)
    assert (report.first_day, report.last_day, report.collection.batches) == (TODAY - 4 * DAY, YESTERDAY, 1)
    assert [one.game_date for one in report.day_scores] == [TODAY - days * DAY for days in (4, 3, 2, 1)]
    assert {one.game_date for one in report.games} == {YESTERDAY}


def test_what_cannot_be_read_is_a_sentence(ports: Ports) -> None:
    ports.objects.overwrite("results/2026-04-14.json.zst", b"nothing of ours")
    ports.objects.overwrite("result-totals/2026-04-14.json", b"{")
    ports.objects.overwrite("batches/2026-04-15/daily-1-0.json", b"{")
    ports.objects.overwrite(report_name(YESTERDAY), b"{")
    report = write_report(ports, TODAY, NOW)
    assert (report.day_scores, report.collection.batches) == ((), 0)


def test_a_report_is_stored_in_three_forms_and_sent_once(ports: Ports) -> None:
    store_yesterday(ports)
    event = DailyTask(run_id="report-1", occurred_at=NOW, task="report")
    assert run_daily_task(event, ports, NOW) == []
    assert run_daily_task(event, ports, NOW + timedelta(minutes=5)) == []
    ((title, text, html),) = ports.notifier.messages
    assert title == "report of 2026-04-15: all well"
    assert ports.objects.read_bytes("daily-reports/2026-04-15.txt").decode() == text
    assert ports.objects.read_bytes("daily-reports/2026-04-15.html").decode() == html
    stored = load_report(ports.objects, TODAY)
    assert (stored.edition, stored.sent_at, stored.created_at) == (1, NOW, NOW)
    assert stored.world == "a simulated league"


def test_later_knowledge_makes_an_edition_that_is_not_sent(ports: Ports) -> None:
    write_report(ports, TODAY, NOW)
    store_yesterday(ports)
    later = write_report(ports, TODAY, NOW + timedelta(hours=1))
    assert (later.edition, later.sent_at, len(later.games)) == (2, NOW, 3)
    assert load_report(ports.objects, TODAY) == later
    assert len(ports.notifier.messages) == 1


def test_a_report_that_was_stored_and_not_sent_is_sent_as_it_is(ports: Ports) -> None:
    sent = write_report(ports, TODAY, NOW)
    unsent = msgspec.structs.replace(sent, sent_at=None)
    ports.objects.overwrite(report_name(TODAY), msgspec.json.encode(unsent))
    write_report(ports, TODAY, NOW + timedelta(minutes=1))
    first, second = ports.notifier.messages
    assert first == second  # the targets that got it know it
    assert load_report(ports.objects, TODAY).sent_at == NOW + timedelta(minutes=1)


def test_without_news_a_report_comes_once_a_week(ports: Ports) -> None:
    made = [TODAY + n * DAY for n in range(16) if write_report(ports, TODAY + n * DAY, NOW + n * DAY)]
    assert made == [TODAY, TODAY + 7 * DAY, TODAY + 14 * DAY]


def test_every_morning_leaves_a_line_that_an_alert_policy_counts(
    ports: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        for day in (YESTERDAY, TODAY, TODAY):
            write_report(ports, day, NOW - (TODAY - day))
        store_yesterday(ports)
        write_report(ports, TODAY, NOW)
        write_report(ports, TODAY, NOW)
    lines = [record.fields["outcome"] for record in caplog.records if record.message == "report"]
    assert lines == ["made", "no_news", "no_news", "made", "unchanged"]


def test_a_day_with_games_ahead_has_a_report(ports: Ports) -> None:
    write_report(ports, YESTERDAY, NOW - DAY)
    merge(ports, "games_historical", scheduled(1))
    assert write_report(ports, TODAY, NOW).outlook.games == 1


def count(expected: int, actual: int) -> OutputCount:
    return OutputCount.judge(expected, actual)


def repair(day: date, outcome: str, at: datetime = NIGHT) -> Repair:
    return Repair(
        f"games {day}", f"games of {day}", "two are missing", "collect", "see the source", at, at, 3, outcome, day=day
    )  # fmt: skip


def test_holes_and_repairs_are_shown(ports: Ports) -> None:
    days = [YESTERDAY - n * DAY for n in range(9, -1, -1)]
    whole = DayOutputs(YESTERDAY, {"games": count(2, 2), "forecasts": count(4, 4)})
    outputs = {day: msgspec.structs.replace(whole, day=day) for day in days}
    for day, games in ((days[-2], 0), (days[-3], 1), (days[-4], 1), (days[0], 0)):
        outputs[day] = DayOutputs(day, {"games": count(2, games), "forecasts": count(4, 4)})
    save_daily_outputs(ports.objects, DailyOutputs(NIGHT, tuple(outputs.values())))
    repairs = (
        repair(days[-1], "healed"), repair(days[-3], "trying"), repair(days[-4], "given_up", NOW - 3 * DAY),
        repair(days[0], "healed", NOW - 2 * DAY),
    )  # fmt: skip
    save_ledger(ports.objects, HealingLedger(repairs))
    before = msgspec.structs.replace(
        build_report(ports, None, TODAY - 2 * DAY, NOW - 2 * DAY), last_day=days[-4]
    )
    report = build_report(ports, before, TODAY, NOW)
    assert report.outputs.days == tuple(days[-7:])
    rows = {row.output: row.states for row in report.outputs.rows}
    assert rows["games"] == (*("complete",) * 3, "partial", "partial", "missing", "complete")
    assert rows["grades"] == ("not_due",) * 7
    assert [(one.what, one.outcome, one.tries) for one in report.healed] == [
        (f"games of {days[-1]}", "healed", 3), (f"games of {days[-3]}", "trying", 3),
    ]  # fmt: skip
    assert report.attention == (
        f"games of {days[-4]} (two are missing) was not repaired in 3 tries: see the source",
        f"games of {days[-2]}: 0 of 2 exist",
    )
    assert report.notes == ()


def test_before_the_first_count_a_note_says_so(ports: Ports) -> None:
    assert build_report(ports, None, TODAY, NOW).notes == ("What each day must have is not counted yet.",)
