-- Plate appearances and strikeouts of each club on each day, by the hand that pitched.
select g.completed_date as day, p.batting_team_id as team_id, p.pitch_hand, count(*) as plate_appearances,
  countif(p.outcome = 'strikeout') as strikeouts
from mlb_historical_data.plate_appearances as p
join mlb_historical_data.games_historical as g on g.game_pk = p.game_pk
where p.game_date between @first and @last and g.game_date between @first and @last
  and g.completed_date between @first and @last and p.is_plate_appearance
  and g.status = 'Final' and g.home_score is not null and g.away_score is not null
  and g.game_type in unnest(@game_types)
group by g.completed_date, p.batting_team_id, p.pitch_hand
order by p.batting_team_id, p.pitch_hand, g.completed_date
