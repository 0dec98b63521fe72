-- What each day's states and rows are computed from: finished games by the day their result became known,
-- and by the day they were played where that is another.
select day, count(*) as games, sum(game_pk) as game_pks, sum(unix_micros(collected_at)) as collected
from (
  select completed_date as day, game_pk, collected_at
  from mlb_historical_data.games_historical
  where status = 'Final' and completed_date is not null and home_score is not null and away_score is not null
    and game_type in unnest(@game_types)
  union all
  select game_date as day, game_pk, collected_at
  from mlb_historical_data.games_historical
  where status = 'Final' and completed_date is not null and home_score is not null and away_score is not null
    and game_type in unnest(@game_types) and game_date <> completed_date
) as finished
group by day
order by day
