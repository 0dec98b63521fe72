"""The words of forecasts: statistics, reasons, and warnings."""

from shared.sports.mlb.targets import TARGETS, select_targets

# What clients call a statistic, by role, and the target that forecasts it.
BATTER_STATS = {target.stat: target.name for target in select_targets("batter")}
STARTER_STATS = {target.stat: target.name for target in select_targets("starter")}
STATS = tuple(dict.fromkeys([*BATTER_STATS, *STARTER_STATS]))

GAME_COMPONENT_LABELS = {
    "home_lineup": "the home club's batters",
    "away_lineup": "the visitors' batters",
    "home_starter": "the home club's starter",
    "away_starter": "the visitors' starter",
    "home_pen": "the home club's relievers",
    "away_pen": "the visitors' relievers",
    "home_catcher": "the home club's catcher",
    "away_catcher": "the visitors' catcher",
    "umpire": "the home-plate umpire",
    "park": "the park",
    "weather": "the weather",
    "platoon": "which hand the starters throw with, to these batters",
    "experience": "who has played longer in the majors",
}
PLAYER_COMPONENT_LABELS = {
    "own_batting": "their own batting and that of the batters around them",
    "recent_weeks": "the batters' last weeks",
    "opposing_starter": "the starter they face",
    "opposing_pen": "the relievers they face",
    "opposing_catcher": "the catcher behind the plate",
    "own_pitching": "their own pitching",
    "batters_faced": "how many batters they face",
    "recent_starts": "their last starts",
    "own_catcher": "their catcher",
    "opposing_lineup": "the batters they face",
    "pens": "both clubs' relievers",
    "umpire": "the home-plate umpire",
    "park": "the park",
    "weather": "the weather",
    "platoon": "who bats and who throws from which side",
}
GAME_BASELINE_LABEL = (
    "the home club's chance where batters, starters, relievers and park are the league's average"
)
PLAYER_BASELINE_LABEL = (
    "what is expected in their place where everybody and the park are the league's average"
)

STAT_UNITS = {target.stat: target.unit for target in TARGETS if target.stat}
STAT_ABBREVIATIONS = {target.stat: target.abbreviation or target.stat for target in TARGETS if target.stat}
TARGET_LABELS = {target.name: target.title for target in TARGETS}
_RETROSHEET = (
    "The information used here was obtained free of charge from and is copyrighted by Retrosheet. "
    "Interested parties may contact Retrosheet at 20 Sunset Rd., Newark, DE 19711."
)
_MLB = (
    "MLB Stats API and Statcast content is copyright MLB Advanced Media, L.P.: individual, non-commercial, "
    "non-bulk use only. Hank's Tank is not affiliated with MLB or any club."
)
NOTICES = (_RETROSHEET, _MLB)
