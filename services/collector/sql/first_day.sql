-- The first day of a season with a game stored as played to its end.
select min(game_date) as first
from mlb_historical_data.games_historical
where season = @season and status = 'Final' and game_date <= @last
