-- How many rows a merge that was faster has left since the plan was made: collected later than the batch's
-- scope, or where the plan does not look. Counted inside the transaction: if there are any, nothing is changed.
select count(*) as overtaken
from {table} as t
inner join {scopes} as c on {same_scope}
where {reached} and (t.collected_at > c.collected_at or not ({pruned}))
