-- Everybody, with the club they last appeared for.
select p.person_id, p.full_name, p.nickname, p.birth_date, p.bat_side, p.pitch_hand, p.primary_position,
  p.jersey_number, p.debut_date, seen.team_id, seen.game_date as last_seen
from mlb_historical_data.people as p
left join (
  select player_id, team_id, game_date
  from mlb_historical_data.player_stats_historical
  where game_date between date_sub(@as_of, interval 240 day) and @as_of
  qualify row_number() over (partition by player_id order by game_date desc, game_pk desc) = 1
) as seen on seen.player_id = p.person_id
order by p.person_id
