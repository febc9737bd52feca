/**
 * The whole service on a real PostgreSQL server to which everything happens that does. In each step:
 * cycles go on, health says what is wrong within one cycle, delivery resumes within one interval and
 * five seconds; at the end every cycle of the journal is in the database once, in order.
 *
 * SETPOINT_RESTARTS says how often the server is restarted (20 for the full figure).
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import type { Health } from "../../src/http/health.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { PostgresDatabase } from "../../src/storage/postgres_database.ts";
import { SmallDisk } from "../cycle/small_disk.ts";
import { postgresBinaries, postgresConfig, PostgresServer } from "../storage/postgres_server.ts";
import { TcpProxy } from "../storage/tcp_proxy.ts";
import { RunningBox } from "./running_box.ts";
import { databaseYaml, LIVE_VALUES, type SmallSite, writeSmallSite } from "./small_site.ts";

const RESTARTS = Number(Deno.env.get("SETPOINT_RESTARTS") ?? 2);
const INTERVAL_MS = 1_000;
/** What reading may take at the worst: the deadlines of databaseYaml, and the pool's own second. */
const READ_MS = 3_000;
const RESUME_MS = INTERVAL_MS + 5_000;

const binaries = postgresBinaries();
if (binaries === undefined) {
  console.error("IGNORED: no PostgreSQL server here (apt-get install postgresql): its faults");
}

Deno.test({
  name: "Setpoint goes on through every fault of its database, and delivers every cycle once",
  ignore: binaries === undefined,
  async fn(t) {
    const place = await Place.make(binaries ?? "");
    try {
      await t.step("with no more rights than roles.sql gives", async () => {
        await place.box.healthBecomes(({ status }) => status === "pass", 20_000);
        const [row] = await place.admin.unsafe(
          "select usename from pg_stat_activity where application_name = 'setpoint'",
        );
        assert.equal(row?.usename, "box");
      });

      await t.step("stopped", () =>
        place.survives({
          fault: () => place.server.kill(),
          mend: () => place.server.resume(),
          says: /ECONN|EPIPE|CONNECTION_|closed/i,
        }));

      await t.step(`restarted ${RESTARTS} times`, async () => {
        for (let i = 0; i < RESTARTS; i++) {
          await place.server.kill();
          await place.server.resume();
          await place.delivers();
        }
      });

      await t.step("half-open", () =>
        place.survives({
          fault: () => void (place.proxy.mode = { kind: "silent" }),
          mend: () => void (place.proxy.mode = { kind: "pass" }),
          says: /no answer within|CONNECT_TIMEOUT|CONNECTION_/,
        }));

      await t.step("slow, behind locks of others", async () => {
        const locker = postgres(place.adminUrl, { max: 1, onnotice: () => {} });
        const held = Promise.withResolvers<void>();
        const locked = Promise.withResolvers<void>();
        const lock = locker.begin(async (sql) => {
          await sql.unsafe("lock table cycles, process_data in access exclusive mode");
          locked.resolve();
          await held.promise;
        });
        await locked.promise;
        await place.survives({
          fault: () => {},
          mend: () => held.resolve(),
          says: /statement timeout|57014/,
        });
        await lock;
        await locker.end();
      });

      await t.step("out of connections", async () => {
        const hogs = postgres(place.adminUrl, { max: 20, onnotice: () => {} });
        await place.survives({
          fault: async () => {
            // All but the three that are kept for administrators; one of those is ours already.
            const [row] = await place.admin.unsafe(
              "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'box'",
            );
            assert.ok(row);
            await Promise.allSettled(
              Array.from({ length: 20 }, () => hogs.unsafe("select pg_sleep(0.2)")),
            );
          },
          mend: () => hogs.end({ timeout: 1 }),
          says: /connection|53300/,
        });
      });

      await t.step("read-only, as after a failover", () =>
        place.survives({
          fault: () => place.setReadOnly(true),
          mend: () => place.setReadOnly(false),
          says: /25006/,
        }));

      await t.step({
        name: "on a full disk",
        ignore: !SmallDisk.isPossible,
        fn: async () => {
          const disk = await SmallDisk.mount(4);
          try {
            const folder = join(disk.folder, "space");
            await Deno.mkdir(folder);
            if (Deno.uid() === 0) await Deno.chown(folder, 65534, 65534);
            await place.admin.unsafe(`create tablespace small location '${folder}'`);
            await place.admin.unsafe("alter table cycles set tablespace small");
            await place.admin.unsafe("alter table recommendations set tablespace small");
            let free = () => Promise.resolve();
            await place.survives({
              fault: async () => void (free = await disk.fill()),
              mend: () => free(),
              says: /53100|No space/,
              withinMs: 15_000,
            });
            await place.admin.unsafe("alter table cycles set tablespace pg_default");
            await place.admin.unsafe("alter table recommendations set tablespace pg_default");
            await place.admin.unsafe("drop tablespace small");
          } finally {
            await disk.remove();
          }
        },
      });

      await t.step("away when the box starts, and the box stops within its deadline", async () => {
        await place.server.kill();
        const began = performance.now();
        assert.equal(await place.box.stop(), 0);
        assert.ok(performance.now() - began < 20_000);
        await place.startBox();
        await place.box.healthBecomes(
          ({ last_cycle, started }) => last_cycle !== null && last_cycle.time > started,
          10_000,
        );
        const { last_cycle } = await place.box.health();
        assert.notEqual(last_cycle?.status, "failed");
        await place.server.resume();
        await place.delivers();
      });

      await t.step("and every cycle is there once, in order", () => place.holdsEveryCycle());
    } finally {
      await place.remove();
    }
  },
});

