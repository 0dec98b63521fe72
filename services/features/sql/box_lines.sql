-- What only box scores have of the players of some games: steals, runs and earned runs.
select game_pk, player_id, sum(stolen_bases) as stolen_bases, sum(runs_allowed) as runs,
  sum(earned_runs) as earned_runs
from mlb_historical_data.player_stats_historical
where game_date between @first and @last and game_pk in unnest(@game_pks)
group by game_pk, player_id
order by game_pk, player_id
