-- The last ten games of everybody who played in the last two months: what they did, and what was expected of
-- them, by target; null where they did not bat or did not pitch, or nothing was forecast before the game.
select l.player_id, l.game_pk, l.game_date, l.opponent_id,
  {outcomes},
  {expected}
from (
  select *, row_number() over (partition by player_id order by game_date desc, game_pk desc) as since
  from (
    select player_id, game_pk, game_date, max(opponent_id) as opponent_id,
      sum(plate_appearances) as plate_appearances,
      sum(ifnull(batters_faced, 0) + ifnull(pitches_thrown, 0)) as pitching,
      {sums}
    from mlb_historical_data.player_stats_historical
    where game_date between date_sub(@as_of, interval 60 day) and @as_of
    group by player_id, game_pk, game_date
  ) as played
) as l
left join (
  select player_id, game_pk,
    {means}
  from mlb_predictions.grades
  where not is_challenger and player_id is not null
    and game_date between date_sub(@as_of, interval 60 day) and @as_of
  group by player_id, game_pk
) as f on f.player_id = l.player_id and f.game_pk = l.game_pk
where l.since <= 10
order by l.player_id, l.game_date, l.game_pk
