-- Games of the next two weeks that are not over.
select game_pk, game_date, season, game_type, scheduled_start, game_number, double_header, status, detailed_state,
  home_team_id, away_team_id, venue_id, home_probable_pitcher_id, away_probable_pitcher_id
from mlb_historical_data.games_historical
where game_date > @as_of and game_date <= date_add(@as_of, interval 14 day)
  and status in ('Preview', 'Live')
order by game_date, scheduled_start, game_pk
