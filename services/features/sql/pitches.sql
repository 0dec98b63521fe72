-- Calls and measures of the pitches of some games.
select game_pk, batter_id, pitcher_id, call_code, pitch_type, release_speed, spin_rate, zone, is_in_play,
  launch_speed, launch_angle
from mlb_historical_data.statcast_pitches
where game_date between @first and @last and game_pk in unnest(@game_pks)
