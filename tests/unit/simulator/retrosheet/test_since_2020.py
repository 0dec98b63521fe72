"""What Retrosheet's event files tell since 2020: placed runners, pitchers who hit, automatic calls."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.clubs import clubs_by_code, venues_by_code
from simulator.game_record import GameRecord
from simulator.retrosheet import RetrosheetWorld
from simulator.retrosheet.season import UnreadableSeason
from tests.unit.simulator.retrosheet.season_files import STARTERS, player, write_season

_INFO = """info,visteam,NYA
info,hometeam,BOS
info,site,BUF05
info,date,2021/05/01
info,number,1
info,gametype,regular
info,starttime,1:35PM
info,daynight,day
info,innings,7
info,tiebreaker,2
info,usedh,true
info,umphome,
info,ump1b,(none)
info,ump2b,umpir901
info,temp,
info,winddir,unknown
info,windspeed,unknown
info,precip,unknown
info,sky,unknown
info,timeofgame,
info,attendance,0
info,wp,homer010
info,lp,
info,save,
"""
_TWO_WAY = 'start,homer004,"homer 4",1,4,10\n'


def modern(plays: str, starters: str = STARTERS, info: str = _INFO) -> str:
    return f"id,BOS202105011\nversion,2\n{info}{starters}{plays}"


def read(tmp_path: Path, text: str) -> GameRecord:
    return next(iter(RetrosheetWorld(write_season(tmp_path, text, year=2021), [2021]).iter_games(2021)))


def seven_innings() -> str:
    """Write seven innings in which each side goes down in order and nobody but the visitors' first scores."""
    lines = ["play,1,0,visit001,00,X,HR/F7D"]
    for half in range(14):
        squad, inning, side = ("visit", "homer")[half % 2], half // 2 + 1, half % 2
        lines += [f"play,{inning},{side},{squad}{slot:03},02,SSS,K" for slot in (2, 3, 4)]
    return "\n".join(lines[:-3]) + "\n"


PLACED = """play,8,0,visit001,00,,NP
sub,homer011,"Homer Eleven",1,0,1
radj,visit009,2
com,"Visit Nine starts inning at 2nd base."
play,8,0,visit001,00,.,NP
sub,visit012,"Visit Twelve",0,9,12
play,8,0,visit001,00,..X,S8/G6M.2-H(UR)
play,8,0,visit002,00,X,64(1)3/GDP/G6
play,8,0,visit003,02,SSS,K
radj,homer009,2
com,"Homer Nine starts inning at 2nd base."
play,8,1,homer001,00,X,13/SH/BG1S.2-3
play,8,1,homer002,01,CX,8/SF/F8XD.3-H(UR)
play,8,1,homer003,10,BX,HR/F7LD
"""


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> GameRecord:
    return read(tmp_path_factory.mktemp("data"), modern(PLACED))


def test_placed_runner_scores_from_second(placed: GameRecord) -> None:
    assert (placed.plays[-1].away_score, placed.plays[-1].home_score) == (1, 2)


def test_placed_runner_is_told_as_the_feed_tells_him(placed: GameRecord) -> None:
    first = placed.plays[0].runners[0]
    assert (first.event_type, first.start, first.end, first.earned) == ("runner_placed", None, "2B", False)


def test_pinch_runner_stands_in_for_the_placed_one(placed: GameRecord) -> None:
    scored = [runner.runner for runner in placed.plays[0].runners if runner.end == "score"]
    assert scored == [player("visit012")]


def test_placed_runner_belongs_to_who_begins_the_inning(placed: GameRecord) -> None:
    scored = [runner for runner in placed.plays[0].runners if runner.end == "score"]
    assert [runner.responsible_pitcher for runner in scored] == [player("homer011")]


def test_placed_runner_caught_before_a_pitch_cuts_nothing_short(tmp_path: Path) -> None:
    plays = "radj,visit009,2\nplay,8,0,visit001,00,2,PO2(14)\nplay,8,0,visit001,02,SSS,K\n"
    game = read(tmp_path, modern(plays))
    assert [play.event_type for play in game.plays] == ["strikeout"]
    assert game.plays[0].outs_after == 2


def test_seven_innings_are_a_full_game_where_seven_were_to_be_played(tmp_path: Path) -> None:
    assert read(tmp_path, modern(seven_innings())).state == "Final"


def test_seven_innings_of_nine_are_completed_early(tmp_path: Path) -> None:
    info = _INFO.replace("info,innings,7", "info,innings,9")
    assert read(tmp_path, modern(seven_innings(), info=info)).state == "Completed Early"


def two_way_starters() -> str:
    """Let the home club's designated hitter be its pitcher: he is told twice."""
    visitors, _, home = STARTERS.partition('start,homer001,"')
    home = home.replace('start,homer010,"homer 10",1,0,1', 'start,homer004,"homer 4",1,0,1')
    return f'{visitors}start,homer001,"{home}'


def test_pitcher_who_hits_for_himself_keeps_his_slot(tmp_path: Path) -> None:
    plays = """play,1,0,visit001,02,SSS,K
play,1,1,homer004,00,X,HR/F7D
play,2,0,visit002,00,,NP
sub,homer011,"Homer Eleven",1,0,1
play,2,0,visit002,02,.SSS,K
play,2,1,homer004,30,BBBB,W
"""
    assert _TWO_WAY in STARTERS
    game = read(tmp_path, modern(plays, two_way_starters(), _INFO.replace("homer010", "homer004")))
    (one,) = [line for line in game.appearances if line.player == player("homer004")]
    assert (one.batting_order, one.positions, one.is_starting_pitcher) == ("400", ("DH", "P"), True)
    assert [play.pitcher for play in game.plays if play.is_top] == [player("homer004"), player("homer011")]
    assert [play.event_type for play in game.plays if not play.is_top] == ["home_run", "walk"]


