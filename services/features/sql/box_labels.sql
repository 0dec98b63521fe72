-- What players did in some games by the box scores: labels that plays do not count.
select {columns}
from mlb_historical_data.player_stats_historical
where game_date between @first and @last and game_pk in unnest(@game_pks)
group by game_pk, game_date, player_id
order by game_pk, player_id
