-- The last ten games of everybody who played in the last two months: what he did, and what had been expected of
-- him, by target; null where he did not bat or not pitch, or nothing was forecast before the game.
select l.player_id, l.game_pk, l.game_date, l.opponent_id,
  if(l.plate_appearances > 0, l.hits, null) as batter_hits,
  if(l.plate_appearances > 0, l.home_runs, null) as batter_home_runs,
  if(l.plate_appearances > 0, l.total_bases, null) as batter_total_bases,
  if(l.plate_appearances > 0, l.rbis, null) as batter_rbis,
  if(l.plate_appearances > 0, l.strikeouts, null) as batter_strikeouts,
  if(l.plate_appearances > 0, l.walks, null) as batter_walks,
  if(l.pitching > 0, l.strikeouts_pitched, null) as pitcher_strikeouts,
  if(l.pitching > 0, l.outs_recorded, null) as pitcher_outs,
  f.expected_batter_hits, f.expected_batter_home_runs, f.expected_batter_total_bases, f.expected_batter_rbis,
  f.expected_batter_strikeouts, f.expected_batter_walks, f.expected_pitcher_strikeouts, f.expected_pitcher_outs
from (
  select *, row_number() over (partition by player_id order by game_date desc, game_pk desc) as since
  from (
    select player_id, game_pk, game_date, max(opponent_id) as opponent_id,
      sum(plate_appearances) as plate_appearances, sum(hits) as hits, sum(home_runs) as home_runs,
      sum(total_bases) as total_bases, sum(rbis) as rbis, sum(strikeouts) as strikeouts, sum(walks) as walks,
      sum(ifnull(batters_faced, 0) + ifnull(pitches_thrown, 0)) as pitching,
      sum(strikeouts_pitched) as strikeouts_pitched, sum(outs_recorded) as outs_recorded
    from mlb_historical_data.player_stats_historical
    where game_date between date_sub(@as_of, interval 60 day) and @as_of
    group by player_id, game_pk, game_date
  ) as played
) as l
left join (
  select player_id, game_pk,
    avg(if(target = 'batter_hits', mean, null)) as expected_batter_hits,
    avg(if(target = 'batter_home_runs', mean, null)) as expected_batter_home_runs,
    avg(if(target = 'batter_total_bases', mean, null)) as expected_batter_total_bases,
    avg(if(target = 'batter_rbis', mean, null)) as expected_batter_rbis,
    avg(if(target = 'batter_strikeouts', mean, null)) as expected_batter_strikeouts,
    avg(if(target = 'batter_walks', mean, null)) as expected_batter_walks,
    avg(if(target = 'pitcher_strikeouts', mean, null)) as expected_pitcher_strikeouts,
    avg(if(target = 'pitcher_outs', mean, null)) as expected_pitcher_outs
  from mlb_predictions.grades
  where not is_challenger and player_id is not null
    and game_date between date_sub(@as_of, interval 60 day) and @as_of
  group by player_id, game_pk
) as f on f.player_id = l.player_id and f.game_pk = l.game_pk
where l.since <= 10
order by l.player_id, l.game_date, l.game_pk
