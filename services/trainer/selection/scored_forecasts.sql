-- Forecasts of games that are over, as they were made and as they did, production's and challengers'.
select target, game_pk, player_id, game_date, model_version, is_challenger, release_id, log_loss
from mlb_predictions.grades
where game_date between @first and @as_of
order by target, game_pk, player_id, release_id, model_version
