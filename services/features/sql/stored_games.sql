-- Rows of the games between two days as they stand.
select *
from mlb_features.game_features_daily
where game_date between @first and @last
