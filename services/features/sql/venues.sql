-- Every ballpark.
select venue_id, name, city, state, elevation, roof_type, time_zone
from mlb_historical_data.venues
order by venue_id
