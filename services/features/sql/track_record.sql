-- How the forecasts of the last two years did, month by month, by target, model and what was known of line-ups.
select target, model_version, is_challenger, variant, cast(date_trunc(game_date, month) as date) as month,
  count(*) as forecasts,
  avg(log_loss) as log_loss, avg(squared_error) as squared_error,
  avg(mean) as promised, avg(actual) as happened,
  min(game_date) as first_date, max(game_date) as last_date
from mlb_predictions.grades
where game_date between date_sub(@as_of, interval 730 day) and @as_of
group by target, model_version, is_challenger, variant, month
order by target, model_version, is_challenger, variant, month
