-- Which objects the forecasts of these days were loaded from.
select distinct raw_object
from mlb_predictions.forecasts
where game_date in unnest(@dates)
