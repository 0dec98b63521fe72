-- What each day's notices of players' movements were, for whoever must know whether they changed.
select transaction_date as day, count(*) as notices, sum(transaction_id) as ids,
  sum(unix_micros(collected_at)) as collected
from mlb_historical_data.transactions_historical
group by day
order by day
