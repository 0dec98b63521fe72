-- Rows of the games between two days as stored.
select *
from mlb_features.game_features_daily
where game_date between @first and @last
