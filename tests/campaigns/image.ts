/**
 * The edge image from Dockerfile.edge: built, measured and run as an engine would run it, with a real
 * database and S3 server beside it, which then go away. As root, with buildah and debootstrap.
 *
 *   deno run -A tests/campaigns/image.ts [FOLDER]     (FOLDER keeps the base images; some 3 minutes)
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CycleRecord, Recommendation } from "../../src/cycle/recommendation.ts";
import type { MinioStorage } from "../../src/config_storage.ts";
import { until } from "../end_to_end/running_box.ts";
import { minioBinary, MinioServer } from "../storage/minio_server.ts";
import { freePort, postgresBinaries, PostgresServer } from "../storage/postgres_server.ts";
import { s3sBinary, S3sServer } from "../storage/s3s_server.ts";
import { stopForHelp } from "./campaign_help.ts";
import { ImageBuild } from "./image_build.ts";
import type { BuiltImage } from "./image_build.ts";
import { ImageRoot } from "./image_root.ts";

const MOST_BYTES = 350e6;
const README_REQUEST = {
  input_data: {
    Kiln_Feed_SFF_1_Feed_rate: 85.0,
    Kiln_Coal_PV: 8.5,
    Calciner_temperature_PV: 875.0,
  },
};

/** Builds in `folder` and runs; throws at the first thing that is not as it must be. */
export async function imageCampaign(folder: string, say: (line: string) => void): Promise<void> {
  const build = new ImageBuild(folder, { say });
  try {
    const image = await build.build();
    say(`${(image.bytes / 1e6).toFixed(0)} MB in all layers`);
    assert.ok(image.bytes < MOST_BYTES, `the image has ${image.bytes} bytes`);
    await holdsOnlyWhatRuns(image, say);
    await smoke(image, say);
  } finally {
    await build.close();
  }
}

async function holdsOnlyWhatRuns({ root, config }: BuiltImage, say: (line: string) => void) {
  const has = (path: string) => Deno.stat(join(root, path)).then(() => true, () => false);
  for (const path of ["usr/bin/cc", "usr/bin/g++", "usr/bin/make", "opt/setpoint/.deno/npm"]) {
    assert.equal(await has(path), false, `${path} is in the image`);
  }
  const libraries = await filesUnder(join(root, "opt/setpoint/node_modules"), /libonnxruntime/);
  assert.equal(libraries.length, 1, libraries.join("\n"));
  assert.match(libraries[0] ?? "", Deno.build.arch === "x86_64" ? /linux\/x64/ : /linux\/arm64/);
  for (
    const [what, ...paths] of [
      ["Deno", "usr/local/bin/deno"],
      ["ONNX Runtime", "opt/setpoint/node_modules/.deno/onnxruntime-node@1.30.0"],
      ["all packages with it", "opt/setpoint/node_modules"],
      ["prepared modules", "opt/setpoint/.deno"],
      ["Debian with BLAS and MUMPS", "usr/lib", "usr/bin", "usr/sbin", "usr/share", "etc", "var"],
    ]
  ) {
    const bytes = await Promise.all(paths.map((path) => sizeOf(join(root, path))));
    say(`  ${what}: ${(bytes.reduce((sum, part) => sum + part) / 1e6).toFixed(0)} MB`);
  }
  assert.notEqual(config.user, "");
  assert.deepEqual(config.volumes, ["/var/lib/setpoint"]);
  assert.equal(config.labels["org.opencontainers.image.title"], "Setpoint");
}

