"""A report as HTML: nothing from elsewhere, nothing that runs, every section, and hostile names escaped."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from shared.reporting.page import STATES, render_body, render_document
from shared.storage.daily_reports import DailyReport
from tests.unit.shared.reporting.reports import FULL, QUIET, YESTERDAY

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=y>&amp;"


class Tags(HTMLParser):
    """Collects tags and their attributes, and refuses tags that close in the wrong order."""

    VOID = frozenset({"meta", "br", "img", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser


@pytest.mark.parametrize("report", [QUIET, FULL], ids=["quiet", "full"])
def test_a_document_runs_nothing_and_loads_nothing(report: DailyReport) -> None:
    html = render_document(report)
    parsed = tags(html)
    assert {"script", "img", "link", "iframe", "form"}.isdisjoint(parsed.found)
    assert not any(name.startswith("on") or name in ("src", "href", "style") for name in parsed.attributes)
    assert "http" not in html
    assert "url(" not in html
    assert parsed.found.count("h1") == 1


def test_a_full_report_shows_every_section() -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", render_body(FULL)))
    for expected in (
        "Wednesday, 15 April 2026",
        "2 things need you: the forecasts of 13 April are missing.",
        "15 games from 13:05 ET, 24 starters and 2 line-ups of 30 known.",
        "Next jobs: lineups 11:00 ET.",
        "1 of 2 favourites won, log loss 0.906, naive 0.693.",
        "OAK beat HOU 6–2, at 28 %.",
        "BOS at NYY 3–5 NYY 58 % yes",
        "OAK at HOU 6–2 HOU 72 % no",
        "SEA at TEX 4–4 – – –",
        "José Núñez, NYY 8 5.9 3 to 9",
        "A. Long-Surname, BOS 11, outside 4.2 2 to 7",
        "Who wins 7 days 90 56 % – – 0.684 0.691",
        "Strikeouts season 180 – 1.91 81 % 2.200 –",
        "3 games, 12,345 rows, 96 requests, 1 failed, 3 batches graded A 2, B 1, 1 dead letter.",
        "2 rows quarantined; 1 failed load waiting.",
        "Dead letter: TableMismatch: plays",
        "games ✓ ✓ ✓ ✓ ✓ ✓ ✓",
        "forecasts ✓ ✓ ✓ ✓ ✓ ✗ ✓",
        "forecasts of 13 April no release 3 given up",
        "Who wins 1.0.3 1.1.0 gain 0.004 over 1.0.3",
        "raw responses 3.0 GiB 1.0 MiB",
        "all 3.0 GiB",
        "daily/outputs.json is missing",
        "Made 2026-04-15 11:00 UTC.",
    ):
        assert expected in text


def test_a_quiet_report_leaves_empty_sections_out() -> None:
    body = render_body(QUIET)
    assert re.findall(r"<h2>([^<]+)</h2>", body) == ["Data, 14 April 2026"]
    assert "Collected: nothing." in body


def test_a_market_that_is_not_collected_has_no_column() -> None:
    two_days = msgspec.structs.replace(FULL, day_scores=FULL.day_scores * 2)
    assert "Market" not in render_body(two_days)
    scored = msgspec.structs.replace(FULL.day_scores[0], market_log_loss=0.7)
    assert "Market" in render_body(msgspec.structs.replace(two_days, day_scores=(scored, scored)))


def test_hostile_names_are_shown_and_do_nothing() -> None:
    encoded = msgspec.json.encode(FULL).decode()
    for text in (
        "BOS",
        "José Núñez",
        "Who wins",
        "two are missing",
        "TableMismatch: plays",
        "a simulated league",
    ):
        encoded = encoded.replace(text, HOSTILE.replace('"', '\\"'))
    spoiled = msgspec.json.decode(encoded, type=DailyReport)
    assert spoiled.games[0].away == HOSTILE
    parsed = tags(render_document(spoiled))
    assert {"script", "img"}.isdisjoint(parsed.found)
    assert "onerror" not in parsed.attributes
    assert tags(render_body(FULL)).found == tags(render_body(spoiled)).found


def test_every_state_has_a_symbol_of_its_own() -> None:
    assert len({symbol for symbol, _ in STATES.values()}) == len(STATES)
    strange = msgspec.json.decode(
        msgspec.json.encode(FULL).replace(b"none_expected", b"novel"), type=DailyReport
    )
    assert 'title="novel">?<' in render_body(strange)


def test_the_style_is_small_enough_for_mail_clients() -> None:
    style = re.search(r"<style>(.*)</style>", render_document(QUIET), re.DOTALL)[1]
    assert len(style) < 8192  # some drop a longer block
    assert "var(" not in style


def test_an_edition_is_named() -> None:
    assert "edition" not in render_body(QUIET)
    assert "Morning report, edition 2" in render_body(msgspec.structs.replace(QUIET, edition=2))
    assert str(YESTERDAY.year) in render_body(QUIET)
