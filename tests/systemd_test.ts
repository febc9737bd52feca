import assert from "node:assert/strict";
import { openNotifier } from "../src/systemd.ts";

Deno.test("openNotifier tells systemd of readiness, life and the end", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/systemd.sock`;
  const systemd = Deno.listenDatagram({ transport: "unixpacket", path });
  const hear = async () => new TextDecoder().decode((await systemd.receive())[0]);
  const faults: unknown[] = [];
  try {
    const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "40000" };
    const notifier = openNotifier(env, {
      folder: `${folder}/state`,
      failed: (error) => faults.push(error),
    });
    assert.ok(notifier);
    notifier.ready();
    assert.equal(await hear(), "READY=1");
    assert.equal(await hear(), "WATCHDOG=1");
    assert.equal(await hear(), "WATCHDOG=1");
    notifier.stopping();
    while (await hear() !== "STOPPING=1");
    notifier.close();
    assert.deepEqual(faults, []);
  } finally {
    systemd.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openNotifier is absent without systemd, and says what it cannot send", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(
      openNotifier({}, { folder, failed: (error) => assert.fail(String(error)) }),
      undefined,
    );
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const notifier = openNotifier({ NOTIFY_SOCKET: `${folder}/nobody` }, {
      folder,
      failed: resolve,
    });
    notifier?.ready();
    assert.ok(await promise instanceof Error);
    notifier?.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
