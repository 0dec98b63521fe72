-- What is known of the games of one day that are not called off: one row.
select count(*) as games, min(g.scheduled_start) as first_start,
  count(g.home_probable_pitcher_id) + count(g.away_probable_pitcher_id) as starters_announced,
  ifnull(sum(l.posted), 0) as lineups_posted
from mlb_historical_data.games_historical as g
left join (
  select game_pk, count(distinct team_id) as posted
  from mlb_historical_data.lineups_historical
  where game_date = @day and is_confirmed and sequence = 0 and batting_slot is not null
  group by game_pk
) as l on l.game_pk = g.game_pk
where g.game_date = @day and g.status <> 'Other'
