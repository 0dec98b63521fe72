"""What a season's zip may lack: it is done without and said, or refused by name."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.app import create_app
from simulator.responses import WorldApiBackend
from simulator.retrosheet import RetrosheetWorld
from simulator.retrosheet.people import synthetic_person_id
from simulator.retrosheet.season import UnreadableSeason
from simulator.season_store import SeasonStore
from tests.unit.simulator.retrosheet.season_files import GAME, player, write_season

RED_SOX, NOW = 111, datetime(2016, 6, 1, 12, tzinfo=UTC)
Change = Callable[[str, bytes], tuple[str, bytes] | None]


def rewritten(folder: Path, change: Change, game: str = GAME) -> RetrosheetWorld:
    """Write a season, then its zip anew with each member changed, or left out where `change` says None."""
    path = write_season(folder, game) / "mlb" / "retrosheet" / "2016eve.zip"
    with zipfile.ZipFile(path) as archive:
        members = [change(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for member in filter(None, members):
            archive.writestr(*member)
    return RetrosheetWorld(folder, [2016])


def without_rosters(name: str, raw: bytes) -> tuple[str, bytes] | None:
    return None if name.endswith(".ROS") else (name, raw)


def unchanged(name: str, raw: bytes) -> tuple[str, bytes]:
    return name, raw


def served(world: RetrosheetWorld, folder: Path, path: str) -> dict[str, object]:
    client = create_app(WorldApiBackend(SeasonStore(world, folder), NOW)).test_client()
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = json.loads(answer.data)
    return body


def feed(world: RetrosheetWorld, folder: Path) -> dict[str, object]:
    (game,) = world.iter_games(2016)
    return served(world, folder, f"/api/v1.1/game/{game.game_pk}/feed/live")


def test_without_rosters_the_line_ups_tell_who_played(tmp_path: Path) -> None:
    world = rewritten(tmp_path / "data", without_rosters)
    pitcher, batter = (world.people_by_id()[player(code)] for code in ("visit010", "visit001"))
    assert (pitcher.full_name, pitcher.position, pitcher.throws) == ("visit 10", "P", "")
    assert (batter.full_name, batter.position, batter.bats) == ("visit 1", "CF", "")
    assert player("homer011") in world.get_roster(RED_SOX, NOW.date(), "active")


def test_unknown_hands_are_said_and_no_hand_is_told(tmp_path: Path) -> None:
    world = rewritten(tmp_path / "data", without_rosters)
    (reported,) = [one for one in world.list_missing_data() if "handedness" in one]
    assert reported.startswith("2016: no roster gives the handedness of 24 of 24 players")
    people = feed(world, tmp_path)["gameData"]["players"]
    assert people
    assert all("batSide" not in one and "pitchHand" not in one for one in people.values())


def test_with_rosters_nothing_is_said_of_hands(tmp_path: Path) -> None:
    world = rewritten(tmp_path, unchanged)
    assert not [one for one in world.list_missing_data() if "handedness" in one]


@pytest.mark.parametrize("path", ["/roster?date=2016-05-02", "/stats?stats=season&season=2016"])
def test_without_rosters_a_club_is_answered(tmp_path: Path, path: str) -> None:
    world = rewritten(tmp_path / "data", without_rosters)
    body = served(world, tmp_path, f"/api/v1/teams/{RED_SOX}{path}")
    assert body.get("roster") or body["stats"]


@pytest.mark.parametrize("umpire", ["zzzzz999", "Zzzzz999", "o'br.901", "5"])
def test_umpire_nobody_knows_is_a_person_with_the_sources_id(tmp_path: Path, umpire: str) -> None:
    game = GAME.replace("umphome,umpir901", f"umphome,{umpire}")
    world = rewritten(tmp_path / "data", unchanged, game)
    officials = feed(world, tmp_path)["liveData"]["boxscore"]["officials"]
    assert officials[0]["official"]["fullName"] == umpire
    result = served(world, tmp_path, f"/api/v1/people?personIds={synthetic_person_id(umpire)}")
    assert [one["fullName"] for one in result["people"]] == [umpire]


def test_players_whom_the_register_lacks_have_names_and_numbers(tmp_path: Path) -> None:
    world = rewritten(tmp_path / "data", without_rosters)
    register = tmp_path / "data" / "mlb" / "register.csv"
    register.write_text("\n".join(register.read_text("utf-8").splitlines()[:2]), "utf-8")
    (game,) = world.iter_games(2016)
    assert {world.people_by_id()[line.player].full_name for line in game.appearances} >= {
        "visit 2",
        "homer 3",
    }
    feed(world, tmp_path)


@pytest.mark.parametrize("folder", ["event/regular/", "event\\regular\\"])
def test_members_may_lie_in_folders_in_small_letters(tmp_path: Path, folder: str) -> None:
    world = rewritten(tmp_path, lambda name, raw: (folder + name.lower(), raw))
    assert len(list(world.iter_games(2016))) == 1
    assert world.people_by_id()[player("visit001")].bats == "R"


@pytest.mark.parametrize("kind", [".EVN", ".EVF", ".EVR", ".EDA", ".EDN"])
def test_every_kind_of_event_file_is_read(tmp_path: Path, kind: str) -> None:
    world = rewritten(tmp_path, lambda name, raw: (name.replace(".EVA", kind), raw))
    assert len(list(world.iter_games(2016))) == 1


def test_box_scores_without_plays_are_no_games(tmp_path: Path) -> None:
    world = rewritten(tmp_path, lambda name, raw: (name.replace(".EVA", ".EBN"), raw))
    with pytest.raises(UnreadableSeason, match=r"2016eve.zip: expected games in .EVA and .EVN files"):
        world.people_by_id()


def test_game_that_two_files_hold_is_played_once(tmp_path: Path) -> None:
    world = rewritten(tmp_path, unchanged)
    path = tmp_path / "mlb" / "retrosheet" / "2016eve.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("deduced/2016BOS.EDA", GAME + 'com,"deduced"\n')
    assert len(list(world.iter_games(2016))) == 1


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "latin-1"])
def test_names_may_have_accents(tmp_path: Path, coding: str) -> None:
    def change(name: str, raw: bytes) -> tuple[str, bytes] | None:
        return (name, raw.decode().replace('visit 1"', 'José 1"').encode(coding)) if ".EVA" in name else None

    assert rewritten(tmp_path, change).people_by_id()[player("visit001")].full_name == "José 1"


def test_roster_lines_that_stop_early_are_read(tmp_path: Path) -> None:
    def change(name: str, raw: bytes) -> tuple[str, bytes]:
        lines = raw.splitlines()
        return (name, b"\n".join(line[: line.index(b",R,")] for line in lines) if ".ROS" in name else raw)

    one = rewritten(tmp_path, change).people_by_id()[player("visit001")]
    assert (one.full_name, one.bats, one.throws) == ("Visit Player1", "", "")


def test_site_that_is_not_told_is_the_home_park(tmp_path: Path) -> None:
    (game,) = rewritten(tmp_path, unchanged, GAME.replace("info,site,BOS07\n", "")).iter_games(2016)
    assert game.venue == 3


def test_clubs_without_games_are_named(tmp_path: Path) -> None:
    (reported,) = rewritten(tmp_path, unchanged).list_missing_data()
    assert reported.startswith("2016: few or no home games of ANA, ARI, ATL")


def test_game_of_another_year_is_refused_with_its_own_date(tmp_path: Path) -> None:
    world = rewritten(tmp_path, unchanged, GAME.replace("2016/05/01", "2015/05/01"))
    with pytest.raises(
        UnreadableSeason, match=r"BOS201605011 of 2015-05-01: expected a game of 2016, got one of 2015-05-01"
    ):
        world.people_by_id()


def test_unknown_club_is_refused_by_name(tmp_path: Path) -> None:
    world = rewritten(tmp_path, unchanged, GAME.replace("visteam,NYA", "visteam,BRO"))
    with pytest.raises(UnreadableSeason, match=r"of 2016-05-01: expected clubs of 2016 .*, got BRO"):
        world.people_by_id()


def test_zip_behind_a_password_is_refused_by_name(tmp_path: Path) -> None:
    world = rewritten(tmp_path, unchanged)
    path = tmp_path / "mlb" / "retrosheet" / "2016eve.zip"
    raw = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(header)
        while at >= 0:
            raw[at + flags] |= 1
            at = raw.find(header, at + 4)
    path.write_bytes(raw)
    with pytest.raises(UnreadableSeason, match=r"2016eve.zip: expected a zip of event files"):
        world.people_by_id()
