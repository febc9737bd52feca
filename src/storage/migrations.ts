/** The tables, as numbered steps that are taken once each. */

import type { Database, Queries } from "./database.ts";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Never change a step that has left the house: add one. */
export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: "live values",
    statements: [
      // A table that the site's historian made is the historian's: an index on it is theirs to add,
      // since making one would hold up its writes.
      `do $$ begin
         if to_regclass('process_data') is null then
           create table process_data (
             time timestamptz not null,
             tag text not null,
             value double precision,
             quality text
           );
           create index process_data_newest
             on process_data (tag, time desc) include (value, quality);
         end if;
       end $$`,
    ],
  },
  {
    number: 2,
    name: "cycles and recommendations",
    statements: [
      `create table if not exists cycles (
         cycle_id text primary key,
         time timestamptz not null,
         strategy text not null,
         version text not null,
         digest text not null,
         trigger text not null,
         status text not null,
         reason text,
         mode text not null,
         is_historical boolean not null default false,
         delivered_at timestamptz not null default now(),
         record jsonb not null
       )`,
      `create index if not exists cycles_newest on cycles (time desc)`,
      `create table if not exists recommendations (
         cycle_id text not null references cycles (cycle_id) on delete cascade,
         variable text not null,
         time timestamptz not null,
         valid_until timestamptz not null,
         unit text not null,
         measured double precision not null,
         recommended double precision not null,
         change double precision not null,
         limited_by text not null,
         quality text not null,
         mode text not null,
         primary key (cycle_id, variable)
       )`,
      `create index if not exists recommendations_newest on recommendations (time desc)`,
    ],
  },
];

// Any number that no other software on the server is likely to lock.
const advisoryLock = 8_005_731;

/** The table that the first step makes where nobody else has made it. */
const valuesTable = "process_data";

/**
 * Takes the steps that are missing, all or none; returns their numbers. Safe to call from many boxes
 * at once, and by a user who may not make tables once all steps are taken (roles.sql). `values` is
 * the site's own table of live values, in place of which none is made.
 */
export function migrate(
  database: Database,
  { values = valuesTable }: { readonly values?: string } = {},
): Promise<readonly number[]> {
  const wanted = migrations.filter(({ number }) => number !== 1 || values === valuesTable);
  return database.transaction(async (queries) => {
    // Held until the transaction ends, whichever way.
    await queries.query("select pg_advisory_xact_lock($1::bigint)", [advisoryLock]);
    const [table] = await queries.query("select to_regclass('setpoint_migrations') as name");
    if (table?.name === null) {
      await queries.query(
        `create table setpoint_migrations (
           number integer primary key,
           name text not null,
           applied_at timestamptz not null default now()
         )`,
      );
    }
    const rows = await queries.query("select number from setpoint_migrations");
    const taken = new Set(rows.map((row) => Number(row.number)));
    const missing = wanted.filter((migration) => !taken.has(migration.number));
    for (const migration of missing) await take(migration, queries);
    return missing.map((migration) => migration.number);
  });
}

async function take(migration: Migration, queries: Queries): Promise<void> {
  for (const statement of migration.statements) await queries.query(statement);
  await queries.query("insert into setpoint_migrations (number, name) values ($1, $2)", [
    migration.number,
    migration.name,
  ]);
}
