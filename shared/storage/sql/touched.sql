-- How many rows stand in the partitions touched: before and after a deletion, they say what it deleted.
select count(*) as touched
from {table} as t
where {pruned}