def test_automatic_calls_are_told_as_such(tmp_path: Path) -> None:
    plays = "play,1,0,visit001,32,AVBVFC,K\nplay,1,0,visit002,30,VVVV,IW\n"
    strikeout, walk = read(tmp_path, modern(plays)).plays
    assert [pitch.call for pitch in strikeout.pitches] == ["A", "V", "B", "V", "F", "C"]
    assert [pitch.call for pitch in walk.pitches] == ["V"] * 4


def test_blank_information_is_not_known(tmp_path: Path) -> None:
    game = read(tmp_path, modern("play,1,0,visit001,02,SSS,K\n"))
    assert (game.weather, game.duration_minutes, game.attendance, game.loser) == (None, None, None, None)
    assert game.officials == {"Second Base": 901}


@pytest.mark.parametrize(
    ("info", "innings"),
    [
        (_INFO, 7),
        (_INFO.replace("info,innings,7\n", ""), 7),
        (_INFO.replace("info,innings,7", "info,innings,9"), 9),
        (_INFO.replace("info,innings,7\n", "").replace("info,number,1", "info,number,0"), 9),
    ],
)
def test_tells_how_many_innings_were_to_be_played(tmp_path: Path, info: str, innings: int) -> None:
    assert read(tmp_path, modern(seven_innings(), info=info)).scheduled_innings == innings


def test_suspended_game_tells_its_completion_in_either_wording(tmp_path: Path) -> None:
    plays = 'play,1,0,visit001,02,SSS,K\ncom,"suspended,20210831,NYC20,rain"\n'
    assert read(tmp_path, modern(plays)).completed_date == date(2021, 8, 31)


def test_records_that_do_not_bear_on_the_score_are_passed_over(tmp_path: Path) -> None:
    plays = """com,"umpchange,1,umphome,umpir901"
ladj,0,4
padj,homer010,L
badj,visit001,B
play,1,0,visit001,02,SSS,K
com,"Mound Visit."
cw:itb,visit009,2
"""
    (strikeout,) = read(tmp_path, modern(plays)).plays
    assert (strikeout.bat_side, strikeout.pitch_hand) == ("R", "L")


def test_athletics_are_called_by_the_code_of_their_time() -> None:
    assert clubs_by_code(2025)["ATH"].id == clubs_by_code(2024)["OAK"].id == 133


@pytest.mark.parametrize("site", ["BUF05", "DUN01", "TAM02", "SAC01", "ARL03", "ATL03"])
def test_parks_of_a_whole_season_are_known(site: str) -> None:
    assert venues_by_code()[site].latitude > 0


def test_only_games_of_the_season_are_read(tmp_path: Path) -> None:
    exhibition = modern(PLACED, info=_INFO.replace("gametype,regular", "gametype,allstar"))
    games = RetrosheetWorld(write_season(tmp_path, modern(PLACED), exhibition, year=2021), [2021]).iter_games(
        2021
    )
    assert len(list(games)) == 1


def season_with(spoiled: str, readable: int) -> list[str]:
    """Write readable games, each on its own day, and a spoiled one."""
    game = modern("play,1,0,visit001,02,SSS,K\n")
    first = date(2021, 5, 2).toordinal()
    days = [date.fromordinal(first + n) for n in range(readable)]
    return [
        *(game.replace("20210501", f"{day:%Y%m%d}").replace("2021/05/01", f"{day:%Y/%m/%d}") for day in days),
        spoiled,
    ]


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (modern("play,1,0,visit001,02,SSS,ZZ\n"), "expected a basic play"),
        (modern(""), "expected plays, got none"),
        (modern(PLACED, starters=""), "without having entered"),
        (modern(PLACED).replace("info,date,2021/05/01", "info,date,"), "BOS202105011"),
        (modern(PLACED).replace("hometeam,BOS", "hometeam,QQQ"), "QQQ"),
    ],
)
def test_game_that_cannot_be_read_is_left_out_and_named(tmp_path: Path, spoiled: str, why: str) -> None:
    world = RetrosheetWorld(write_season(tmp_path, *season_with(spoiled, 99), year=2021), [2021])
    assert len(list(world.iter_games(2021))) == 99
    assert list(world.unreadable_games(2021)) == ["BOS202105011"]
    assert why in world.unreadable_games(2021)["BOS202105011"]


def test_season_with_many_such_games_is_refused(tmp_path: Path) -> None:
    games = season_with(modern(""), 98)
    world = RetrosheetWorld(write_season(tmp_path, *games, year=2021), [2021])
    with pytest.raises(UnreadableSeason, match="1 of 99 games of 2021 cannot be read"):
        list(world.iter_games(2021))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.integers(0, len(PLACED) - 1), st.sampled_from(["", ",", "9", "Z", "\n"]))
def test_spoiled_character_never_stops_a_season(tmp_path: Path, at: int, instead: str) -> None:
    spoiled = modern(PLACED[:at] + instead + PLACED[at + 1 :])
    world = RetrosheetWorld(write_season(tmp_path, *season_with(spoiled, 1), year=2021), [2021])
    try:
        games = list(world.iter_games(2021))
    except UnreadableSeason:
        games = [None]
    assert len(games) in (1, 2)
