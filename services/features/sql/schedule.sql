-- Games of the next two weeks that are not over or are called off (Other), with the place and the latest
-- weather forecast.
select g.game_pk, g.game_date, g.season, g.game_type, g.scheduled_start, g.game_number, g.double_header, g.status,
  g.detailed_state, g.home_team_id, g.away_team_id, g.venue_id, g.home_probable_pitcher_id,
  g.away_probable_pitcher_id, g.home_plate_umpire_id, g.day_night,
  v.latitude, v.longitude, v.azimuth, v.roof_type,
  f.temperature_f as forecast_temperature_f, f.wind_speed_mph as forecast_wind_mph,
  f.wind_direction as forecast_wind_from
from mlb_historical_data.games_historical as g
left join mlb_historical_data.venues as v on v.venue_id = g.venue_id
left join (
  select game_pk, temperature_f, wind_speed_mph, wind_direction
  from mlb_historical_data.weather_forecasts
  where game_date > @as_of and game_date <= date_add(@as_of, interval 14 day)
  qualify row_number() over (partition by game_pk order by issued_at desc) = 1
) as f on f.game_pk = g.game_pk
where g.game_date > @as_of and g.game_date <= date_add(@as_of, interval 14 day)
  and g.status in ('Preview', 'Live', 'Other')
order by g.game_date, g.scheduled_start, g.game_pk
