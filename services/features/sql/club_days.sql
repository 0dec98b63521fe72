-- What each club did in each finished game: runs from the score, the rest from the box score.
select g.completed_date as day, t.team_id,
  if(t.is_home, g.home_score, g.away_score) as runs_for, if(t.is_home, g.away_score, g.home_score) as runs_against,
  t.hits, t.walks, t.hit_by_pitch, t.plate_appearances, t.total_bases, t.at_bats
from mlb_historical_data.team_stats_historical as t
join mlb_historical_data.games_historical as g on g.game_pk = t.game_pk
where g.status = 'Final' and g.game_type in unnest(@game_types)
  and g.completed_date between date_sub(@first, interval 60 day) and @last
  and t.game_date between date_sub(@first, interval 425 day) and @last
order by t.team_id, g.completed_date, g.game_pk
