import assert from "node:assert/strict";
import { BuildError, sha256 } from "../../native/build_commands.ts";
import { sourceArchive } from "../../native/build_ipopt_source.ts";
import type { SourceWish } from "../../native/build_ipopt_source.ts";

const NOWHERE: SourceWish = { archive: undefined, sha256: undefined, cargoHome: "/nonexistent" };

/** Runs a test with an archive of unknown contents in a folder of its own. */
async function withArchive(
  test: (place: { folder: string; archive: string; digest: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const archive = `${folder}/ipopt.tar.gz`;
    const bytes = Uint8Array.of(31, 139, 8, 0);
    await Deno.writeFile(archive, bytes);
    await test({ folder, archive, digest: await sha256(bytes) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("sourceArchive refuses an unknown archive and says how to trust it", async () => {
  await withArchive(async ({ folder, archive, digest }) => {
    await assert.rejects(
      sourceArchive({ ...NOWHERE, archive }, folder),
      (error) =>
        error instanceof BuildError && error.message.includes(digest) &&
        error.message.includes("SETPOINT_IPOPT_SHA256"),
    );
  });
});

Deno.test("sourceArchive takes an archive with the digest that the site names", async () => {
  await withArchive(async ({ folder, archive, digest }) => {
    const found = await sourceArchive({ ...NOWHERE, archive, sha256: digest }, folder);
    assert.deepEqual(found, { path: archive, sha256: digest, from: archive });
  });
});

Deno.test("sourceArchive refuses an archive that is not the one that was named", async () => {
  await withArchive(async ({ folder, archive, digest }) => {
    await assert.rejects(
      sourceArchive({ ...NOWHERE, archive, sha256: "0".repeat(64) }, folder),
      (error) => error instanceof BuildError && error.message.includes(digest),
    );
  });
});

Deno.test("sourceArchive says which archive is not there", async () => {
  await withArchive(async ({ folder, archive }) => {
    await assert.rejects(
      sourceArchive({ ...NOWHERE, archive: `${archive}.other` }, folder),
      /There is no archive .*other: correct SETPOINT_IPOPT/,
    );
  });
});

Deno.test("sourceArchive takes an archive from a mirror, and a refusal there for what it is", async () => {
  await withArchive(async ({ folder, archive, digest }) => {
    const bytes = await Deno.readFile(archive);
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) =>
        request.url.endsWith(".tar.gz") ? new Response(bytes) : new Response("", { status: 404 }),
    );
    const mirror = `http://127.0.0.1:${server.addr.port}`;
    const wish = { ...NOWHERE, sha256: digest };
    const found = await sourceArchive({ ...wish, archive: `${mirror}/ipopt.tar.gz` }, folder);
    assert.equal(found?.sha256, digest);
    await assert.rejects(
      sourceArchive({ ...wish, archive: `${mirror}/none` }, folder),
      /answered 404/,
    );
  });
});
