"""The query for players' last games, generated from the target records."""

from collections.abc import Sequence
from pathlib import Path

from shared.modeling.target import Rows, Target
from shared.sports.mlb.targets import TARGETS
from shared.storage.sql_template import fill_template

_TOOK_PART: dict[Rows, str] = {"batter": "l.plate_appearances > 0", "starter": "l.pitching > 0"}
_TEMPLATE = (Path(__file__).parents[1] / "sql" / "recent_games.sql").read_text()


def recent_games_query(targets: Sequence[Target] = TARGETS) -> str:
    """Return the SQL that takes `as_of` and returns a row per player and game.

    Its columns are player_id, game_pk, game_date and opponent_id, and for every target of players <target>,
    what they did, and expected_<target>, the mean that was forecast.
    """
    of_players = [target for target in targets if target.rows != "game"]
    outcomes = [f"if({_TOOK_PART[one.rows]}, l.{one.outcome}, null) as {one.name}" for one in of_players]
    means = [f"avg(if(target = '{one.name}', mean, null)) as expected_{one.name}" for one in of_players]
    columns = dict.fromkeys(one.outcome for one in of_players)
    return fill_template(
        _TEMPLATE,
        outcomes=",\n  ".join(outcomes),
        expected=",\n  ".join(f"f.expected_{one.name}" for one in of_players),
        sums=",\n      ".join(f"sum({column}) as {column}" for column in columns),
        means=",\n    ".join(means),
    )
