-- Least privilege for Setpoint on the plant's PostgreSQL server. Run once by an administrator, in the
-- box's database:   psql -d process_db -v ON_ERROR_STOP=1 -f roles.sql
--
--   setpoint_owner    owns Setpoint's tables and makes them; used for the first start and for updates
--   setpoint_box      what the box runs as: reads live values, writes cycles and recommendations
--   setpoint_reader   for dashboards and SCADA: reads recommendations
--
-- None of them may log in. Give the site's users one each:
--   create user box with password '...' in role setpoint_box;
--   create user box_setup with password '...' in role setpoint_owner;
--   alter user box_setup set role setpoint_owner;   -- so that what it makes belongs to the role
-- Start the box once as box_setup (it makes its tables), then run this file again for the rights on
-- them, then start it as box.

do $$ begin
  if not exists (select from pg_roles where rolname = 'setpoint_owner') then
    create role setpoint_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'setpoint_box') then
    create role setpoint_box nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'setpoint_reader') then
    create role setpoint_reader nologin;
  end if;
end $$;

grant usage, create on schema public to setpoint_owner;
grant usage on schema public to setpoint_box, setpoint_reader;

-- Rights on tables that are there already; on the first run there are none yet.
do $$ begin
  if to_regclass('process_data') is not null then
    grant select on process_data to setpoint_box;
    -- Only `deno task ingest` and a simulated plant write live values; a historian's table needs no more.
  end if;
  if to_regclass('cycles') is not null then
    grant select on setpoint_migrations to setpoint_box;
    -- delete: old cycles beyond database.retention_days
    grant select, insert, delete on cycles, recommendations to setpoint_box;
    grant select on cycles, recommendations to setpoint_reader;
  end if;
end $$;
