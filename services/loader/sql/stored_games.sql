-- The stored version of each game, and its date.
select game_pk, game_date, collected_at
from mlb_historical_data.games_historical
where game_pk in unnest(@games)
order by game_pk
