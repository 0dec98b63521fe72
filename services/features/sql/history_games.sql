-- Every game that became known after one day and before another: the past without its future.
select game_pk, game_date, season, completed_date, game_number, home_team_id, away_team_id, home_score, away_score,
  venue_id
from mlb_historical_data.games_historical
where status = 'Final' and completed_date > @since and completed_date < @day
  and home_score is not null and away_score is not null and game_type in unnest(@game_types)
order by completed_date, game_number, game_pk
