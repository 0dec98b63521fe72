-- On which dates rows of the batch's scopes are stored now, and when they were collected.
-- Only these columns are read, of the dates that the scopes can have rows on. The table itself is read, because
-- after a crash between two tables its rows may have another date than the game's own row.
select {scope}, {partition} as stored_on, max(t.collected_at) as stored_since
from {table} as t
inner join {scopes} as c on {same_scope}
where {reached}
group by {group}
