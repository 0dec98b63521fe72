-- Every club's starting nines of its latest ten games; games_ago is 1 for the latest.
select team_id, player_id, batting_slot, position, game_date,
  dense_rank() over (partition by team_id order by game_date desc, game_pk desc) as games_ago
from mlb_historical_data.lineups_historical
where game_date between date_sub(@as_of, interval 240 day) and @as_of
  and sequence = 0 and batting_slot is not null and is_confirmed
qualify dense_rank() over (partition by team_id order by game_date desc, game_pk desc) <= 10
order by team_id, games_ago, batting_slot
