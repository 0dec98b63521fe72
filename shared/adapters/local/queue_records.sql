pragma journal_mode = wal;

create table if not exists announced (
  id integer primary key,
  topic text not null,
  run_id text not null,
  event_id text not null,
  lane text not null,
  data blob not null,
  attributes text not null,
  published_at real not null
);
create index if not exists announced_by_run on announced (run_id);

create table if not exists deliveries (
  id integer primary key autoincrement,
  message integer not null references announced (id),
  service text not null,
  subscription text not null,
  lane text not null,
  attempt integer not null default 0,
  due_at real not null,
  last_answer text not null default ''
);
create index if not exists deliveries_by_due_time on deliveries (lane, due_at, id);

create table if not exists dead_letters (
  id integer primary key autoincrement,
  message text not null,
  subscription text not null,
  topic text not null,
  run_id text not null,
  lane text not null,
  attempt integer not null,
  reason text not null,
  body blob not null,
  parked_at real not null,
  replayed_at real
);
create unique index if not exists dead_letters_standing
  on dead_letters (message, subscription) where replayed_at is null and message <> '';
