-- Where every ballpark lies.
select venue_id, latitude, longitude
from mlb_historical_data.venues
order by venue_id
