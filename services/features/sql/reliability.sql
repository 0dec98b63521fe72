-- What was promised and what happened in the last two years: tenths of each target's forecasts, lowest first.
select target, tenth, count(*) as forecasts, avg(mean) as promised, avg(actual) as happened,
  stddev_pop(actual) as deviation
from (
  select target, mean, actual, ntile(10) over (partition by target order by mean, forecast_id) as tenth
  from mlb_predictions.grades
  where not is_challenger and game_date between date_sub(@as_of, interval 730 day) and @as_of
) as ordered
group by target, tenth
order by target, tenth
