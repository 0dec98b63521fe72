-- The league's states of every day before a day; {columns} are filled in from the layout.
select {columns}
from mlb_features.league_states
where as_of < @day
order by as_of
