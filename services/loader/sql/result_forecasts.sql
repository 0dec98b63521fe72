-- The scored forecasts of some games. `first` and `last` are the days on which these games were to be played.
select f.game_pk, f.player_id, f.target, f.variant, f.release_id, f.model_version, f.made_at, f.mean,
  f.distribution, g.actual, g.log_loss
from mlb_predictions.forecasts as f
inner join mlb_predictions.grades as g
  on g.forecast_id = f.forecast_id and g.game_date = f.game_date
where f.game_date between @first and @last and not f.is_challenger and f.game_pk in unnest(@games)
order by f.game_pk, f.player_id, f.target, f.forecast_id
