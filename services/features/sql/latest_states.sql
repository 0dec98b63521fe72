-- The latest row of every entity before a day; {table} and {key} are filled in from the layout.
select {columns}
from mlb_features.{table}
where as_of < @day
qualify row_number() over (partition by {key} order by as_of desc) = 1
order by {key}
