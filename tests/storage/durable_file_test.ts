import assert from "node:assert/strict";
import { writeDurably } from "../../src/storage/durable_file.ts";

Deno.test("writeDurably replaces a file whole, makes folders and leaves nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/a/b/c.txt`;
    await writeDurably(path, new TextEncoder().encode("one"));
    await writeDurably(path, new TextEncoder().encode("two"));
    assert.equal(await Deno.readTextFile(path), "two");
    const names = (await Array.fromAsync(Deno.readDir(`${folder}/a/b`))).map(({ name }) => name);
    assert.deepEqual(names, ["c.txt"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeDurably gives a reader the old or the new content, never a part", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/f`;
    const contents = [1, 2].map((fill) => new Uint8Array(200_000).fill(fill));
    await writeDurably(path, contents[0] ?? new Uint8Array());
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await writeDurably(path, contents[i % 2] ?? new Uint8Array());
      isWriting = false;
    })();
    let reads = 0;
    while (isWriting) {
      const bytes = await Deno.readFile(path);
      assert.equal(bytes.length, 200_000);
      assert.ok(bytes.every((byte) => byte === bytes[0]));
      reads++;
    }
    await writing;
    assert.ok(reads > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeDurably leaves the old file and no other when it cannot write", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/is-a-folder/x`, { recursive: true });
    await assert.rejects(writeDurably(`${folder}/is-a-folder`, new Uint8Array(3)));
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(names, ["is-a-folder"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
