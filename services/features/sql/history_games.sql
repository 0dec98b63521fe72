-- Every game that became known after one day and before another: the past without its future.
select g.game_pk, g.game_date, g.season, g.completed_date, g.game_number, g.home_team_id, g.away_team_id, g.home_score,
  g.away_score, g.venue_id, v.latitude, v.longitude
from mlb_historical_data.games_historical as g
left join mlb_historical_data.venues as v on v.venue_id = g.venue_id
where g.status = 'Final' and g.completed_date > @since and g.completed_date < @day
  and g.home_score is not null and g.away_score is not null and g.game_type in unnest(@game_types)
order by g.completed_date, g.game_number, g.game_pk
