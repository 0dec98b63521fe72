-- Running sums of some pitchers after each day they pitched, from one day to another; {columns} are filled in.
select {columns}
from mlb_features.pitcher_lines
where as_of between @first and @last and pitcher_id in unnest(@pitchers)
order by pitcher_id, as_of
