"""Benchmarks are read with their irregularities, and every row is matched or listed."""

import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from evaluation.benchmarks import (
    LineQuote,
    MatchedBenchmark,
    find_unread,
    implied_probability,
    line_quotes,
    match_quotes,
    read_benchmarks,
)
from evaluation.xlsx import UnreadableWorkbook, read_rows

DODGERS, GIANTS = 119, 137
DAY = date(2014, 6, 1)


def games(*changes):
    game = {
        "game_pk": 1,
        "game_date": DAY,
        "season": 2014,
        "home_team_id": GIANTS,
        "away_team_id": DODGERS,
        "home_score": 3,
        "away_score": 2,
    }
    return pl.DataFrame([game | change for change in changes or ({},)])


def pair(away=None, home=None):
    row = {"Date": "601", "VH": "V", "Team": "LOS", "Final": "2", "Open": "120", "Close": "110"}
    other = {"Date": "601", "VH": "H", "Team": "SFO", "Final": "3", "Open": "-130", "Close": "-120"}
    return [row | (away or {}), other | (home or {})]


def matched(*tables, played=None):
    benchmark = MatchedBenchmark()
    rows = [row for table in tables for row in table]
    quotes = line_quotes(rows, 2014, benchmark)
    return match_quotes(quotes, games() if played is None else played, benchmark)


@pytest.mark.parametrize(
    ("price", "chance"), [("-150", 0.6), ("150", 0.4), ("x", None), ("0", None), (None, None)]
)
def test_price_implies_a_probability(price, chance):
    assert implied_probability(price) == chance


def test_margin_is_removed_in_proportion():
    home, away = 120 / 220, 100 / 210
    assert matched(pair()).chances["closing_line"] == {1: pytest.approx(home / (home + away))}


@pytest.mark.parametrize("name", ["LOS", "LAD"])
def test_dodgers_are_known_by_both_names(name):
    assert matched(pair({"Team": name})).by_score == 1


def test_neutral_ground_is_matched_by_teams():
    neutral = matched(
        pair({"VH": "N", "Team": "SFO", "Final": "3"}, {"VH": "N", "Team": "LOS", "Final": "2"})
    )
    assert neutral.by_score == 1
    assert neutral.chances["closing_line"][1] < 0.5


def test_wrong_score_is_matched_by_date_and_teams():
    found = matched(pair({"Final": "9"}))
    assert (found.by_score, found.by_teams) == (0, 1)


def test_pair_split_over_two_dates_is_matched():
    assert matched(pair({"Date": "531"})).by_score == 1


def test_doubleheader_games_are_distinguished_by_the_result():
    played = games({}, {"game_pk": 2, "home_score": 8, "away_score": 0})
    second = pair({"Final": "0", "Close": "-200"}, {"Final": "8", "Close": "180"})
    found = matched(second, pair(), played=played).chances["closing_line"]
    assert found[2] < 0.5 < found[1]


@pytest.mark.parametrize("price", ["-500", "500", "NL"])
def test_implausible_price_is_skipped_and_listed(price):
    found = matched(pair(home={"Close": price}))
    assert "closing_line" not in found.chances
    assert len(found.unusable) == 1


def test_game_that_nobody_played_is_listed():
    found = matched(pair({"Date": "1001"}, {"Date": "1001"}))
    assert (found.by_score, found.by_teams, len(found.unmatched)) == (0, 0, 1)


def test_row_without_its_other_half_is_listed():
    alone = pair()[:1]
    assert len(matched(alone, pair()).unmatched) == 1


