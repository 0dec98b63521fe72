-- Each day of a range with finished games: when the newest of them was collected, and the time of its features.
select f.day, max(f.collected_at) as collected_at, max(s.collected_at) as built_at
from (
  select completed_date as day, collected_at
  from mlb_historical_data.games_historical
  where status = 'Final' and completed_date is not null and home_score is not null and away_score is not null
    and game_type in unnest(@game_types) and completed_date >= @first
  union all
  select game_date as day, collected_at
  from mlb_historical_data.games_historical
  where status = 'Final' and completed_date is not null and home_score is not null and away_score is not null
    and game_type in unnest(@game_types) and game_date <> completed_date and game_date >= @first
) as f
left join mlb_features.league_states as s on s.as_of = f.day
group by f.day
order by f.day
