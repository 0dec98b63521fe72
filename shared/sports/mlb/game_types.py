"""Types of games by MLB's codes: S spring, E exhibition, R regular season, A all-star, F D L W postseason."""

POSTSEASON = ("F", "D", "L", "W")
COUNTED = ("R", *POSTSEASON)  # those that players' and clubs' states are made of
FORECAST = ("S", *COUNTED)  # those that features and forecasts are made of
COLLECTED = ("E", "A", *FORECAST)
WITHOUT_PITCHES = ("S", "E", "A")  # those that have no pitch data
WITHOUT_PLAYS = ("S", "E")  # those of which some games have no play-by-play
