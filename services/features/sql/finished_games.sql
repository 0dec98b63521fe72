-- Finished games that were played or became known between two days, with what surrounded them: who began behind
-- the plate, where they were played, and the last weather forecast that was issued before the first pitch.
with catchers as (
  select game_pk, team_id, min(player_id) as player_id
  from mlb_historical_data.lineups_historical
  where game_date between date_sub(@first, interval 425 day) and @last
    and sequence = 0 and position = 'C' and batting_slot is not null
  group by game_pk, team_id
)
select g.game_pk, g.game_date, g.season, g.game_type, g.completed_date, g.game_number, g.home_team_id, g.away_team_id,
  g.home_score, g.away_score, g.venue_id, g.home_probable_pitcher_id, g.away_probable_pitcher_id,
  g.home_plate_umpire_id, home.player_id as home_catcher_id, away.player_id as away_catcher_id,
  g.day_night, g.temperature_f, g.wind, g.weather_condition,
  v.latitude, v.longitude, v.azimuth, v.roof_type,
  f.temperature_f as forecast_temperature_f, f.wind_speed_mph as forecast_wind_mph,
  f.wind_direction as forecast_wind_from
from mlb_historical_data.games_historical as g
left join mlb_historical_data.venues as v on v.venue_id = g.venue_id
left join catchers as home on home.game_pk = g.game_pk and home.team_id = g.home_team_id
left join catchers as away on away.game_pk = g.game_pk and away.team_id = g.away_team_id
left join (
  select w.game_pk, w.temperature_f, w.wind_speed_mph, w.wind_direction
  from mlb_historical_data.weather_forecasts as w
  join mlb_historical_data.games_historical as s on s.game_pk = w.game_pk
  where w.issued_at < s.scheduled_start and w.game_date between date_sub(@first, interval 425 day) and @last
  qualify row_number() over (partition by w.game_pk order by w.issued_at desc) = 1
) as f on f.game_pk = g.game_pk
where g.status = 'Final' and g.completed_date is not null and g.home_score is not null and g.away_score is not null
  and g.game_type in unnest(@game_types)
  and (g.completed_date between @first and @last or g.game_date between @first and @last)
order by g.game_pk
