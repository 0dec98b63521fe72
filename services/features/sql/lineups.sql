-- Posted line-ups and starters of some games.
select game_pk, game_date, team_id, player_id, batting_slot, is_starting_pitcher, position
from mlb_historical_data.lineups_historical
where game_date between @first and @last and game_pk in unnest(@game_pks) and sequence = 0
  and (batting_slot is not null or is_starting_pitcher)
order by game_pk, team_id, batting_slot, player_id
