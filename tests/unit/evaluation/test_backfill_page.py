"""The page of a backfill's report: one file, escaped, with what is stored and how strikeouts are forecast."""

import re
from datetime import date

import msgspec
import pytest

from evaluation.backfill_page import render_page
from evaluation.savant_strikeouts import DifferingStart, StrikeoutCheck
from evaluation.strikeout_report import (
    OURS,
    RULE,
    VECTOR,
    FittedPeriod,
    ForecasterScores,
    PairedScore,
    StrikeoutReport,
    decide,
)
from services.collector.mlb.backfill_report import MissingGame, MonthCoverage, SeasonReport

SCORE, SAME = PairedScore(2.25, -0.012, 0.004), PairedScore(2.262, 0.0, 0.0)
VECTOR_SCORES = ForecasterScores(VECTOR, SCORE, SCORE, SCORE, SCORE)
STRIKEOUTS = StrikeoutReport(
    season=2016,
    first=date(2016, 5, 1),
    last=date(2016, 10, 2),
    starts=4000,
    games=2000,
    left_out={"no whole line-up": 3},
    periods=(FittedPeriod(date(2016, 5, 1), date(2016, 5, 31), 800, 700, date(2016, 4, 30)),),
    forecasters=(ForecasterScores(OURS, SAME, SAME, SAME, SAME), VECTOR_SCORES),
    vector="strikeouts_v1",
    vector_sha256="abc",
    rule=RULE,
    verdict=decide(VECTOR_SCORES, 2017),
    evaluations={"2016": 2},
)
APRIL = MonthCoverage("2016-04", scheduled=3, final=2, postponed=1, collected=2, starts=4, strikeouts_agree=4)
COVERAGE = SeasonReport(
    2016,
    2430,
    (APRIL,),
    APRIL,
    MonthCoverage("postseason"),
    (),
    (MissingGame(date(2016, 4, 5), 7, "<held>"),),
)
CHECK = StrikeoutCheck(2, 1, (DifferingStart(1, "2024-04-01", 7, 4, 5, "no pitch ended it"),), 0, 0)


def page(**parts):
    report = {"strikeouts": None, "coverage": None, "check": None, "not_compared": "", "source": ""}
    return render_page(report | {name: msgspec.to_builtins(part) for name, part in parts.items()})


def test_page_has_coverage_scores_and_verdict():
    text = page(strikeouts=STRIKEOUTS, coverage=COVERAGE)
    assert "<td>4 of 4</td>" in text
    assert "<td>2.2500</td><td>-0.0120 ± 0.0040</td>" in text
    assert "strikeouts_v1 is adopted" in text
    assert "Evaluations of this season so far: 2." in text
    assert "3 with no whole line-up" in text


def test_page_of_savants_days_lists_the_starts_that_differ():
    text = page(strikeouts=STRIKEOUTS, check=CHECK)
    assert "In 1 of 2 starts they are those on record" in text
    assert "<td>no pitch ended it</td>" in text


def test_page_without_a_comparison_names_the_reason():
    assert "no start of 2016 can be compared" in page(
        coverage=COVERAGE, not_compared="no start of 2016 can be compared"
    )


@pytest.mark.parametrize("parts", [{"coverage": COVERAGE}, {"strikeouts": STRIKEOUTS, "check": CHECK}])
def test_page_needs_no_other_file_and_escapes_what_it_shows(parts):
    text = page(**parts)
    assert not re.search(r"(src|href)=|url\(|@import|<script", text)
    assert "<held>" not in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize("source", ["Retrosheet 2016", "MLB Stats API"])
def test_retrosheets_notice_is_on_a_page_of_its_data(source):
    text = page(coverage=COVERAGE, source=source)
    assert f"Source: {source}." in text
    assert ("copyrighted by Retrosheet" in text) is (source == "Retrosheet 2016")
