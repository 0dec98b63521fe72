-- The latest row of every entity before a day; {columns}, {table} and {key} are filled in from the layout.
select {columns}
from mlb_features.{table}
join (
  select {key} as entity, max(as_of) as latest
  from mlb_features.{table}
  where as_of < @day
  group by {key}
) as last on {key} = last.entity and as_of = last.latest
where as_of < @day
order by {key}
