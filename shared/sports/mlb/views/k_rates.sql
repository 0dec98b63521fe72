-- Strikeouts and walks per plate appearance of every batter and pitcher in a regular season, in all and by the hand
-- or side of the other. The date is before any game: it satisfies the partition filter and leaves none out.
with appearances as (
  select p.season, p.game_pk, g.scheduled_start, p.batter_id, p.pitcher_id, p.batting_team_id, p.fielding_team_id,
    p.bat_side, p.pitch_hand, p.outcome
  from mlb_historical_data.plate_appearances as p
  join mlb_historical_data.games_historical as g on g.game_pk = p.game_pk
  where p.game_date >= '1871-01-01' and p.is_plate_appearance and p.game_type = 'R' and g.status = 'Final'
),
both_roles as (
  select season, game_pk, scheduled_start, outcome,
    'batter' as role, batter_id as player_id, batting_team_id as team_id, pitch_hand as versus
  from appearances
  union all
  select season, game_pk, scheduled_start, outcome,
    'pitcher' as role, pitcher_id as player_id, fielding_team_id as team_id, bat_side as versus
  from appearances
),
counts as (
  select season, role, player_id, count(distinct game_pk) as games,
    count(*) as plate_appearances,
    countif(outcome = 'strikeout') as strikeouts,
    countif(outcome = 'walk') as walks,
    countif(versus = 'L') as plate_appearances_vs_left,
    countif(versus = 'L' and outcome = 'strikeout') as strikeouts_vs_left,
    countif(versus = 'L' and outcome = 'walk') as walks_vs_left,
    countif(versus = 'R') as plate_appearances_vs_right,
    countif(versus = 'R' and outcome = 'strikeout') as strikeouts_vs_right,
    countif(versus = 'R' and outcome = 'walk') as walks_vs_right
  from both_roles
  group by season, role, player_id
),
-- By the scheduled start: somebody traded at noon may play for both clubs on one day.
last_clubs as (
  select season, player_id, team_id
  from (
    select season, player_id, team_id, max(scheduled_start) as last_start
    from both_roles
    group by season, player_id, team_id
  )
  qualify row_number() over (partition by season, player_id order by last_start desc, team_id) = 1
)
select c.season, c.role, c.player_id, p.full_name as player_name, l.team_id, t.abbreviation as team,
  c.games, c.plate_appearances, c.strikeouts, c.strikeouts / nullif(c.plate_appearances, 0) as strikeout_rate,
  c.walks, c.walks / nullif(c.plate_appearances, 0) as walk_rate,
  c.plate_appearances_vs_left, c.strikeouts_vs_left,
  c.strikeouts_vs_left / nullif(c.plate_appearances_vs_left, 0) as strikeout_rate_vs_left,
  c.walks_vs_left, c.walks_vs_left / nullif(c.plate_appearances_vs_left, 0) as walk_rate_vs_left,
  c.plate_appearances_vs_right, c.strikeouts_vs_right,
  c.strikeouts_vs_right / nullif(c.plate_appearances_vs_right, 0) as strikeout_rate_vs_right,
  c.walks_vs_right, c.walks_vs_right / nullif(c.plate_appearances_vs_right, 0) as walk_rate_vs_right
from counts as c
join last_clubs as l on l.season = c.season and l.player_id = c.player_id
left join mlb_historical_data.people as p on p.person_id = c.player_id
left join mlb_historical_data.teams_historical as t on t.team_id = l.team_id and t.season = c.season
