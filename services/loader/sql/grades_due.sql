-- How many forecasts of each day have an outcome, and so must be scored. `outcomes` is outcomes.sql.
select game_date as day, count(*) as forecasts
from (
{outcomes}
) as outcomes
where actual is not null and game_date in unnest(@dates)
group by game_date
order by game_date
