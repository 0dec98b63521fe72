-- Which side everybody bats from and throws with.
select person_id, bat_side, pitch_hand
from mlb_historical_data.people
order by person_id
