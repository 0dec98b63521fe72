-- Starting players of one role in finished games: what was known before, and what they did.
select
  f.game_pk,
  f.game_date,
  f.game_type,
  f.player_id,
  coalesce(g.completed_date, f.game_date) as known_date,
  f.hits,
  f.expected_hits,
  f.expected_plate_appearances,
  f.season_hit_rate,
  f.slot,
  f.expected_plate_appearances_vs_starter,
  f.hit_rate_vs_starter,
  f.hit_rate_vs_pen,
  f.recent_hit_rate,
  f.batter_strikeout_rate,
  f.log_experience,
  f.opponent_log_experience,
  f.has_platoon_advantage,
  f.is_home,
  f.park_runs,
  f.month,
  f.home_runs,
  f.expected_home_runs,
  f.season_home_run_rate,
  f.home_run_rate_vs_starter,
  f.home_run_rate_vs_pen,
  f.strikeouts,
  f.expected_strikeouts,
  f.starter_strikeout_rate,
  f.strikeout_rate_vs_lineup,
  f.expected_batters_faced,
  f.season_strikeout_rate,
  f.lineup_strikeout_rate,
  f.opponent_platoon_share,
  f.recent_starts,
  f.start_share,
  f.days_since_last_start
from mlb_features.player_features_daily as f
join mlb_historical_data.games_historical as g on g.game_pk = f.game_pk
where f.role = @role
  and f.game_date between @first and @as_of
  and g.game_date between @first and @as_of
  and coalesce(g.completed_date, f.game_date) <= @as_of
order by f.game_date, f.game_pk, f.player_id
