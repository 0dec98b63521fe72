-- Every club's posted nines of its latest ten games before a day, and of all its games from that day to another.
select game_pk, team_id, player_id, batting_slot, position, game_date
from mlb_historical_data.lineups_historical
where game_date between date_sub(@first, interval 241 day) and @last
  and sequence = 0 and batting_slot is not null and is_confirmed
qualify game_date >= @first
  or dense_rank() over (partition by team_id, game_date < @first order by game_date desc, game_pk desc) <= 10
order by team_id, game_date, game_pk, batting_slot
