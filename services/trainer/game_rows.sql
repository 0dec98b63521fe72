-- Finished games with their model rows: what was known before, and what happened.
select
  f.game_pk,
  f.game_date,
  f.game_type,
  coalesce(g.completed_date, f.game_date) as known_date,
  f.home_win,
  f.margin_home_win,
  f.starter_experience_difference,
  f.lineup_experience_difference,
  f.expected_run_difference,
  f.home_score,
  f.home_expected_runs,
  f.home_runs_for,
  f.away_runs_against,
  f.home_lineup_log_experience,
  f.away_starter_log_experience,
  f.away_pen_fatigue,
  f.park_runs,
  f.month,
  f.away_score,
  f.away_expected_runs,
  f.away_runs_for,
  f.home_runs_against,
  f.away_lineup_log_experience,
  f.home_starter_log_experience,
  f.home_pen_fatigue,
  f.temperature,
  f.wind_out
from mlb_features.game_features_daily as f
join mlb_historical_data.games_historical as g on g.game_pk = f.game_pk
where f.game_date between @first and @as_of
  and g.game_date between @first and @as_of
  and coalesce(g.completed_date, f.game_date) <= @as_of
order by f.game_date, f.game_pk
