-- Rows of the starting players of the games between two days as stored.
select *
from mlb_features.player_features_daily
where game_date between @first and @last
