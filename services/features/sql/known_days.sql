-- Days whose states are stored, and the hash of what they were computed from.
select as_of, inputs_sha256
from mlb_features.league_states
order by as_of
