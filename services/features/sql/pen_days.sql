-- What each club's relievers threw on each day since a day.
select g.completed_date as day, p.team_id, sum(p.pitches_thrown) as bullpen_pitches, sum(p.outs_recorded) as bullpen_outs
from mlb_historical_data.player_stats_historical as p
join mlb_historical_data.games_historical as g on g.game_pk = p.game_pk
where g.status = 'Final' and g.game_type in unnest(@game_types) and g.completed_date between @first and @last
  and g.game_date between date_sub(@first, interval 60 day) and @last
  and p.game_date between date_sub(@first, interval 60 day) and @last
  and p.batters_faced > 0 and not p.is_starting_pitcher
group by g.completed_date, p.team_id
order by p.team_id, g.completed_date
