-- One row per stored game with a date in a range of days: its rows in other tables, and the strikeouts of its
-- starters, in their lines and in its plays.
with appearances as (
  select game_pk, count(*) as n
  from mlb_historical_data.plate_appearances
  where game_date between @first and @last and is_plate_appearance
  group by game_pk
),
pitches as (
  select game_pk, count(*) as n
  from mlb_historical_data.statcast_pitches
  where game_date between @first and @last
  group by game_pk
),
lineups as (
  select game_pk, count(*) as n
  from mlb_historical_data.lineups_historical
  where game_date between @first and @last and batting_slot between 1 and 9 and sequence = 0
  group by game_pk
),
strikeouts as (
  select game_pk, pitcher_id, count(*) as n
  from mlb_historical_data.plate_appearances
  where game_date between @first and @last and outcome = 'strikeout'
  group by game_pk, pitcher_id
),
starters as (
  select
    p.game_pk,
    count(*) as n,
    sum(case when p.strikeouts_pitched = coalesce(k.n, 0) then 1 else 0 end) as agreeing
  from mlb_historical_data.player_stats_historical as p
  left join strikeouts as k on k.game_pk = p.game_pk and k.pitcher_id = p.player_id
  where p.game_date between @first and @last and p.is_starting_pitcher
  group by p.game_pk
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
  g.original_date,
  g.game_type,
  g.status,
  g.detailed_state,
  g.home_team_id,
  g.home_score,
  g.away_score,
  g.line_score,
  coalesce(a.n, 0) as plate_appearances,
  coalesce(p.n, 0) as pitches,
  coalesce(l.n, 0) as lineup_slots,
  coalesce(s.n, 0) as starts,
  coalesce(s.agreeing, 0) as starts_agreeing,
  coalesce(b.n, 0) as players
from mlb_historical_data.games_historical as g
left join appearances as a on a.game_pk = g.game_pk
left join pitches as p on p.game_pk = g.game_pk
left join lineups as l on l.game_pk = g.game_pk
left join starters as s on s.game_pk = g.game_pk
left join players as b on b.game_pk = g.game_pk
where g.game_date between @first and @last
order by g.game_date, g.game_pk