def test_season_without_files_has_no_benchmarks(tmp_path):
    assert read_benchmarks(tmp_path, games()) == {}


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write_workbook(path: Path, rows: str, texts: tuple[str, ...] = ()) -> None:
    """Write the smallest workbook that spreadsheet programs open, with one sheet."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Odds" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEETS}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEETS}">'
        f"{''.join(f'<si><t>{text}</t></si>' for text in texts)}</sst>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def test_workbook_is_read_by_its_header(tmp_path):
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Close</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>Open</t></is></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>-120</v></c></row>'
    )
    write_workbook(tmp_path / "odds.xlsx", rows, ("Team", " LOS "))
    assert list(read_rows(tmp_path / "odds.xlsx")) == [{"Team": "LOS", "Close": "-120"}]


HEADER = "season,date,team1,team2,prob1,prob1_outcome\n"


@pytest.fixture
def odds(tmp_path) -> Path:
    folder = tmp_path / "mlb" / "odds"
    folder.mkdir(parents=True)
    return folder


def test_season_is_found_in_a_file_of_several(tmp_path, odds):
    other, asked = "2013,2013-06-01,Giants,Dodgers,0.4,1\n", "2014,2014-06-01,Giants,Dodgers,0.55,1\n"
    (odds / "fivethirtyeight_2013_to_2015.csv").write_text(HEADER + other + asked)
    found = read_benchmarks(tmp_path, games())["fivethirtyeight 2014"]
    assert (found.quotes, found.chances) == (1, {"fivethirtyeight": {1: 0.55}})
    (odds / "fivethirtyeight_2014.csv").write_text(HEADER + asked.replace("0.55", "0.6"))
    assert read_benchmarks(tmp_path, games())["fivethirtyeight 2014"].chances == {"fivethirtyeight": {1: 0.6}}


def test_what_is_not_read_is_named(tmp_path, odds):
    assert [line.partition(":")[0] for line in find_unread(tmp_path / "none", [2014])] == ["2014", "2014"]
    (odds / "fivethirtyeight.csv").write_text(HEADER + "2015,2015-06-01,Giants,Dodgers,0.55,1\n")
    (odds / "mlb_odds_2014.xlsx").touch()
    (odds / "mlb_elo.csv").touch()
    assert find_unread(tmp_path, [2014, 2015]) == [
        "2014: no forecasts of FiveThirtyEight, expected fivethirtyeight*.csv with it",
        "2015: no betting lines, expected mlb_odds_2015.xlsx",
        "mlb_elo.csv: not read, expected mlb_odds_SEASON.xlsx or fivethirtyeight*.csv",
    ]


@pytest.mark.parametrize(
    "malformed",
    [
        "2014-06-01,Giants,Dodgers,,1",
        "2014-06-01,Giants,Dodgers,nan,1",
        "2014-06-01,Giants,Dodgers,1.2,1",
        "June 1st,Giants,Dodgers,0.5,1",
        "2014-06-01,Giants,Mudville Nine,0.5,1",
        "2014-06-01",
    ],
)
def test_row_of_fivethirtyeight_that_cannot_be_read_is_listed(tmp_path, malformed):
    (tmp_path / "mlb" / "odds").mkdir(parents=True)
    table = f"date,team1,team2,prob1,prob1_outcome\n{malformed}\n2014-06-01,Giants,Dodgers,0.55,1\n"
    (tmp_path / "mlb" / "odds" / "fivethirtyeight_2014.csv").write_text(table)
    found = read_benchmarks(tmp_path, games())["fivethirtyeight 2014"]
    assert found.chances == {"fivethirtyeight": {1: 0.55}}
    assert [line.partition(":")[0] for line in found.unusable] == ["fivethirtyeight_2014.csv, line 2"]


def test_file_that_is_no_workbook_is_rejected_by_name(tmp_path):
    (tmp_path / "odds.xlsx").write_text("<html>blocked</html>")
    with pytest.raises(UnreadableWorkbook, match=r"odds\.xlsx"):
        list(read_rows(tmp_path / "odds.xlsx"))


TOTAL = {"Open OU": "8.5", "__UNNAMED__18": "-120", "Close OU": "8", "__UNNAMED__20": "100"}


def test_totals_and_run_lines_lose_the_margin_too():
    away = {"Run Line": "1.5", "__UNNAMED__17": "-200"} | TOTAL
    home = {"Run Line": "-1.5", "__UNNAMED__17": "170"} | TOTAL | {"__UNNAMED__18": "100"}
    lines = matched(pair(away, home)).lines
    over, under = 120 / 220, 100 / 200
    assert lines["opening total"] == {1: LineQuote(8.5, pytest.approx(over / (over + under)))}
    assert lines["closing total"] == {1: LineQuote(8.0, 0.5)}
    covers, does_not = 100 / 270, 200 / 300
    assert lines["run line"] == {1: LineQuote(-1.5, pytest.approx(covers / (covers + does_not)))}


def test_a_run_line_is_that_of_the_home_club_where_the_file_has_the_clubs_the_other_way_round():
    away = {"Run Line": "1.5", "__UNNAMED__17": "-200", "Team": "SFO", "Final": "3"}
    home = {"Run Line": "-1.5", "__UNNAMED__17": "170", "Team": "LOS", "Final": "2"}
    covers, does_not = 200 / 300, 100 / 270
    assert matched(pair(away, home)).lines["run line"] == {
        1: LineQuote(1.5, pytest.approx(covers / (covers + does_not)))
    }


@pytest.mark.parametrize("change", [{"Open OU": "9"}, {"__UNNAMED__18": "x"}, {"Open OU": ""}])
def test_rows_that_disagree_on_a_total_or_lack_its_price_give_none(change):
    quote = matched(pair(TOTAL, TOTAL | change))
    assert "opening total" not in quote.lines
    assert "closing total" in quote.lines
