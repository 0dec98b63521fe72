-- Finished games with their model rows: what was known before, and what happened.
select
  f.game_pk,
  f.game_date,
  f.game_type,
  coalesce(g.completed_date, f.game_date) as known_date,
  {columns}
from mlb_features.game_features_daily as f
join mlb_historical_data.games_historical as g on g.game_pk = f.game_pk
where f.variant = @variant
  and f.game_date between @first and @as_of
  and g.game_date between @first and @as_of
  and coalesce(g.completed_date, f.game_date) <= @as_of
order by f.game_date, f.game_pk
