-- The games of some days: those that count for them, and those first scheduled on them that moved. `home_win`
-- and the like are what is forecast of a game, null where nothing can be scored; from the target records.
select p.game_pk, p.game_date, p.original_date, p.completed_date, p.game_number, p.status, p.detailed_state,
  p.status_reason, p.scheduled_start, p.home_team_id, p.away_team_id, p.home_score, p.away_score, p.innings,
  p.scheduled_innings, ifnull(p.is_tie, p.home_score = p.away_score) as is_tie,
  home.abbreviation as home_team, away.abbreviation as away_team,
  {outcomes}
from mlb_historical_data.games_historical as p
left join mlb_historical_data.teams_historical as home
  on home.team_id = p.home_team_id and home.season = p.season
left join mlb_historical_data.teams_historical as away
  on away.team_id = p.away_team_id and away.season = p.season
where p.game_date in unnest(@dates) or p.original_date in unnest(@dates)
order by p.scheduled_start, p.game_pk
