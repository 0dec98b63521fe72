-- Where the batch's scopes stand now, and since when.
-- Only these columns are read, of the dates that the scopes can stand on: the table is asked itself, because
-- after a crash between two tables its rows may stand on another date than the game's own row says.
select {scope}, {partition} as standing_on, max(t.collected_at) as standing_since
from {table} as t
inner join {scopes} as c on {same_scope}
where {reached}
group by {group}
