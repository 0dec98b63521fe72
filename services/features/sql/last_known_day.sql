-- The last day before a day whose states are stored.
select max(as_of) as as_of
from mlb_features.league_states
where as_of < @day
