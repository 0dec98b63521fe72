"""A report written by hand, with something in every section."""

from datetime import UTC, date, datetime, timedelta

from shared.storage.daily_reports import (
    Collection,
    DailyReport,
    DayScore,
    HealedGap,
    ModelChange,
    NextJob,
    Outlook,
    OutputGrid,
    OutputRow,
    RecordLine,
    ReportedGame,
    ReportedStarter,
    StoreSize,
)

DAY = date(2026, 4, 15)
YESTERDAY = date(2026, 4, 14)
NOW = datetime(2026, 4, 15, 11, tzinfo=UTC)  # 07:00 in New York
QUIET = DailyReport(DAY, YESTERDAY, YESTERDAY, NOW, "All well: nothing was played.")
WEEK = tuple(DAY - timedelta(days=n) for n in range(7, 0, -1))

GAMES = (
    ReportedGame(YESTERDAY, 1, "BOS", "NYY", 3, 5, "NYY", 0.583, is_hit=True),
    ReportedGame(YESTERDAY, 2, "OAK", "HOU", 6, 2, "HOU", 0.72, is_hit=False),
    ReportedGame(YESTERDAY, 3, "SEA", "TEX", 4, 4),
)
FULL = DailyReport(
    day=DAY,
    first_day=YESTERDAY,
    last_day=YESTERDAY,
    created_at=NOW,
    headline="2 things need you: the forecasts of 13 April are missing.",
    world="a simulated league",
    attention=("the forecasts of 13 April are missing", "a delivery failed for good: TableMismatch: plays"),
    collection=Collection(
        batches=3,
        games=3,
        rows=12345,
        requests=96,
        failures=1,
        quarantined=2,
        grades={"B": 1, "A": 2},
        dead_letters=("TableMismatch: plays",),
        failed_loads=1,
    ),
    healed=(
        HealedGap("games of 12 April", "two are missing", "healed", 1, NOW),
        HealedGap("forecasts of 13 April", "no release", "given_up", 3, NOW),
    ),
    outputs=OutputGrid(
        WEEK,
        (
            OutputRow("games", ("complete",) * 7),
            OutputRow("forecasts", (*("complete",) * 5, "missing", "complete")),
            OutputRow("report", (*("none_expected",) * 4, "partial", "complete", "not_due")),
        ),
    ),
    model_changes=(ModelChange("home_win", "Who wins", "1.0.3", "1.1.0", "gain 0.004 over 1.0.3", NOW),),
    day_scores=(DayScore(YESTERDAY, 3, 2, 1, 0.906, 0.693),),
    games=GAMES,
    starters=(
        ReportedStarter(YESTERDAY, 9, "José Núñez", "NYY", 5.9, 3, 9, 8),
        ReportedStarter(YESTERDAY, 8, "A. Long-Surname", "BOS", 4.2, 2, 7, 11),
    ),
    surprise="OAK beat HOU 6–2, at 28 %",
    record=(
        RecordLine("7 days", WEEK[0], YESTERDAY, "Who wins", 90, hit_share=0.556, log_loss=0.684, naive_log_loss=0.691),
        RecordLine("season", WEEK[0], YESTERDAY, "Strikeouts", 180, mean_miss=1.91, inside_share=0.81, log_loss=2.2),
    ),
    stores=(StoreSize("raw responses", 3 * 2**30, 2**20), StoreSize("warehouse", 2**20)),
    outlook=Outlook(15, datetime(2026, 4, 15, 17, 5, tzinfo=UTC), 24, 2, (NextJob("lineups", datetime(2026, 4, 15, 15, tzinfo=UTC)),)),
    notes=("The state of the outputs is not known: daily/outputs.json is missing.",),
)  # fmt: skip
