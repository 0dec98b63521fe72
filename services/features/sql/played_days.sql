-- The last day between two on which a game was to be played, and on which one was finished.
select max(game_date) as scheduled, max(if(status = 'Final', game_date, null)) as finished
from mlb_historical_data.games_historical
where game_date between @first and @last and status in ('Preview', 'Live', 'Final')
  and game_type in unnest(@game_types)
