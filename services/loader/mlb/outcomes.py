"""The query that finds what happened to every forecast, generated from the target records."""

from collections.abc import Sequence
from pathlib import Path

from shared.modeling.target import Rows, Target
from shared.sports.mlb.targets import TARGETS
from shared.storage.sql_template import fill_template

# A player's forecast is scored only if they took part: `plate_appearances` and `pitching` of their box score.
_TOOK_PART: dict[Rows, str] = {"batter": "l.plate_appearances > 0", "starter": "l.pitching > 0"}
_TEMPLATE = (Path(__file__).parents[1] / "sql" / "outcomes.sql").read_text()


def outcomes_query(targets: Sequence[Target] = TARGETS) -> str:
    """Return the SQL that takes `dates` and returns one row per forecast, `actual` null where it is void."""
    columns = dict.fromkeys(target.outcome for target in targets if target.rows != "game")
    sums = [f"sum(s.{column}) as {column}" for column in columns]
    return fill_template(
        _TEMPLATE, sums=",\n    ".join(sums), cases="\n    ".join(map(_outcome_case, targets))
    )


def _outcome_case(target: Target) -> str:
    if target.rows == "game":
        return f"when f.target = '{target.name}' then {target.outcome}"
    return f"when f.target = '{target.name}' and {_TOOK_PART[target.rows]} then l.{target.outcome}"
