-- One row per stored game with a date, or a day of completion, in a range of days, and whether it is
-- incomplete. Postponed and cancelled games are complete until they are listed again.
with appearances as (
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
players as (
  select game_pk, count(*) as n
  from mlb_historical_data.player_stats_historical
  where game_date between @first and @last
  group by game_pk
)
select
  g.game_pk,
  g.game_date,
  g.status,
  g.collected_at,
  json_value(g.extra, '$.rows_sha256') as rows_sha256,
  coalesce(a.n, 0) as appearances,
  coalesce(p.n, 0) as pitches,
  coalesce(b.n, 0) as players,
  coalesce(json_value(g.extra, '$.plays_expected') <> 'false', true) as plays_expected,
  not coalesce(g.detailed_state like 'Postponed%' or g.detailed_state like 'Cancelled%', false) and (
    g.home_team_id is null
    or g.away_team_id is null
    or g.home_score is null
    or g.away_score is null
    or (g.status <> 'Final' and g.updated_at < @stale_before)
    or (
      g.status = 'Final'
      and g.game_date >= @first
      and coalesce(json_value(g.extra, '$.plays_expected') <> 'false', true)
      and (
        coalesce(a.n, 0) = 0
        or coalesce(b.n, 0) = 0
        or (coalesce(p.n, 0) = 0 and g.game_type not in ('S', 'E', 'A'))
      )
    )
  ) as incomplete
from mlb_historical_data.games_historical as g
left join appearances as a on a.game_pk = g.game_pk
left join pitches as p on p.game_pk = g.game_pk
left join players as b on b.game_pk = g.game_pk
where g.game_date between @first and @last or g.completed_date between @first and @last
order by g.game_date, g.game_pk
