-- The games of a range of days: how each one ended, and how many rows are stored of it. `in_time` is whether
-- a forecast of it was made before it began.
with clubs as (
  select game_pk, count(*) as n
  from mlb_historical_data.team_stats_historical
  where game_date between @first and @last
  group by game_pk
),
players as (
  select game_pk, count(*) as n
  from mlb_historical_data.player_stats_historical
  where game_date between @first and @last
  group by game_pk
),
plays as (
  select game_pk, count(*) as n
  from mlb_historical_data.plate_appearances
  where game_date between @first and @last
  group by game_pk
),
pitches as (
  select game_pk, count(*) as n
  from mlb_historical_data.statcast_pitches
  where game_date between @first and @last
  group by game_pk
),
made as (
  select game_pk, min(made_at) as first_made_at
  from mlb_predictions.forecasts
  where game_date between @first and @last and not is_challenger
  group by game_pk
)
select
  g.game_pk,
  g.game_date,
  g.completed_date,
  g.game_type,
  g.status,
  coalesce(g.detailed_state like 'Postponed%' or g.detailed_state like 'Cancelled%', false) as is_called_off,
  g.scheduled_start,
  coalesce(json_value(g.extra, '$.plays_expected') <> 'false', true) as plays_expected,
  coalesce(c.n, 0) as clubs,
  coalesce(p.n, 0) as players,
  coalesce(a.n, 0) as plays,
  coalesce(s.n, 0) as pitches,
  coalesce(m.first_made_at < g.scheduled_start, false) as in_time
from mlb_historical_data.games_historical as g
left join clubs as c on c.game_pk = g.game_pk
left join players as p on p.game_pk = g.game_pk
left join plays as a on a.game_pk = g.game_pk
left join pitches as s on s.game_pk = g.game_pk
left join made as m on m.game_pk = g.game_pk
where g.game_date between @first and @last
order by g.game_date, g.game_pk
