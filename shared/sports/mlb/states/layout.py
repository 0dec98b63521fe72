"""Which numbers an entity's state holds, and how fast each is forgotten. Half-lives in days."""

from shared.sports.mlb.states.column import (
    COMPONENTS,
    SIDES,
    TRIALS,
    Component,
    Layout,
    StateColumn,
    Tally,
    component_columns,
    decayed_columns,
    platoon_columns,
    platoon_same_day_expected,
    same_day_expected,
    season_columns,
)

__all__ = ["COMPONENTS", "SIDES", "TRIALS", "Component", "Layout", "StateColumn", "Tally"]

SLOTS = range(1, 10)
SLOT_PLATE_APPEARANCES = tuple(f"slot_{slot}_plate_appearances" for slot in SLOTS)
SLOT_START_PLATE_APPEARANCES = tuple(f"slot_{slot}_start_plate_appearances" for slot in SLOTS)
SLOT_STARTS = tuple(f"slot_{slot}_starts" for slot in SLOTS)

# Tuned on 2012-2016: the optimum is flat, too little shrinkage hurts more than too much.
BATTER_HALF_LIFE = {"strikeout": 300, "walk": 300, "home_run": 500, "single": 800, "extra_base": 800}
PITCHER_HALF_LIFE = {"strikeout": 150, "walk": 500, "home_run": 800, "single": 800, "extra_base": 500}
BULLPEN_HALF_LIFE = 200
PARK_HALF_LIFE = 1000
CATCHER_HALF_LIFE = 500
UMPIRE_HALF_LIFE = 800
LEAGUE_HALF_LIFE = 300
# The ball and the weather change how far it flies from month to month, the rest changes over years.
CELL_HALF_LIFE = dict.fromkeys(COMPONENTS, LEAGUE_HALF_LIFE) | {"home_run": 100}
WORKLOAD_HALF_LIFE = 150
RECENT_STARTS_HALF_LIFE = 40
RECENT_HALF_LIFE = 30
CLUB_HALF_LIFE = 60
FATIGUE_HALF_LIFE = 2
FORM_HALF_LIFE = 7  # ten games or so
PARK_YEAR_HALF_LIFE = 150
CATCHER_UMPIRE_COMPONENTS = ("strikeout", "walk")  # components that catchers and umpires move
CELLS = "the league's cells"


BATTER = Layout(
    "batter_states",
    "batter_id",
    (
        *platoon_columns(BATTER_HALF_LIFE, "pitchers"),
        *decayed_columns(
            RECENT_HALF_LIFE,
            recent_plate_appearances="plate appearances",
            recent_strikeouts="strikeouts",
            recent_hits="hits",
            recent_home_runs="home runs",
        ),
        *decayed_columns(
            WORKLOAD_HALF_LIFE,
            starts="games in the starting nine",
            start_plate_appearances="plate appearances in games they started",
        ),
        *season_columns(
            plate_appearances="plate appearances",
            at_bats="at bats",
            hits="hits",
            home_runs="home runs",
            strikeouts="strikeouts",
            walks="walks and hit by pitch",
            runs_batted_in="runs batted in",
        ),
        StateColumn("career_plate_appearances", "plate appearances since the first game known"),
        StateColumn(
            "postseason_plate_appearances", "plate appearances in postseasons since the first game known"
        ),
        *platoon_same_day_expected("pitchers"),
    ),
)
PITCHER = Layout(
    "pitcher_states",
    "pitcher_id",
    (
        *platoon_columns(PITCHER_HALF_LIFE, "batters"),
        *decayed_columns(
            WORKLOAD_HALF_LIFE,
            appearances="games pitched",
            starts="games started",
            start_batters_faced="batters faced in starts",
            start_outs="outs of the batters faced in starts",
            start_pitches="pitches in starts",
        ),
        *decayed_columns(
            RECENT_STARTS_HALF_LIFE,
            recent_starts="games started",
            recent_start_batters_faced="batters faced in starts",
            recent_start_strikeouts="strikeouts in starts",
            recent_start_pitches="pitches in starts",
        ),
        *season_columns(
            starts="games started",
            batters_faced="batters faced",
            strikeouts="strikeouts",
            walks="walks and hit batsmen",
            home_runs="home runs allowed",
            hits="hits allowed",
        ),
        StateColumn("career_batters_faced", "batters faced since the first game known"),
        StateColumn("last_start_day", "days from 1970-01-01 to their last start; 0: none known"),
        *platoon_same_day_expected("batters"),
    ),
)
CLUB = Layout(
    "club_states",
    "team_id",
    (
        StateColumn(
            "elo",
            "Elo-like rating above the average club's 1500; a new season keeps two thirds",
            season_carryover=2 / 3,
        ),
        *decayed_columns(
            CLUB_HALF_LIFE,
            games="games",
            wins="wins",
            runs_for="runs scored",
            runs_against="runs allowed",
        ),
        *decayed_columns(FATIGUE_HALF_LIFE, bullpen_batters_faced="batters faced by relievers"),
        *decayed_columns(FORM_HALF_LIFE, recent_games="games", recent_wins="wins"),
        *decayed_columns(RECENT_HALF_LIFE, recent_plate_appearances="plate appearances of its batters"),
        *season_columns(
            games="games",
            wins="wins",
            runs_for="runs scored",
            runs_against="runs allowed",
            opponent_elo="opponents' ratings before the game",
        ),
        StateColumn("streak", "wins in a row, below 0 losses, season to date", season_carryover=0.0),
        StateColumn("last_latitude", "where it last played, degrees north; null: unknown", is_nullable=True),
        StateColumn("last_longitude", "where it last played, degrees east; null: unknown", is_nullable=True),
        *component_columns(
            COMPONENTS, "_pen", "by its relievers", BULLPEN_HALF_LIFE, f"{CELLS}, the park and the batters"
        ),
        *component_columns(COMPONENTS, "_road", "in its road games", PARK_HALF_LIFE, CELLS),
        *same_day_expected(COMPONENTS, "_pen", "by its relievers"),
    ),
)
PARK = Layout(
    "park_states",
    "venue_id",
    (
        *component_columns(COMPONENTS, "_here", "in this park", PARK_HALF_LIFE, CELLS),
        *decayed_columns(PARK_HALF_LIFE, games="games", runs="runs of both clubs"),
        *component_columns(COMPONENTS, "_here_lately", "in this park", PARK_YEAR_HALF_LIFE, CELLS),
    ),
)


