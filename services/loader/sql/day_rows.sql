-- How many rows of a table each day of a range has; {which} leaves out line-ups that were not posted.
select '{table}' as name, {day} as day, count(*) as rows_of_day
from {dataset}.{table}
where {day} between @first and @last and {which}
group by {day}
