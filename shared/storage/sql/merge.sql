-- Rows by natural key, in the partitions touched; the same row again changes nothing.
merge into {table} as t
using {rows} as s
on {same_key} and {pruned}
when matched and (
    s.collected_at > t.collected_at
    or (s.collected_at = t.collected_at and ({differs}))
) then update set {assignments}, updated_at = @now
when not matched then insert ({columns}, created_at, updated_at)
values ({values}, @now, @now)
