"""All seasons 2010–2016: every game of the event files against Retrosheet's own game logs.

The logs differ from the event files in three ways, all of the logs' making, and in no other:
they leave out the error when a batter reaches on a misplayed third strike (K+E2), the assist of a third
strike thrown to first when a runner advances on the same pitch (K23+WP), and they count a last half-inning
that the rain ended before its first play.
"""

import re

import pytest

from hankstank.standins.retrosheet import RetrosheetWorld
from hankstank.standins.retrosheet.events import read_event
from hankstank.standins.retrosheet.game_log import GameLog, read_game_log
from hankstank.standins.retrosheet.people import read_register
from hankstank.standins.retrosheet.season import read_season
from hankstank.standins.scorebook import Game
from tests.data import DATA, needs_data
from tests.retrosheet_witness import differences, key_of, keyed

pytestmark = [pytest.mark.real, needs_data("mlb", "retrosheet")]
SEASONS = range(2010, 2017)
_OMITTED = {"errors": r"K\+E\d", "assists": r"K\d+\+"}


def _omitted(text: str, side: str, kind: str) -> int:
    """Count a club's credits of a kind on the plays where the logs leave them out."""
    batting = "1" if side == "away" else "0"
    plays = re.findall(rf"^play,\d+,{batting},.*,({_OMITTED[kind]}.*)$", text, re.MULTILINE)
    return sum(len(getattr(read_event(play.strip()).credits, kind)) for play in plays)


def _is_explained(game: Game, text: str, what: str, ours: object, theirs: object) -> bool:
    side, _, kind = what.partition(" ")
    if kind == "innings":
        return game.state == "Completed Early" and theirs == (*ours, 0)
    return kind in _OMITTED and ours - theirs == _omitted(text, side, kind)


def _unexplained(game: Game, log: GameLog, text: str) -> list[tuple[object, ...]]:
    return [
        (log.game_id, *found) for found in differences(game, log) if not _is_explained(game, text, *found)
    ]


@pytest.mark.parametrize("season", SEASONS)
def test_season_agrees_with_the_game_log(season: int) -> None:
    logs = keyed(read_game_log(DATA, season))
    texts = {text[3:15]: text for text in read_season(DATA, season, {}).games}
    for game in RetrosheetWorld(DATA, [season]).games(season):
        log = logs.pop(key_of(game))
        assert _unexplained(game, log, texts[log.game_id]) == []
    assert logs == {}


@pytest.mark.parametrize("season", SEASONS)
def test_starters_and_decisions_agree_with_the_game_log(season: int) -> None:
    logs = keyed(read_game_log(DATA, season))
    ids = {code: person.id for code, person in read_register(DATA).items()}
    for game in RetrosheetWorld(DATA, [season]).games(season):
        log = logs[key_of(game)]
        assert (game.probable_away, game.probable_home) == (ids[log.away_starter], ids[log.home_starter])
        decided = [ids.get(code) for code in (log.winning_pitcher, log.losing_pitcher, log.saving_pitcher)]
        assert [game.winner, game.loser, game.save] == decided
