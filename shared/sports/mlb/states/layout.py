"""Which numbers an entity's state holds, and how fast each is forgotten. Half-lives in days."""

from shared.sports.mlb.states.column import (
    COMPONENTS,
    SIDES,
    TRIALS,
    Column,
    Layout,
    decayed,
    of_the_day,
    platoon,
    platoon_of_the_day,
    season,
    sums,
)

__all__ = ["COMPONENTS", "SIDES", "TRIALS", "Column", "Layout"]

SLOTS = range(1, 10)
SLOT_TURNS = tuple(f"slot_{slot}_plate_appearances" for slot in SLOTS)
SLOT_START_TURNS = tuple(f"slot_{slot}_start_plate_appearances" for slot in SLOTS)
SLOT_STARTS = tuple(f"slot_{slot}_starts" for slot in SLOTS)

# Tuned on 2012-2016: the optimum is flat, too little shrinkage hurts more than too much.
BATTER_HALF_LIFE = {"strikeout": 300, "walk": 300, "home_run": 500, "single": 800, "extra_base": 800}
PITCHER_HALF_LIFE = {"strikeout": 150, "walk": 500, "home_run": 800, "single": 800, "extra_base": 500}
PEN_HALF_LIFE = 200
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
LATELY_HALF_LIFE = 7  # ten games or so
PARK_YEAR_HALF_LIFE = 150
CALLED = ("strikeout", "walk")  # components that catchers and umpires move
CELLS = "the league's cells"


BATTER = Layout(
    "batter_states",
    "batter_id",
    (
        *platoon(BATTER_HALF_LIFE, "pitchers"),
        *decayed(
            RECENT_HALF_LIFE,
            recent_plate_appearances="plate appearances",
            recent_strikeouts="strikeouts",
            recent_hits="hits",
            recent_home_runs="home runs",
        ),
        *decayed(
            WORKLOAD_HALF_LIFE,
            starts="games in the starting nine",
            start_plate_appearances="plate appearances in games he started",
        ),
        *season(
            plate_appearances="plate appearances",
            at_bats="at bats",
            hits="hits",
            home_runs="home runs",
            strikeouts="strikeouts",
            walks="walks and hit by pitch",
            runs_batted_in="runs batted in",
        ),
        Column("career_plate_appearances", "plate appearances since the first game known"),
        Column("postseason_plate_appearances", "plate appearances in postseasons since the first game known"),
        *platoon_of_the_day("pitchers"),
    ),
)
PITCHER = Layout(
    "pitcher_states",
    "pitcher_id",
    (
        *platoon(PITCHER_HALF_LIFE, "batters"),
        *decayed(
            WORKLOAD_HALF_LIFE,
            appearances="games pitched",
            starts="games started",
            start_batters_faced="batters faced in starts",
            start_outs="outs of the batters faced in starts",
            start_pitches="pitches in starts",
        ),
        *decayed(
            RECENT_STARTS_HALF_LIFE,
            recent_starts="games started",
            recent_start_batters_faced="batters faced in starts",
            recent_start_strikeouts="strikeouts in starts",
            recent_start_pitches="pitches in starts",
        ),
        *season(
            starts="games started",
            batters_faced="batters faced",
            strikeouts="strikeouts",
            walks="walks and hit batsmen",
            home_runs="home runs allowed",
            hits="hits allowed",
        ),
        Column("career_batters_faced", "batters faced since the first game known"),
        Column("last_start_day", "days from 1970-01-01 to his last start; 0: none known"),
        *platoon_of_the_day("batters"),
    ),
)
CLUB = Layout(
    "club_states",
    "team_id",
    (
        Column(
            "elo", "Elo-like rating above the average club's 1500; a new season keeps two thirds", kept=2 / 3
        ),
        *decayed(
            CLUB_HALF_LIFE,
            games="games",
            wins="wins",
            runs_for="runs scored",
            runs_against="runs allowed",
        ),
        *decayed(FATIGUE_HALF_LIFE, pen_batters_faced="batters faced by relievers"),
        *decayed(LATELY_HALF_LIFE, lately_games="games", lately_wins="wins"),
        *decayed(RECENT_HALF_LIFE, recent_plate_appearances="plate appearances of its batters"),
        *season(
            games="games",
            wins="wins",
            runs_for="runs scored",
            runs_against="runs allowed",
            opponent_elo="opponents' ratings before the game",
        ),
        Column("streak", "wins in a row, below 0 losses, season to date", kept=0.0),
        Column("last_latitude", "where it last played, degrees north; 0: not known"),
        Column("last_longitude", "where it last played, degrees east; 0: not known"),
        *sums(COMPONENTS, "_pen", "by its relievers", PEN_HALF_LIFE, f"{CELLS}, the park and the batters"),
        *sums(COMPONENTS, "_road", "in its road games", PARK_HALF_LIFE, CELLS),
        *of_the_day(COMPONENTS, "_pen", "by its relievers"),
    ),
)
PARK = Layout(
    "park_states",
    "venue_id",
    (
        *sums(COMPONENTS, "_here", "in this park", PARK_HALF_LIFE, CELLS),
        *decayed(PARK_HALF_LIFE, games="games", runs="runs of both clubs"),
        *sums(COMPONENTS, "_here_lately", "in this park", PARK_YEAR_HALF_LIFE, CELLS),
    ),
)


