-- What some batters did against some pitchers on each day before a day.
select g.completed_date as day, p.batter_id, p.pitcher_id, count(*) as plate_appearances,
  countif(p.is_at_bat) as at_bats, countif(p.outcome in ('single', 'double', 'triple', 'home_run')) as hits,
  countif(p.outcome = 'double') as doubles, countif(p.outcome = 'triple') as triples,
  countif(p.outcome = 'home_run') as home_runs, countif(p.outcome = 'walk') as walks,
  countif(p.event_type = 'intent_walk') as intentional_walks, countif(p.outcome = 'hit_by_pitch') as hit_by_pitch,
  countif(p.outcome = 'strikeout') as strikeouts,
  countif(p.event_type in ('sac_fly', 'sac_fly_double_play')) as sacrifice_flies
from mlb_historical_data.plate_appearances as p
join mlb_historical_data.games_historical as g on g.game_pk = p.game_pk
join unnest(@pairs) as r on r.batter_id = p.batter_id and r.pitcher_id = p.pitcher_id
where p.game_date < @day and g.completed_date < @day and p.is_plate_appearance
  and g.status = 'Final' and g.home_score is not null and g.away_score is not null
  and g.game_type in unnest(@game_types)
group by g.completed_date, p.batter_id, p.pitcher_id
order by p.batter_id, p.pitcher_id, g.completed_date
