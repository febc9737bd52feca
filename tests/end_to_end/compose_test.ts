/**
 * The kiln's compose file: what it promises of every service, and its services as plain processes
 * with the same configuration, through the life of two versions.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Recommendation } from "../../src/cycle/recommendation.ts";
import { loadConfig } from "../../src/config.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { isInstalled } from "../programs.ts";
import { postgresBinaries } from "../storage/postgres_server.ts";
import { LocalServices, readCompose } from "./compose_file.ts";
import {
  openSql,
  startBoxService,
  startPostgres,
  startPrometheus,
  startStore,
} from "./compose_processes.ts";
import type { ServiceProcess } from "./compose_processes.ts";
import { until } from "./running_box.ts";
import { versitygwBinary } from "./versitygw_server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SITE = join(ROOT, "strategies/cement-kiln");
const HASHES = {
  SETPOINT_OPERATOR_SHA256: "0".repeat(64),
  SETPOINT_METRICS_SHA256: "1".repeat(64),
};

Deno.test("compose.yaml gives every service the least that it needs, and a limit", async () => {
  const { services } = await readCompose(join(SITE, "compose.yaml"));
  for (const [name, service] of Object.entries(services)) {
    assert.equal(service.restart, "always", name);
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ["ALL"], name);
    assert.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
    assert.match(service.mem_limit ?? "", /^\d+[mg]$/, name);
    const isOpen = (service.ports ?? []).filter((port) => !port.startsWith("127.0.0.1:"));
    assert.deepEqual(isOpen, name === "setpoint" ? ["8005:8005"] : [], name);
    for (const value of Object.values(service.environment ?? {})) {
      assert.doesNotMatch(String(value), /password=|secret=/i, name);
    }
  }
});

Deno.test("compose.yaml and compose.development.yaml name only files, volumes and secrets that are there", async () => {
  const whole = await readCompose(join(SITE, "compose.yaml"));
  const development = await readCompose(join(SITE, "compose.development.yaml"));
  const script = await Deno.readTextFile(join(SITE, "secrets.sh"));
  for (const [name, { file }] of Object.entries(whole.secrets)) {
    assert.equal(file, `secrets/${name}`);
    assert.match(script, new RegExp(`\\b${name}\\b`), `secrets.sh makes no ${name}`);
  }
  for (const { services } of [whole, development]) {
    for (const [name, { secrets = [], volumes = [] }] of Object.entries(services)) {
      assert.ok(name in whole.services, name);
      for (const secret of secrets) assert.ok(secret in whole.secrets, secret);
      for (const volume of volumes) {
        const [from = ""] = volume.split(":");
        if (from.startsWith(".")) await Deno.stat(join(SITE, from));
        else assert.ok(from in whole.volumes, from);
      }
    }
  }
});

Deno.test("config.docker.yaml and config.development.yaml are right, secrets coming from files alone", () => {
  const whole = loadConfig({ path: join(SITE, "config.docker.yaml"), env: HASHES });
  assert.equal(whole.api.isOpen, false);
  assert.deepEqual(whole.api.tokens.map(({ role }) => role), ["engineer", "read"]);
  assert.ok(whole.storage.kind === "minio" && whole.database.kind === "postgres");
  assert.equal(whole.storage.accessKey.kind, "file");
  assert.equal(whole.storage.secretKey.kind, "file");
  assert.equal(whole.database.password?.kind, "file");
  const development = loadConfig({ path: join(SITE, "config.development.yaml"), env: {} });
  assert.equal(development.feed?.kind, "simulator");
  assert.equal(development.state.folder, "/var/lib/setpoint");
});

const missing = [
  ...(postgresBinaries() === undefined ? ["a PostgreSQL server"] : []),
  ...(versitygwBinary() === undefined ? ["versitygw"] : []),
];
if (missing.length > 0) {
  console.error(`IGNORED: no ${missing.join(" and no ")} here: the compose file's services`);
}

Deno.test({
  name: "compose.yaml's services take a version, optimise, take the next one and go back",
  ignore: missing.length > 0,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-compose-" });
    // The database's user looks into it.
    await Deno.chmod(folder, 0o755);
    const running: ServiceProcess[] = [];
    try {
      const services = await prepare(folder);
      running.push(await startPostgres(services), await startStore(services));
      running.push(await startBoxService(services));
      const hasPrometheus = isInstalled("prometheus");
      if (!hasPrometheus) {
        console.error("IGNORED: no Prometheus here: its part of the compose file");
      }
      // Early: its first look at the box comes after up to 15 s.
      if (hasPrometheus) running.push(await startPrometheus(services));
      const operator = await secret(folder, "operator_token");
      const url = `http://127.0.0.1:${services.port("setpoint", 8005)}`;
      const ask = async (path: string, init: RequestInit = {}) => {
        const headers = { authorization: `Bearer ${operator}`, "content-type": "application/json" };
        const response = await fetch(url + path, { ...init, headers });
        return { status: response.status, body: await response.json() };
      };
      /** Asks for the newest version; on a busy machine it is tried for longer than a client waits. */
      const takeNewest = async (version: string) => {
        const body = '{"version": "newest"}';
        const answer = await ask("/strategy/activate", { method: "POST", body });
        assert.ok([200, 202].includes(answer.status), JSON.stringify(answer.body));
        const inForce = async () => (await ask("/strategy")).body.version;
        if (answer.status === 202) await until(inForce, (found) => found === version);
        assert.equal(await inForce(), version);
      };
      const config = services.place("setpoint", "/etc/setpoint/config.yaml") ?? "";
      const command = (...args: string[]) => runTask(args, config, services);

      await t.step("nobody without a token gets in, and no version is there yet", async () => {
        const stranger = await fetch(`${url}/recommendations/latest`);
        await stranger.body?.cancel();
        assert.equal(stranger.status, 401);
        assert.equal((await ask("/health")).body.version ?? null, null);
      });

      await t.step("a version is published into the store and taken", async () => {
        await command("publish", "strategies/cement-kiln", "--version", "1");
        await takeNewest("1");
      });

      await t.step("live values come from the database, and cycles go into it", async () => {
        const sql = await openSql(services);
        try {
          // The box makes its tables with its first cycle.
          await until(
            () => sql`select to_regclass('process_data') as name`,
            ([row]) => row?.name !== null,
          );
          const values = [...createPlant(1).step(5, new Map())];
          for (const [tag, value] of values) {
            await sql`insert into process_data (time, tag, value, quality)
                      values (now(), ${tag}, ${value}, 'good')`;
          }
          const { status, body } = await ask("/optimize", { method: "POST", body: "{}" });
          const recommendation = body as Recommendation;
          assert.equal(status, 200, JSON.stringify(body));
          assert.equal(recommendation.status, "optimised", String(recommendation.reason));
          const id = recommendation.cycle_id;
          await until(
            () => sql`select status from cycles where cycle_id = ${id}`,
            (rows) => rows[0]?.status === "optimised",
          );
        } finally {
          await sql.end();
        }
      });

      await t.step("the next version is taken, and rolled back for every box", async () => {
        await command("publish", "strategies/cement-kiln", "--version", "2");
        await takeNewest("2");
        await command("rollback", "strategies/cement-kiln");
        await takeNewest("1");
        const answer = await ask("/optimize", { method: "POST", body: "{}" });
        assert.equal(answer.body.status, "optimised", String(answer.body.reason));
        assert.equal(answer.body.version, "1");
      });

      await t.step({
        name: "Prometheus reads the box with its own token and knows the alert rules",
        ignore: !hasPrometheus,
        async fn() {
          const prometheus = `http://127.0.0.1:${services.port("prometheus", 9090)}/api/v1`;
          const json = async (path: string) => await (await fetch(prometheus + path)).json();
          const { data } = await until(
            () => json("/targets"),
            (answer) => answer.data.activeTargets[0]?.health === "up",
          );
          assert.equal(data.activeTargets.length, 1);
          const rules = (await json("/rules")).data.groups[0].rules as { name: string }[];
          assert.ok(rules.some(({ name }) => name === "SetpointDown"));
        },
      });

      await t.step("every service stops in order", async () => {
        for (const service of running.toReversed()) {
          const code = await service.stop();
          if (service.name !== "store") assert.equal(code, 0, `${service.name}\n${service.output}`);
        }
      });
    } finally {
      await Promise.all(running.map((service) => service.stop()));
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Secrets and `.env` as the site's own script makes them. */
async function prepare(folder: string): Promise<LocalServices> {
  await Deno.copyFile(join(SITE, "secrets.sh"), join(folder, "secrets.sh"));
  const { success, stderr } = await new Deno.Command("sh", { args: [join(folder, "secrets.sh")] })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const lines = (await Deno.readTextFile(join(folder, ".env"))).trim().split("\n");
  return new LocalServices(await readCompose(join(SITE, "compose.yaml")), {
    site: SITE,
    folder,
    variables: Object.fromEntries(lines.map((line) => line.split("=", 2))),
  });
}

async function secret(folder: string, name: string): Promise<string> {
  return (await Deno.readTextFile(join(folder, "secrets", name))).trim();
}

/** A task of deno.json as a person runs it, in the box's environment. */
async function runTask(
  args: readonly string[],
  config: string,
  services: LocalServices,
): Promise<void> {
  const [name = "", ...rest] = args;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `src/${name}_command.ts`, ...rest, "--config", config],
    cwd: ROOT,
    env: services.environment("setpoint"),
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, `${name}: ${said}`);
}
