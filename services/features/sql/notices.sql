-- Notices of players' movements in which a club of the majors had a part, in order.
select transaction_id, transaction_date, effective_date, player_id, type_code, lower(description) as words
from mlb_historical_data.transactions_historical
where transaction_date between date_sub(@first, interval 365 day) and @last and player_id is not null
  and (
    to_team_id in (select team_id from mlb_historical_data.teams_historical)
    or from_team_id in (select team_id from mlb_historical_data.teams_historical)
  )
order by transaction_date, transaction_id
