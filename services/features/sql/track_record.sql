-- How forecasts did, by target, model and what was known of the line-ups.
select target, model_version, is_challenger, variant, count(*) as forecasts, avg(log_loss) as log_loss,
  avg(squared_error) as squared_error,
  min(game_date) as first_date, max(game_date) as last_date
from mlb_predictions.grades
group by target, model_version, is_challenger, variant
order by target, model_version, is_challenger, variant
