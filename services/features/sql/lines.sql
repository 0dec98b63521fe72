-- Running sums after the days of a span: all rows since a day, before it everybody's latest; {columns}, {lines}
-- and {key} are filled in from the layout.
select {columns}
from mlb_features.{lines}
where as_of > @since and as_of between @first and @last
union all
select {columns}
from mlb_features.{lines}
join (
  select {key} as whose, max(as_of) as latest
  from mlb_features.{lines}
  where as_of between @first and @since
  group by {key}
) as earlier on {key} = whose and as_of = latest
where as_of between @first and @since
order by {key}, as_of
