-- All plays of the games that became known between two days, and that some batters, pitchers, catchers, clubs,
-- umpires or parks took part in. None of these games was played before the first day given.
select p.game_pk, g.completed_date, g.season, g.game_type, g.venue_id, g.home_team_id, g.away_team_id,
  g.home_plate_umpire_id as umpire_id, c.catcher_id, p.at_bat_index, p.is_top, p.batter_id, p.pitcher_id, p.bat_side,
  p.pitch_hand, p.batting_team_id, p.fielding_team_id, p.batting_slot, p.outcome, p.is_at_bat, p.rbi, p.outs_before,
  p.outs_after, p.pitches
from mlb_historical_data.plate_appearances as p
join mlb_historical_data.games_historical as g on g.game_pk = p.game_pk
left join (
  select game_pk, team_id, min(player_id) as catcher_id
  from mlb_historical_data.lineups_historical
  where game_date >= @first and game_date < @day and sequence = 0 and position = 'C' and batting_slot is not null
  group by game_pk, team_id
) as c on c.game_pk = p.game_pk and c.team_id = p.fielding_team_id
where p.game_date >= @first and p.game_date < @day and p.is_plate_appearance and g.status = 'Final'
  and g.completed_date > @since and g.completed_date < @day
  and g.home_score is not null and g.away_score is not null and g.game_type in unnest(@game_types)
  and p.game_pk in (
    select game_pk from mlb_historical_data.plate_appearances
    where game_date >= @first and game_date < @day and (
      batter_id in unnest(@batters) or pitcher_id in unnest(@pitchers) or batting_team_id in unnest(@clubs)
    )
    union distinct
    select game_pk from mlb_historical_data.lineups_historical
    where game_date >= @first and game_date < @day and sequence = 0 and position = 'C'
      and player_id in unnest(@catchers)
    union distinct
    select game_pk from mlb_historical_data.games_historical
    where venue_id in unnest(@venues) or home_plate_umpire_id in unnest(@umpires)
  )
order by g.completed_date, p.game_pk, p.at_bat_index
