-- Running sums after the days of a span; {columns}, {table} and {key} are filled in from the layout.
select {columns}
from mlb_features.{table}
where as_of between @first and @last
order by {key}, as_of