def _behind_the_plate(table: str, key: str, half_life: int, where: str) -> Layout:
    """Return the state of one who calls for or calls strikes: what is left once everybody else is known."""
    return Layout(
        table,
        key,
        (
            *sums(CALLED, "_called", where, half_life, f"{CELLS}, the park and everybody else"),
            *of_the_day(CALLED, "_called", where),
        ),
    )


CATCHER = _behind_the_plate(
    "catcher_states", "catcher_id", CATCHER_HALF_LIFE, "in games he begins behind the plate"
)
UMPIRE = _behind_the_plate(
    "umpire_states", "umpire_id", UMPIRE_HALF_LIFE, "in games he calls from behind the plate"
)


def _cells() -> tuple[Column, ...]:
    places = {
        f"_{kind}_{bats}_vs_{throws}": f"of {kind}s at bat from the {bats} against {throws}-handed pitchers"
        for kind in ("batter", "pitcher")
        for bats in SIDES
        for throws in SIDES
    }
    every = (c for place in places.items() for c in sums(COMPONENTS, *place, CELL_HALF_LIFE, CELLS))
    return tuple(column for column in every if "_expected" not in column.name)


LEAGUE = Layout(
    "league_states",
    "sport_id",
    (
        *_cells(),
        *decayed(
            LEAGUE_HALF_LIFE,
            club_games="games, counted once for each club",
            runs="runs",
            starts="games started by a pitcher",
            start_batters_faced="batters faced by starters",
        ),
        *decayed(
            LEAGUE_HALF_LIFE,
            **{
                name: f"plate appearances of slot {slot}"
                for slot, name in zip(SLOTS, SLOT_TURNS, strict=True)
            },
        ),
        *decayed(
            LEAGUE_HALF_LIFE,
            **{
                name: f"plate appearances of slot {slot}'s starter, pitchers aside"
                for slot, name in zip(SLOTS, SLOT_START_TURNS, strict=True)
            },
        ),
        *decayed(
            LEAGUE_HALF_LIFE,
            **{
                name: f"games of slot {slot}'s starter, pitchers aside"
                for slot, name in zip(SLOTS, SLOT_STARTS, strict=True)
            },
        ),
        *decayed(
            LEAGUE_HALF_LIFE,
            pitcher_slot_starts="games of starting pitchers in the batting order",
            pitcher_slot_plate_appearances="plate appearances of starting pitchers in the batting order",
        ),
        *decayed(
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
    season(
        games="games of the two clubs",
        wins="wins of the club with the lower number",
        run_difference="runs of the club with the lower number minus the other's",
    ),
)
LAYOUTS = (BATTER, PITCHER, CLUB, PARK, CATCHER, UMPIRE, SERIES, LEAGUE)
