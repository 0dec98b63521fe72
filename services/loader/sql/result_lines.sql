-- What every player did in the games of some days: the statistics that are forecast, from the target records.
select game_date, game_pk, player_id, player_name, team_id, is_home, is_starter, is_starting_pitcher, position,
  batting_order, plate_appearances, batters_faced,
  ifnull(batters_faced, 0) + ifnull(pitches_thrown, 0) > 0 as has_pitched,
  {columns}
from mlb_historical_data.player_stats_historical
where game_date in unnest(@dates)
order by game_date, game_pk, is_home, batting_order, player_id, team_id
