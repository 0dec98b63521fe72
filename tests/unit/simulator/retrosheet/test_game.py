from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from simulator.game_record import Appearance, GameRecord, Play, Weather
from simulator.retrosheet import RetrosheetWorld
from simulator.retrosheet.season import MissingSeason, UnreadableSeason
from tests.unit.simulator.retrosheet.season_files import GAME, STARTERS, player, write_season


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> RetrosheetWorld:
    return RetrosheetWorld(write_season(tmp_path_factory.mktemp("data"), GAME), [2016])


@pytest.fixture(scope="module")
def game(world: RetrosheetWorld) -> GameRecord:
    return next(iter(world.iter_games(2016)))


def read(tmp_path: Path, text: str) -> GameRecord:
    return next(iter(RetrosheetWorld(write_season(tmp_path, text), [2016]).iter_games(2016)))


def plays_of(game: GameRecord, code: str) -> list[Play]:
    return [play for play in game.plays if play.batter == player(code)]


def appearance(game: GameRecord, code: str) -> Appearance:
    return next(one for one in game.appearances if one.player == player(code))


def test_tells_when_and_where(game: GameRecord) -> None:
    assert (game.away, game.home, game.venue, game.official_date) == (147, 111, 3, date(2016, 5, 1))
    assert game.start == datetime(2016, 5, 1, 17, 35, tzinfo=UTC)


def test_tells_the_circumstances(game: GameRecord) -> None:
    assert game.weather == Weather("Sunny", 57, "22 mph, Out To CF")
    assert (game.attendance, game.duration_minutes, game.officials) == (37160, 95, {"Home Plate": 901})


def test_tells_decisions_and_starters(game: GameRecord) -> None:
    assert (game.winner, game.loser, game.save) == (player("homer010"), player("visit010"), None)
    assert (game.probable_home, game.probable_away) == (player("homer010"), player("visit010"))


def test_numbers_doubleheaders(game: GameRecord) -> None:
    assert (game.game_number, game.double_header) == (1, "Y")


def test_shortened_game_is_completed_early(game: GameRecord) -> None:
    assert (game.state, game.reason) == ("Completed Early", "Rain")


def test_suspended_game_tells_its_completion(game: GameRecord) -> None:
    assert game.completed_date == date(2016, 5, 2)


def test_adds_up_the_score(game: GameRecord) -> None:
    assert (game.plays[-1].away_score, game.plays[-1].home_score) == (1, 3)
    assert sum(play.rbi for play in game.plays) == 3


def test_writes_a_play_down(game: GameRecord) -> None:
    single, *_ = game.plays
    assert replace(single, pitches=(), runners=()) == Play(
        inning=1,
        is_top=True,
        batter=player("visit001"),
        pitcher=player("homer010"),
        bat_side="R",
        pitch_hand="R",
        event_type="single",
        rbi=0,
        outs_before=0,
        outs_after=0,
        away_score=0,
        home_score=0,
        trajectory="line_drive",
        hit_location="7",
        description="Visit Player1 singles.",
    )


def test_steal_belongs_to_the_turn_in_progress(game: GameRecord) -> None:
    strikeout = plays_of(game, "visit002")[0]
    assert [runner.event_type for runner in strikeout.runners] == ["stolen_base_2b", None]


def test_pitches_are_told_once_in_mlb_codes(game: GameRecord) -> None:
    assert [pitch.call for pitch in plays_of(game, "visit002")[0].pitches] == ["C", "B", "F", "B", "W"]


@pytest.mark.parametrize(("code", "call"), [("visit001", "D"), ("homer003", "E"), ("homer004", "X")])
def test_ball_in_play_is_called_by_its_outcome(game: GameRecord, code: str, call: str) -> None:
    assert plays_of(game, code)[0].pitches[-1].call == call


def test_strikeout_is_charged_to_who_took_two_strikes(game: GameRecord) -> None:
    assert [play.event_type for play in plays_of(game, "homer002")] == ["strikeout"]
    assert plays_of(game, "homer012") == []


def test_walk_is_charged_to_who_fell_behind(game: GameRecord) -> None:
    assert plays_of(game, "homer001")[0].pitcher == player("visit010")


def test_run_is_charged_to_who_put_the_runner_on(game: GameRecord) -> None:
    home_run = plays_of(game, "homer003")[0]
    charged = [runner.responsible_pitcher for runner in home_run.runners if runner.end == "score"]
    assert charged == [player("visit010"), player("visit011")]


def test_caught_runner_cuts_a_turn_short(game: GameRecord) -> None:
    cut_short, finished = plays_of(game, "homer006")
    assert (cut_short.event_type, cut_short.outs_after) == ("caught_stealing_3b", 3)
    assert (finished.event_type, finished.inning) == ("single", 2)


def test_pinch_runner_takes_the_base(game: GameRecord) -> None:
    scored = [runner.runner for runner in plays_of(game, "homer008")[0].runners if runner.end == "score"]
    assert scored == [player("homer013")]


def test_adjusted_hand_holds_for_one_turn(game: GameRecord) -> None:
    sides = [plays_of(game, code)[0].bat_side for code in ("homer008", "visit008", "homer009")]
    assert sides == ["L", "L", "R"]


def test_substitutes_take_their_slot(game: GameRecord) -> None:
    orders = [
        appearance(game, code).batting_order for code in ("homer002", "homer012", "homer013", "visit011")
    ]
    assert orders == ["200", "201", "601", None]


def test_positions_stand_as_played(game: GameRecord) -> None:
    assert appearance(game, "homer012").positions == ("PH", "2B")


