-- Every club as of its latest season.
select team_id, season, name, abbreviation, location, nickname, league_id, division_id, venue_id
from mlb_historical_data.teams_historical
qualify row_number() over (partition by team_id order by season desc) = 1
order by team_id
