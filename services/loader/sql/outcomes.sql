-- The outcome of every forecast of these days, and of every forecast of a game played or finished on them: one
-- row per forecast. `actual` is null where the forecast is void: the game is not over or was a tie, the player
-- did not take part, the forecast was made after the scheduled start, or a newer release forecast the game
-- before it: then only that release's forecasts count, so that a player it expects no more is not scored.
-- The sums and the cases come from the target records.
with played as (
  select game_pk, game_date, status, scheduled_start, home_score, away_score, is_tie,
    run_id, raw_object, raw_sha256, collected_at
  from mlb_historical_data.games_historical
  where game_date in unnest(@dates) or completed_date in unnest(@dates)
    or game_pk in (select game_pk from mlb_predictions.forecasts where game_date in unnest(@dates))
),
lines as (
  select s.game_pk, s.player_id,
    sum(s.plate_appearances) as plate_appearances,
    {sums},
    sum(ifnull(s.batters_faced, 0) + ifnull(s.pitches_thrown, 0)) as pitching
  from mlb_historical_data.player_stats_historical as s
  inner join played as p on p.game_pk = s.game_pk and p.game_date = s.game_date
  group by s.game_pk, s.player_id
),
made as (
  select f.*,
    row_number() over (
      partition by f.game_pk, f.player_id, f.target, f.is_challenger, if(f.is_challenger, f.model_version, null)
      order by if(f.made_at >= p.scheduled_start, 1, 0), f.made_at desc, f.release_id desc
    ) as place,
    first_value(f.release_id) over (
      partition by f.game_pk
      order by if(f.made_at >= p.scheduled_start, 1, 0), f.made_at desc, f.release_id desc
    ) as last_release
  from mlb_predictions.forecasts as f
  inner join played as p on p.game_pk = f.game_pk
)
select f.forecast_id, f.game_date, f.game_pk, f.player_id, f.target, f.model_version, f.release_id, f.variant,
  f.is_challenger, f.mean, f.distribution,
  case
    when p.status <> 'Final' or f.made_at >= p.scheduled_start or f.place > 1 then null
    when f.release_id <> f.last_release then null
    {cases}
  end as actual,
  p.game_date as played_date,
  p.run_id, p.raw_object, p.raw_sha256, p.collected_at
from made as f
inner join played as p on p.game_pk = f.game_pk
left join lines as l on l.game_pk = f.game_pk and l.player_id = f.player_id
order by f.forecast_id
