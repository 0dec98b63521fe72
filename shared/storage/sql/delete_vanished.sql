-- Rows of a scope that the newer batch states completely, and states without them.
delete from {table} as t
where {pruned}
  and exists (select 1 from {scopes} as c where {same_scope} and c.is_complete)
  and not exists (select 1 from {rows} as s where {same_key})
