-- What was expected of some entities on each of their days between two; {columns}, {table} and {key} come from the
-- layout.
select {columns}
from mlb_features.{table}
where as_of > @since and as_of < @day and {key} in unnest(@ids)
order by {key}, as_of
