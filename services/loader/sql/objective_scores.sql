-- The scored forecasts of winners of a range of days: how many, how many favourites won, and Brier's score.
select
  count(*) as forecasts,
  countif((mean > 0.5 and actual = 1) or (mean < 0.5 and actual = 0)) as won,
  avg(squared_error) as brier
from mlb_predictions.grades
where game_date between @first and @last and target = 'home_win' and not is_challenger
