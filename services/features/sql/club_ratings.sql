-- Every club's rating after its days of a span.
select as_of, team_id, season, elo
from mlb_features.club_states
where as_of between @first and @last
order by team_id, as_of
