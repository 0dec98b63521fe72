-- How many of the batch's rows are stored, in this version or a later one.
select count(*) as stored
from {table} as t
inner join {rows} as s on {same_key}
where {pruned} and t.collected_at >= s.collected_at
