-- How many of the batch's rows stand, in this version or a later one.
select count(*) as standing
from {table} as t
inner join {rows} as s on {same_key}
where {pruned} and t.collected_at >= s.collected_at
