import assert from "node:assert/strict";
import { parseConfig } from "../../src/config.ts";
import { openDatabase, openObjectStore } from "../../src/storage/open_storage.ts";

Deno.test("openObjectStore and openDatabase give what the configuration names", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/config.yaml`;
    const embedded = parseConfig("", { path, env: {} });
    assert.equal(openObjectStore(embedded.storage).place, folder);
    const pglite = await openDatabase(embedded.database);
    assert.equal((await pglite.query("select 1 as one"))[0]?.one, 1);
    assert.ok((await Deno.stat(`${folder}/state/database/PG_VERSION`)).isFile);
    await pglite.close();

    const text = `
storage: { minio: { endpoint: "https://s3.plant", bucket: models, secret_key: s3cr3t } }
database: { host: db, dbname: process_db, password: s3cr3t }`;
    const far = parseConfig(text, { path, env: {} });
    const postgres = await openDatabase(far.database);
    const places = [openObjectStore(far.storage).place, postgres.place];
    assert.deepEqual(places, ["minio://s3.plant:443/models", "postgres://db:5432/process_db"]);
    await postgres.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
