-- Running sums after the days of a span: everybody's latest row of each stretch of days; {columns}, {lines} and {key}
-- are filled in from the layout.
select {columns}
from mlb_features.{lines}
join (
  select {key} as whose, max(as_of) as latest
  from mlb_features.{lines}
  join unnest(@stretches) as s on as_of >= s.since and as_of < s.until
  where as_of between @first and @last
  group by {key}, s.since
) as known on {key} = whose and as_of = latest
where as_of between @first and @last
order by {key}, as_of