/** A server, a proxy before it, and the service behind that. */
class Place {
  readonly server: PostgresServer;
  readonly proxy: TcpProxy;
  readonly admin: postgres.Sql;
  readonly adminUrl: string;
  readonly #site: SmallSite;
  #box: RunningBox | undefined;

  private constructor(parts: { server: PostgresServer; proxy: TcpProxy; site: SmallSite }) {
    this.server = parts.server;
    this.proxy = parts.proxy;
    this.#site = parts.site;
    this.adminUrl = `postgres://postgres@127.0.0.1:${this.server.port}/postgres`;
    this.admin = postgres(this.adminUrl, { max: 1, onnotice: () => {} });
  }

  static async make(binaries: string): Promise<Place> {
    const server = await PostgresServer.start(binaries);
    const proxy = new TcpProxy(server.port);
    const site = await writeSmallSite({ yaml: databaseYaml(proxy.port, { user: "box" }) });
    const place = new Place({ server, proxy, site });
    const roles = await Deno.readTextFile(new URL("../../src/storage/roles.sql", import.meta.url));
    await place.admin.unsafe(roles);
    await place.admin.unsafe("create user box in role setpoint_box");
    await place.admin.unsafe("create user box_setup in role setpoint_owner");
    await place.admin.unsafe("alter user box_setup set role setpoint_owner");
    const setup = new PostgresDatabase(postgresConfig(server.port, { user: "box_setup" }));
    await migrate(setup);
    await setup.query(LIVE_VALUES);
    await setup.close();
    await place.admin.unsafe(roles);
    await place.startBox();
    return place;
  }

  get box(): RunningBox {
    if (this.#box === undefined) throw new Error("The box has not been started");
    return this.#box;
  }

  async startBox(): Promise<void> {
    this.#box = await RunningBox.start(this.#site);
  }

  /** One fault from its beginning to the last late delivery. */
  async survives(
    { fault, mend, says, withinMs = 2 * (READ_MS + INTERVAL_MS) }: {
      readonly fault: () => unknown;
      readonly mend: () => unknown;
      readonly says: RegExp;
      readonly withinMs?: number;
    },
  ): Promise<void> {
    await fault();
    try {
      await this.box.healthBecomes((health) => says.test(outputOf(health)), withinMs);
      for (let cycles = 0; cycles < 2; cycles++) {
        const before = (await this.box.health()).last_cycle?.cycle_id;
        await this.box.healthBecomes(
          ({ last_cycle }) => last_cycle?.cycle_id !== before && last_cycle?.status === "optimised",
          INTERVAL_MS + READ_MS + 2_000,
        );
      }
    } finally {
      await mend();
    }
    const ms = await this.delivers();
    console.log(`delivery resumed ${Math.round(ms)} ms after the fault`);
  }

  /** Delivery resumes in time, and health is as before. */
  delivers(): Promise<number> {
    return this.box.healthBecomes(
      ({ checks, status }) => checks.outbox?.[0]?.observedValue === 0 && status === "pass",
      RESUME_MS,
    );
  }

  async setReadOnly(on: boolean): Promise<void> {
    await this.admin.unsafe("set default_transaction_read_only = off");
    await this.admin.unsafe(
      `alter system set default_transaction_read_only = ${on ? "on" : "off"}`,
    );
    await this.admin.unsafe("select pg_reload_conf()");
  }

  async holdsEveryCycle(): Promise<void> {
    await this.box.stop();
    const journal = new DatabaseSync(join(this.#site.stateFolder, "setpoint.sqlite"), {
      readOnly: true,
    });
    const kept = journal.prepare("select cycle_id from cycles order by rowid").all();
    const ids = kept.map(({ cycle_id }) => String(cycle_id));
    assert.deepEqual(ids, ids.toSorted());
    assert.deepEqual(
      journal.prepare("select state, count(*) as n from outbox group by state").all().map((
        row,
      ) => ({ ...row })),
      [{ state: "delivered", n: ids.length }],
    );
    journal.close();
    // In the order of arrival, which the table's own numbering of its rows tells.
    const rows = await this.admin.unsafe(
      "select cycle_id, count(*)::integer as n from cycles group by cycle_id order by min(delivered_at), cycle_id",
    );
    assert.deepEqual(rows.map(({ cycle_id }) => cycle_id), ids);
    console.log(`${ids.length} cycles, each in the database once`);
  }

  async remove(): Promise<void> {
    await this.#box?.kill();
    await this.admin.end({ timeout: 1 });
    await this.proxy.close();
    await this.server.remove();
    await Deno.remove(this.#site.folder, { recursive: true });
  }
}

/** All that health says is wrong with what this test breaks. */
function outputOf({ checks }: Health): string {
  return [checks.database, checks.outbox].map((check) => check?.[0]?.output ?? "").join(" ");
}