def test_pitchers_stand_in_their_order(game: GameRecord) -> None:
    pitchers = [one.player for one in game.appearances if "P" in one.positions and not one.is_home]
    assert pitchers == [player("visit010"), player("visit011")]


def test_pitcher_without_a_batter_is_struck_out(game: GameRecord) -> None:
    assert player("homer011") not in {one.player for one in game.appearances}


def test_earned_runs_are_the_official_ones(game: GameRecord) -> None:
    assert (appearance(game, "visit010").earned_runs, appearance(game, "visit011").earned_runs) == (1, 2)


def test_fielders_are_credited_where_they_stand(game: GameRecord) -> None:
    catcher, shortstop = appearance(game, "homer009"), appearance(game, "visit003")
    assert (catcher.putouts, catcher.assists) == (2, 1)
    assert (shortstop.putouts, shortstop.assists, shortstop.errors) == (0, 1, 0)


def test_game_is_known_by_the_same_number_always(game: GameRecord, world: RetrosheetWorld) -> None:
    again = next(iter(world.iter_games(2016)))
    assert again.game_pk == game.game_pk < 2**31


def test_home_club_that_bats_first_is_written_as_the_visitor(tmp_path: Path) -> None:
    head, _, _ = GAME.replace("info,number,1", "info,number,1\ninfo,htbf,true").partition("play,")
    game = read(tmp_path, f"{head}play,1,1,homer001,00,X,S8/G\nplay,1,0,visit001,00,X,HR/8/F\n")
    assert (game.away, game.home, game.plays[-1].home_score) == (111, 147, 1)


def test_forgotten_forced_runner_makes_way(tmp_path: Path) -> None:
    plays = ("W", "W.1-2", "W.2-3;1-2", "5(2)2(3)/GDP")
    text = _with_plays(*plays)
    moved = [(runner.start, runner.end) for runner in read(tmp_path, text).plays[-1].runners]
    assert moved == [("3B", None), ("2B", None), ("1B", "2B"), (None, "1B")]


def test_winning_wild_pitch_ends_the_turn(tmp_path: Path) -> None:
    last = read(tmp_path, _with_plays("T8/L", "WP.3-H")).plays[-1]
    assert (last.event_type, last.away_score) == ("wild_pitch", 1)


def test_winning_steal_is_not_named_for_its_error(tmp_path: Path) -> None:
    last = read(tmp_path, _with_plays("D8/L", "SB3.2-H(E2/TH)(UR)")).plays[-1]
    assert last.event_type == "stolen_base_3b"


def test_impossible_move_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableSeason, match=r"BOS201605011 of 2016-05-01, line 43 .*SB2.*: no runner on base 1"
    ):
        read(tmp_path, _with_plays("SB2"))


def test_unreadable_play_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSeason, match=r"line 43 .*play 'ZZ': expected a basic play"):
        read(tmp_path, _with_plays("ZZ"))


def test_missing_season_says_where_to_put_it(tmp_path: Path) -> None:
    write_season(tmp_path, GAME)
    with pytest.raises(MissingSeason, match=r"2015.*2015eve\.zip"):
        list(RetrosheetWorld(tmp_path, [2015]).iter_games(2015))


def _with_plays(*texts: str) -> str:
    head = GAME[: GAME.index(STARTERS)] + STARTERS
    plays = (f"play,1,0,visit{1 + n % 9:03},00,,{text}\n" for n, text in enumerate(texts))
    return head + "".join(plays)


def test_charged_runner_belongs_to_the_pitcher_named(tmp_path: Path) -> None:
    charge = "presadj,visit011,2\n"
    text = GAME.replace("play,1,1,homer003,10,*B.X,HR", f"{charge}play,1,1,homer003,10,*B.X,HR")
    before, after = (one_game(tmp_path / name, game) for name, game in (("a", GAME), ("b", text)))
    charged = [
        runner.responsible_pitcher
        for game in (before, after)
        for play in game.plays
        for runner in play.runners
        if (play.event_type, runner.start, runner.end) == ("home_run", "2B", "score")
    ]
    assert charged == [player("visit010"), player("visit011")]


def test_charging_nobody_is_refused_by_name(tmp_path: Path) -> None:
    text = GAME.replace("play,1,1,homer003,10,*B.X,HR", "presadj,visit010,3\nplay,1,1,homer003,10,*B.X,HR")
    with pytest.raises(UnreadableSeason, match="no runner on base 3"):
        one_game(tmp_path, text)


def test_forfeit_is_told(tmp_path: Path) -> None:
    game = one_game(tmp_path, GAME.replace("info,save,\n", "info,save,\ninfo,forfeit,V\n"))
    assert (game.state, game.reason) == ("Completed Early", "Forfeit")


def test_earned_runs_come_of_the_plays_where_nothing_is_told(tmp_path: Path) -> None:
    untold = "\n".join(line for line in GAME.splitlines() if not line.startswith("data,")) + "\n"
    game = one_game(tmp_path, untold)
    scored = [runner for play in game.plays for runner in play.runners if runner.end == "score"]
    for line in game.appearances:
        ours = [one for one in scored if one.earned and one.responsible_pitcher == line.player]
        assert line.earned_runs == len(ours)
    assert sum(line.earned_runs for line in game.appearances) > 0


def one_game(tmp_path: Path, text: str) -> GameRecord:
    (game,) = RetrosheetWorld(write_season(tmp_path, text), [2016]).iter_games(2016)
    return game
