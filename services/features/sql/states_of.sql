-- The latest rows of some entities before a day; {columns}, {table} and {key} are filled in from the layout.
select {columns}
from mlb_features.{table}
where as_of < @day and {key} in unnest(@ids)
qualify row_number() over (partition by {key} order by as_of desc) = 1
order by {key}
