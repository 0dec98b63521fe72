-- Finished games that were played or became known between two days.
select game_pk, game_date, season, game_type, completed_date, game_number, home_team_id, away_team_id,
  home_score, away_score, venue_id, home_probable_pitcher_id, away_probable_pitcher_id
from mlb_historical_data.games_historical
where status = 'Final' and completed_date is not null and home_score is not null and away_score is not null
  and game_type in unnest(@game_types)
  and (completed_date between @first and @last or game_date between @first and @last)
order by game_pk
