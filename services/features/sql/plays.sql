-- Plate appearances of some games.
select game_pk, game_date, at_bat_index, is_top, batter_id, pitcher_id, bat_side, pitch_hand, batting_team_id,
  fielding_team_id, batting_slot, event_type, outcome, is_plate_appearance, is_at_bat, rbi, outs_before, outs_after,
  pitches
from mlb_historical_data.plate_appearances
where game_date between @first and @last and game_pk in unnest(@game_pks)
order by game_pk, at_bat_index
