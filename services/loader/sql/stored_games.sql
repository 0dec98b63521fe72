-- Which version of each game stands, and on which date.
select game_pk, game_date, collected_at
from mlb_historical_data.games_historical
where game_pk in unnest(@games)
order by game_pk