def _catcher_umpire_layout(table: str, key: str, half_life: int, where: str) -> Layout:
    """Return the state of one who calls for or calls strikes: what is left once everybody else is known."""
    return Layout(
        table,
        key,
        (
            *component_columns(
                CATCHER_UMPIRE_COMPONENTS,
                "_called",
                where,
                half_life,
                f"{CELLS}, the park and everybody else",
            ),
            *same_day_expected(CATCHER_UMPIRE_COMPONENTS, "_called", where),
        ),
    )


CATCHER = _catcher_umpire_layout(
    "catcher_states", "catcher_id", CATCHER_HALF_LIFE, "in games they begin behind the plate"
)
UMPIRE = _catcher_umpire_layout(
    "umpire_states", "umpire_id", UMPIRE_HALF_LIFE, "in games they call from behind the plate"
)


def _league_cell_columns() -> tuple[StateColumn, ...]:
    places = {
        f"_{kind}_{bats}_vs_{throws}": f"of {kind}s at bat from the {bats} against {throws}-handed pitchers"
        for kind in ("batter", "pitcher")
        for bats in SIDES
        for throws in SIDES
    }
    every = (
        c for place in places.items() for c in component_columns(COMPONENTS, *place, CELL_HALF_LIFE, CELLS)
    )
    return tuple(column for column in every if "_expected" not in column.name)


LEAGUE = Layout(
    "league_states",
    "sport_id",
    (
        *_league_cell_columns(),
        *decayed_columns(
            LEAGUE_HALF_LIFE,
            club_games="games, counted once for each club",
            runs="runs",
            starts="games started by a pitcher",
            start_batters_faced="batters faced by starters",
        ),
        *decayed_columns(
            LEAGUE_HALF_LIFE,
            **{
                name: f"plate appearances of slot {slot}"
                for slot, name in zip(SLOTS, SLOT_PLATE_APPEARANCES, strict=True)
            },
        ),
        *decayed_columns(
            LEAGUE_HALF_LIFE,
            **{
                name: f"plate appearances of slot {slot}'s starter, pitchers aside"
                for slot, name in zip(SLOTS, SLOT_START_PLATE_APPEARANCES, strict=True)
            },
        ),
        *decayed_columns(
            LEAGUE_HALF_LIFE,
            **{
                name: f"games of slot {slot}'s starter, pitchers aside"
                for slot, name in zip(SLOTS, SLOT_STARTS, strict=True)
            },
        ),
        *decayed_columns(
            LEAGUE_HALF_LIFE,
            pitcher_slot_starts="games of starting pitchers in the batting order",
            pitcher_slot_plate_appearances="plate appearances of starting pitchers in the batting order",
        ),
        *decayed_columns(
            LEAGUE_HALF_LIFE,
            start_strikeout_shift="strikeout log-odds of starters beyond the expected, added over starts",
            start_strikeout_shift_squared="their squares",
            turn_home_run_shift="home run log-odds of batters beyond the expected, added over appearances",
            turn_home_run_shift_squared="their squares",
            turns="plate appearances",
        ),
    ),
)
SERIES = Layout(
    "series_states",
    "pair_id",
    season_columns(
        games="games of the two clubs",
        wins="wins of the club with the lower number",
        run_difference="runs of the club with the lower number minus the other's",
    ),
)
LAYOUTS = (BATTER, PITCHER, CLUB, PARK, CATCHER, UMPIRE, SERIES, LEAGUE)
