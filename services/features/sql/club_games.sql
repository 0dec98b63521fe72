-- Each club's finished games of a season so far: runs from the score, the rest from the box score.
select g.completed_date as day, g.game_pk, g.game_number, t.team_id, t.opponent_id, t.is_home, g.venue_id,
  if(t.is_home, g.home_score, g.away_score) as runs_for, if(t.is_home, g.away_score, g.home_score) as runs_against,
  t.hits, t.walks, t.hit_by_pitch, t.plate_appearances, t.total_bases, t.at_bats
from mlb_historical_data.team_stats_historical as t
join mlb_historical_data.games_historical as g on g.game_pk = t.game_pk
where g.status = 'Final' and g.game_type in unnest(@game_types)
  and g.home_score is not null and g.away_score is not null
  and g.completed_date between @first and @last and g.game_date between @first and @last
  and t.game_date between @first and @last
order by t.team_id, g.completed_date, g.game_number, g.game_pk
