"""The tables of a snapshot of baseball, and the states in them."""

from shared.sports.mlb.states import LAYOUTS, States
from shared.storage.snapshot import Snapshot

TABLES = (
    *(layout.table for layout in LAYOUTS),  # the latest row of every entity, as of the day's end
    "schedule",  # games not yet final, those called off too: columns of games_historical
    "lineups",  # posted line-ups of those games: columns of lineups_historical
    "recent_lineups",  # every club's projected nine: team_id, player_id, batting_slot, position, in_place_of
    "people",
    "clubs",  # teams_historical of the latest season
    "venues",
    "track_record",  # graded forecasts by target, model_version, is_challenger and month
    "reliability",  # forecast and outcome, by target and tenth of its forecasts
    "recent_games",  # the last ten games of each player: outcome and expectation, by target
)


def read_states(snapshot: Snapshot) -> States:
    """Return the sums of every entity as of the end of `snapshot.as_of`, ready for `matchup`."""
    return States.from_tables(snapshot.as_of, snapshot.tables)
