with days as (
  select
    t.game_date as game_date,
    avg(t.runs) as runs,
    avg(t.strikeouts) as strikeouts,
    avg(t.pitches_thrown) as pitches_thrown
  from mlb_historical_data.team_stats_historical as t
  where t.game_date between @first and @last
  group by t.game_date
)
select
  count(*) as days,
  avg(d.runs) as runs_mean,
  stddev_samp(d.runs) as runs_deviation,
  avg(d.strikeouts) as strikeouts_mean,
  stddev_samp(d.strikeouts) as strikeouts_deviation,
  avg(d.pitches_thrown) as pitches_thrown_mean,
  stddev_samp(d.pitches_thrown) as pitches_thrown_deviation
from days as d
