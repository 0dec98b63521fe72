-- Rows of scopes of which nothing is stored: for a warehouse whose merges wait for each other.
insert into {table} ({columns}, created_at, updated_at)
select {values}, @now, @now
from {rows} as s
