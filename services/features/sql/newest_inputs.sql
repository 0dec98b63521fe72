-- How far each table that features are made from reaches between two days; null: it has no rows there.
select 'lineups_historical' as input, max(game_date) as newest
from mlb_historical_data.lineups_historical
where game_date between @first and @last
union all
select 'plate_appearances', max(game_date)
from mlb_historical_data.plate_appearances
where game_date between @first and @last
union all
select 'team_stats_historical', max(game_date)
from mlb_historical_data.team_stats_historical
where game_date between @first and @last
union all
select 'player_stats_historical', max(game_date)
from mlb_historical_data.player_stats_historical
where game_date between @first and @last
union all
select 'statcast_pitches', max(game_date)
from mlb_historical_data.statcast_pitches
where game_date between @first and @last
union all
select 'transactions_historical', max(transaction_date)
from mlb_historical_data.transactions_historical
where transaction_date between @first and @last
union all
select 'weather_forecasts', max(game_date)
from mlb_historical_data.weather_forecasts
where game_date between @first and @last
order by input
