import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { verifyBundles } from "../src/cache_command.ts";
import { PublishError } from "../src/cycle/publish.ts";
import { doctorCommand } from "../src/doctor_command.ts";
import { publishCommand } from "../src/publish_command.ts";
import { rollbackCommand } from "../src/rollback_command.ts";
import { readPointer } from "../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../src/storage/folder_object_store.ts";
import { versionsCommand } from "../src/versions_command.ts";
import { BundleBox } from "./storage/bundle_box.ts";
import { ENTRY, inFolder, publishSmall, smallStrategy } from "./storage/small_versions.ts";

const TURBINE = fileURLToPath(new URL("../strategies/gas-turbine", import.meta.url));

/** A command's exit code and the lines that it printed. */
async function run(
  command: (args: string[], terminal: { say: (line: string) => void }) => Promise<number>,
  ...args: string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  const code = await command(args, { say: (line) => lines.push(line) });
  return { code, text: lines.join("\n") };
}

async function pointed(folder: string): Promise<string | undefined> {
  return (await readPointer(new FolderObjectStore(folder))).pointer?.version;
}

Deno.test("publishCommand publishes what a box takes, and rollbackCommand takes it back, signed or not", () =>
  inFolder(async (folder) => {
    const [to, key] = [`${folder}/store`, `${folder}/publisher.pem`];
    assert.equal((await run(publishCommand, "--new-key", key)).code, 0);
    await assert.rejects(run(publishCommand, "--new-key", key), Deno.errors.AlreadyExists);
    const first = await run(publishCommand, TURBINE, "--version", "1", "--to", to);
    assert.equal(first.code, 0);
    assert.match(first.text, /7\/7 .*\n.*described.*\nread back and verified\nin force/);
    const signed = ["--key", key, "--expires", "90d"];
    await run(publishCommand, TURBINE, "--version", "2", "--to", to, ...signed);
    assert.equal(await pointed(to), "2");
    for (const version of ["1", "2"]) {
      await assert.rejects(
        run(publishCommand, TURBINE, "--version", version, "--to", to),
        PublishError,
      );
    }
    const listed = await run(versionsCommand, TURBINE, "--to", to);
    assert.match(listed.text, /\* 2 {2}gas-turbine, .*until.*does not trust\n {2}1 .*unsigned/);

    await run(rollbackCommand, TURBINE, "--to", to);
    assert.equal(await pointed(to), "1");
    await assert.rejects(run(rollbackCommand, TURBINE, "--to", to), /there is no version before/);
    await run(rollbackCommand, TURBINE, "--to", to, "--version", "2", "--key", key);
    assert.equal(await pointed(to), "3", "the content of 2 under the next number");
    await assert.rejects(run(rollbackCommand, TURBINE, "--to", to, "--version", "9"), /no 9/);
  }));

Deno.test("publishCommand changes nothing where the site has a fault, and wants to be told where to", () =>
  inFolder(async (folder) => {
    const site = `${folder}/site`;
    await Deno.mkdir(site);
    await Deno.writeTextFile(`${site}/config.yaml`, `optimization: { config_file: ${ENTRY} }\n`);
    await Deno.writeTextFile(`${site}/${ENTRY}`, smallStrategy(1).replace("loss,", "lost,"));
    await assert.rejects(run(publishCommand, site, "--version", "1"), /--to FOLDER/);
    const to = `${folder}/store`;
    await assert.rejects(run(publishCommand, site, "--version", "1", "--to", to), /lost/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(to)), []);
    assert.equal((await run(publishCommand, site, "--version", "none", "--to", to)).code, 2);
    const own = await run(versionsCommand, site);
    assert.deepEqual([own.code, /one version, local/.test(own.text)], [0, true]);
    assert.match((await run(publishCommand, "--help")).text, /deno task publish/);
  }));

Deno.test("verifyBundles and doctorCommand name what is damaged, with the cure", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/store`);
    const store = new FolderObjectStore(`${folder}/store`);
    await publishSmall(store, 1);
    await Deno.writeTextFile(
      `${folder}/config.yaml`,
      `api: { port: 1 }
optimization: { config_file: ${ENTRY} }
storage: { folder: store }
database: { host: 127.0.0.1, port: 1, dbname: none }
`,
    );
    const config = ["--config", `${folder}/config.yaml`];
    const box = await BundleBox.open({ store, folder: `${folder}/state/bundles` });
    await box.active.refresh();
    await box.close();
    const whole = await verifyBundles(`${folder}/state`);
    assert.deepEqual([whole.code, /\* 1 .*whole\n1 generations/.test(whole.text)], [0, true]);
    const well = await run(doctorCommand, ...config);
    assert.match(
      well.text,
      /WRONG database .*\nok {4}live values .*see database\n(ok .*\n){4}.*does not run.*\n1 of 17 are wrong$/,
    );

    const [blob] = await Array.fromAsync(Deno.readDir(`${folder}/state/bundles/blobs/sha256`));
    await Deno.writeTextFile(`${folder}/state/bundles/blobs/sha256/${blob!.name}`, "damaged");
    const damaged = await verifyBundles(`${folder}/state`);
    assert.equal(damaged.code, 1);
    assert.match(damaged.text, /missing or damaged on disk: the store gives it again/);
    await Deno.remove(`${folder}/store`, { recursive: true });
    const ill = await run(doctorCommand, ...config);
    assert.equal(ill.code, 1);
    assert.match(ill.text, /WRONG object store .*Cure: See that the folder exists/);
    assert.match(ill.text, /WRONG bundles on disk/);
  }));
