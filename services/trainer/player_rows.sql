-- Starting players of one role in finished games: what was known before, and what they did.
select
  f.game_pk,
  f.game_date,
  f.game_type,
  f.player_id,
  coalesce(g.completed_date, f.game_date) as known_date,
  {columns}
from mlb_features.player_features_daily as f
join mlb_historical_data.games_historical as g on g.game_pk = f.game_pk
where f.role = @role
  and f.variant = @variant
  and f.game_date between @first and @as_of
  and g.game_date between @first and @as_of
  and coalesce(g.completed_date, f.game_date) <= @as_of
order by f.game_date, f.game_pk, f.player_id