async function smoke(image: BuiltImage, say: (line: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-image-" });
  await Deno.chmod(folder, 0o755);
  const postgres = await PostgresServer.start(postgresBinaries() ?? "");
  const minio = minioBinary();
  const store = minio === undefined
    ? await S3sServer.start(s3sBinary() ?? "")
    : await MinioServer.start(minio);
  const port = freePort();
  const files = { "config.yaml": configYaml(store.storage, { port, database: postgres.port }) };
  const root = await ImageRoot.make(image, { folder, files });
  let box: BoxInImage | undefined;
  let areThere = true;
  const url = `http://127.0.0.1:${port}`;
  try {
    const whoami = await root.run("sh", "-c", "id -u; touch /opt/setpoint/x; touch /tmp/x");
    assert.match(whoami.text, /^10001$/m);
    assert.equal(whoami.text.match(/Read-only file system/g)?.length, 2, whoami.text);
    say("runs as user 10001 on a read-only root");

    const published = await root.run(
      ...["deno", "task", "--quiet", "publish", "strategies/cement-kiln", "--version", "1"],
      ...["--config", "/etc/setpoint/config.yaml"],
    );
    assert.equal(published.code, 0, published.text);
    say("a version is published from inside");

    box = await BoxInImage.start(root);
    const first = await optimised(url, box);
    assert.equal((await json(`${url}/health`)).version, "1");
    const health = await root.run(...image.config.healthcheck.slice(1));
    assert.equal(health.code, 0, health.text);
    const answer = await optimize(url);
    assert.equal(answer.status, "optimised", String(answer.reason));
    say(`first cycle ${first.status}, POST /optimize ${answer.status}, health check passes`);

    assert.equal(await box.stop(), 0);
    box = await BoxInImage.start(root);
    const kept = await json(`${url}/cycles/${answer.cycle_id}`);
    assert.equal(kept.recommendation.cycle_id, answer.cycle_id);
    say("stopped with 0; its cycles are there after a restart");

    // What an operator could read off his instruments, once the values are no longer in the database.
    const { snapshot } = await json(`${url}/cycles/${first.cycle_id}`) as CycleRecord;
    const instruments = Object.fromEntries(
      snapshot.map(({ variable, value }) => [variable, value]),
    );
    await postgres.remove();
    await store.remove();
    areThere = false;
    const held = await until(
      () => json(`${url}/health`),
      ({ checks }) => checks.object_store[0].status !== "pass",
      120,
    );
    const away = await optimize(url, { input_data: instruments });
    assert.equal(away.status, "optimised", String(away.reason));
    say(`store and database away: health ${held.status}, POST /optimize ${away.status}`);

    assert.equal(await box.stop(), 0);
    box = await BoxInImage.start(root);
    const later = await json(`${url}/health`);
    assert.equal(later.version, "1", "the version comes from the disk");
    const still = await optimize(url, { input_data: instruments });
    assert.equal(still.status, "optimised", String(still.reason));
    say(`restarted without them: version ${later.version}, POST /optimize ${still.status}`);
    assert.equal(await box.stop(), 0);

    box = await BoxInImage.start(root, { isAlone: true });
    say("starts without any network");
    assert.equal(await box.stop(), 0);
    box = undefined;
  } finally {
    await box?.stop();
    if (areThere) await Promise.all([postgres.remove(), store.remove()]);
    await Deno.remove(folder, { recursive: true });
  }
}

function configYaml(
  { accessKey, secretKey, ...store }: MinioStorage,
  { port, database }: { readonly port: number; readonly database: number },
): string {
  assert.ok(accessKey.kind === "text" && secretKey.kind === "text");
  return `api: { host: 127.0.0.1, port: ${port} }
optimization: { interval_seconds: 300, mode: active }
storage:
  minio:
    endpoint: "${store.host}:${store.port}"
    bucket: ${store.bucket}
    access_key: ${accessKey.secret}
    secret_key: ${secretKey.secret}
bundles: { poll_seconds: 5 }
database:
  { host: 127.0.0.1, port: ${database}, dbname: postgres, user: postgres, connect_timeout_seconds: 1, query_timeout_seconds: 2 }
state: { folder: /var/lib/setpoint }
feed:
  simulator:
    { module: /opt/setpoint/strategies/cement-kiln/simulator.ts, period_seconds: 2, follow_recommendations: true }
`;
}

/** The service in the image's root, until it listens; its whole log is kept for the message of a fault. */
class BoxInImage {
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  #output = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#read = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
  }

  static async start(root: ImageRoot, options: { isAlone?: boolean } = {}): Promise<BoxInImage> {
    const box = new BoxInImage(root.start(options));
    const listens = () => Promise.resolve(box.#output.includes("Setpoint listens on"));
    try {
      await until(listens, Boolean, 60);
    } catch (cause) {
      await box.stop();
      throw new Error(`The image does not serve:\n${box.#output}`, { cause });
    }
    return box;
  }

  get output(): string {
    return this.#output;
  }

  async stop(): Promise<number> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    const { code } = await this.#child.status;
    await this.#read;
    return code;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#output += decoder.decode(bytes, { stream: true });
  }
}

async function optimised(url: string, box: BoxInImage): Promise<Recommendation> {
  try {
    return await until(
      () => json(`${url}/recommendations/latest`),
      (latest) => latest.status === "optimised",
      60,
    );
  } catch (cause) {
    throw new Error(box.output, { cause });
  }
}

async function optimize(url: string, body: unknown = README_REQUEST): Promise<Recommendation> {
  const response = await fetch(`${url}/optimize`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

async function json(url: string) {
  return await (await fetch(url)).json();
}

async function filesUnder(folder: string, pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await filesUnder(path, pattern));
    else if (pattern.test(name)) found.push(path);
  }
  return found;
}

async function sizeOf(path: string): Promise<number> {
  const { isDirectory, size } = await Deno.lstat(path);
  if (!isDirectory) return size;
  let sum = 0;
  for await (const { name } of Deno.readDir(path)) sum += await sizeOf(join(path, name));
  return sum;
}

if (import.meta.main) {
  stopForHelp("campaign:image", { words: true });
  const given = Deno.args[0];
  const folder = given ?? await Deno.makeTempDir({ prefix: "setpoint-images-" });
  await Deno.mkdir(folder, { recursive: true });
  try {
    await imageCampaign(folder, (line) => console.log(line));
    console.log(`passed, from ${fileURLToPath(new URL("../..", import.meta.url))}`);
  } finally {
    if (given === undefined) await Deno.remove(folder, { recursive: true });
  }
}
