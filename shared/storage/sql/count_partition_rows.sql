-- How many rows the touched partitions hold: counted before and after a deletion, the difference is what it deleted.
select count(*) as touched
from {table} as t
where {pruned}
