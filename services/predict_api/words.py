"""The words in which forecasts are told: statistics, reasons, and what to be wary of."""

# What clients call a statistic, by role, and the target that forecasts it.
BATTER_STATS = {
    "hits": "batter_hits",
    "home_runs": "batter_home_runs",
    "rbis": "batter_rbis",
    "total_bases": "batter_total_bases",
    "strikeouts": "batter_strikeouts",
    "walks": "batter_walks",
}
STARTER_STATS = {"strikeouts": "pitcher_strikeouts", "outs": "pitcher_outs"}
STATS = tuple(dict.fromkeys([*BATTER_STATS, *STARTER_STATS]))

GAME_REASONS = {
    "home_lineup": "the home club's batters, against average ones",
    "away_lineup": "the visitors' batters, against average ones",
    "home_starter": "the home club's starter, against an average one",
    "away_starter": "the visitors' starter, against an average one",
    "home_pen": "the home club's relievers, against average ones",
    "away_pen": "the visitors' relievers, against average ones",
    "park": "the park, against a neutral one",
}
PLAYER_REASONS = {
    "his_bat": "his own batting, against an average batter's",
    "opposing_starter": "the starter he faces, against an average one",
    "opposing_pen": "the relievers he faces, against average ones",
    "his_arm": "his own pitching, against an average starter's",
    "how_long_he_lasts": "how many batters he faces, against an average starter",
    "opposing_lineup": "the batters he faces, against average ones",
    "park": "the park, against a neutral one",
}
