"""Every season in the data folder: every game of the event files against Retrosheet's own game logs.

The logs differ from the event files in three ways, all of the logs' making, and in no other:
they leave out the error when a batter reaches on a misplayed third strike (K+E2), the assist of a third
strike thrown to first when a runner advances on the same pitch (K23+WP), and they count a last half-inning
that the rain ended before its first play.
"""

import re

import pytest

from simulator.game_record import GameRecord
from simulator.retrosheet import RetrosheetWorld
from simulator.retrosheet.events import parse_event
from simulator.retrosheet.game_log import GameLog, read_game_log
from simulator.retrosheet.people import load_register
from simulator.retrosheet.season import load_season
from tests.data import DATA, list_data_files, needs_data
from tests.retrosheet_witness import differences, key_of, keyed

pytestmark = [pytest.mark.real, needs_data("mlb", "retrosheet")]
_OMITTED = {"errors": r"K\+E\d", "assists": r"K\d+\+"}


def _omitted(text: str, side: str, kind: str) -> int:
    """Count a club's credits of a kind on the plays where the logs leave them out."""
    batting = "1" if side == "away" else "0"
    plays = re.findall(rf"^play,\d+,{batting},.*,({_OMITTED[kind]}.*)$", text, re.MULTILINE)
    return sum(len(getattr(parse_event(play.strip()).credits, kind)) for play in plays)


def _is_explained(game: GameRecord, text: str, what: str, ours: object, theirs: object) -> bool:
    side, _, kind = what.partition(" ")
    if kind == "innings":
        return game.state == "Completed Early" and theirs == (*ours, 0)
    return kind in _OMITTED and ours - theirs == _omitted(text, side, kind)


def _unexplained(game: GameRecord, log: GameLog, text: str) -> list[tuple[str, object, object]]:
    return [found for found in differences(game, log) if not _is_explained(game, text, *found)]


def _people(game: GameRecord) -> list[int | None]:
    return [game.probable_away, game.probable_home, game.winner, game.loser, game.save]


def _logged_people(log: GameLog, ids: dict[str, int]) -> list[int | None]:
    decided = (log.winning_pitcher, log.losing_pitcher, log.saving_pitcher)
    return [ids.get(code) for code in (log.away_starter, log.home_starter, *decided)]


def _seasons() -> list[int]:
    files = list_data_files("mlb/retrosheet", "[0-9][0-9][0-9][0-9]eve.zip")
    return [int(path.name[:4]) if path.exists() else 0 for path in files]


@pytest.mark.parametrize("season", _seasons())
def test_season_agrees_with_the_game_log(season: int) -> None:
    register = load_register(DATA)
    ids = {code: person.id for code, person in register.items()}
    texts = {text[3:15]: text for text in load_season(DATA, season, register).games}
    logs = keyed(read_game_log(DATA, season))
    world = RetrosheetWorld(DATA, [season])
    for game in world.iter_games(season):
        log = logs.pop(key_of(game))
        assert (log.game_id, _unexplained(game, log, texts[log.game_id])) == (log.game_id, [])
        assert _people(game) == _logged_people(log, ids)
    assert len(logs) == len(world.unreadable_games(season))
